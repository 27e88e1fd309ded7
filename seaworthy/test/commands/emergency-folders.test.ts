import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { usePrivateCache } from '../postgres/private-places.ts'
import { Project, seaworthy } from './cli.ts'

const places = usePrivateCache()
let project: Project
beforeAll(() => {
  const table = (name: string): string => `CREATE TABLE ${name} (id bigint PRIMARY KEY);\n`
  const { privateKey } = generateKeyPairSync('ed25519')
  const files = ['migrations', 'other/migrations', 'third/migrations'].flatMap((folder) => [
    [`${folder}/001_a.sql`, table('a')],
    [`${folder}/002_b.sql`, table('b')],
  ])
  project = new Project({ ...Object.fromEntries(files), '.gitignore': 'out/\n', 'out/here': '' })
  project.write({ 'out/k': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() })
  chmodSync(project.at('out/k'), 0o600)
  git('init', '-q', '-b', 'main')
  git('add', '-A')
  git('commit', '-q', '-m', 'before')
  project.write({ 'migrations/003_c.sql': table('c'), 'other/migrations/003_c.sql': table('c') })
  git('add', '-A')
  git('commit', '-q', '-m', 'what goes past')
})
afterAll(() => {
  project[Symbol.dispose]()
  places.remove()
})

function git(...args: string[]): void {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.org']
  execFileSync('git', [...who, ...args], { cwd: project.root, stdio: 'pipe' })
}

async function mustRun(...args: string[]): Promise<string> {
  const ran = await seaworthy(args, project.root, { SEAWORTHY_STATE: project.at('out/state.db') })
  if (ran.code !== 0) throw new Error(`${args.join(' ')}: ${ran.code}\n${ran.stdout}${ran.stderr}`)
  return ran.stdout
}

let bundles = 0
/** The emergencies that a passing certificate for a deploy closes. */
async function closedBy(...args: string[]): Promise<unknown> {
  const signing = ['--action', 'deploy', '--evidence', `out/${++bundles}`, '--sign', 'out/k', '--json']
  const { verdict, evidence } = JSON.parse(await mustRun('check', ...args, ...signing))
  expect(verdict).toBe('pass')
  return evidence.certificate.closes
}

it('an emergency is closed once each folder that went past was judged, and not by a pass on another one', async () => {
  project.write({ 'out/policy.json': await mustRun('policy') })
  const admit = ['admit', '--action', 'deploy', '--policy', 'out/policy.json']
  await mustRun(...admit, '--emergency', 'login is down since 02:10, decided by Ada')
  expect(await closedBy('other/migrations', '--baseline', '002')).toBeUndefined()
  // What is left out by name may be what went past, and what is compared with itself has nothing new.
  expect(await closedBy('third/migrations', '--baseline', '002')).toBeUndefined()
  expect(await closedBy('migrations', 'third/migrations', '--since', 'HEAD')).toBeUndefined()
  expect(await closedBy('migrations', '--baseline', '002')).toBeUndefined()
  // Git says of a commit before that nothing of the third one is new.
  expect(await closedBy('third/migrations', '--since', 'HEAD~1')).toEqual([1])
  const { entries } = JSON.parse(await mustRun('ledger', '--json', '--kind', 'emergency'))
  expect(entries[0].content.folders).toEqual(
    ['migrations', 'other/migrations', 'third/migrations'].map((folder) => ({
      folder,
      digest: expect.stringMatching(/^sha256:/),
    })),
  )
}, 120_000)
