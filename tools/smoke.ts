/**
 * Installs the packed package, without install scripts, into an empty folder and lets it judge a small repository there:
 * a good migration passes, a bad one is refused. Run after the build.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const root = path.dirname(import.meta.dirname)
const folder = mkdtempSync(path.join(tmpdir(), 'seaworthy-smoke-'))

function run(command: string, args: string[], cwd: string): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000 })
  return { code: status, output: `${stdout}${stderr}` }
}

function expectRun(what: string, ran: { code: number | null; output: string }, code: number, says: string): void {
  if (ran.code === code && ran.output.includes(says)) {
    process.stdout.write(`smoke: ${what}: as it should be\n`)
    return
  }
  throw new Error(`${what}: expected exit ${code} and "${says}", got exit ${ran.code}\n${ran.output}`)
}

try {
  expectRun(
    'npm pack',
    run('npm', ['pack', '--silent', '--pack-destination', folder], path.join(root, 'seaworthy')),
    0,
    '.tgz',
  )
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack made no tarball')
  const project = path.join(folder, 'project')
  mkdirSync(path.join(project, 'migrations'), { recursive: true })
  writeFileSync(path.join(project, 'package.json'), '{"name":"smoke","version":"1.0.0","private":true}\n')
  const install = ['install', '--silent', '--ignore-scripts', '--no-audit', '--no-fund', path.join(folder, tarball)]
  expectRun('npm install --ignore-scripts', run('npm', install, project), 0, '')

  const check = (): { code: number | null; output: string } =>
    run('npx', ['--no-install', 'seaworthy', 'check', '--no-color'], project)
  expectRun('no migrations', check(), 4, 'no migrations')
  writeFileSync(path.join(project, 'migrations/001_cases.up.sql'), 'CREATE TABLE cases (id bigint PRIMARY KEY);\n')
  expectRun('a good migration', check(), 0, 'PASS')
  writeFileSync(path.join(project, 'migrations/002_docket.up.sql'), 'CREATE INDEX cases_docket ON cases (docket_no);\n')
  expectRun('a bad migration', check(), 1, '42703')
  const explained = run('npx', ['--no-install', 'seaworthy', 'explain', 'apply/migration-fails'], project)
  expectRun('the page of a finding', explained, 0, 'apply/migration-fails')
  const ledger = (...args: string[]): { code: number | null; output: string } =>
    run('npx', ['--no-install', 'seaworthy', 'ledger', ...args, '--state', 'state.db'], project)
  expectRun('a ledger is begun', ledger('init'), 0, 'an empty ledger')
  expectRun('and verified', ledger('verify'), 4, 'empty')
  const config =
    "import { defineConfig } from 'seaworthy'\nexport default defineConfig({ roles: 'single', profile: 'additive' })\n"
  writeFileSync(path.join(project, 'seaworthy.config.ts'), config)
  expectRun('a configuration', check(), 1, '42703')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
