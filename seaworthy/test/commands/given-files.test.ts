import { symlinkSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { givenFiles, type ReliedOn } from '../../src/commands/check/given-files.ts'
import type { GivenFile } from '../../src/gate/given.ts'
import { Repository } from '../../src/git/repository.ts'
import { gitEnv, ScratchRepository } from '../git/scratch-repository.ts'
import { usePrivateCache } from '../postgres/private-places.ts'
import { seaworthy } from './cli.ts'

const places = usePrivateCache()
afterAll(() => places.remove())

const NONE = { shape: null, workload: null, seedSql: null, answers: null }

async function ask(root: string, relied: Partial<ReliedOn>, since: string | null = null): Promise<GivenFile[]> {
  const repository = await Repository.open(root, gitEnv)
  const around = { root, repository, env: gitEnv }
  return await givenFiles(around, { configuration: null, inputs: NONE, folders: [], ...relied }, since)
}
const short = (given: readonly GivenFile[]): string[] => given.map((one) => `${one.as} ${one.file} ${one.change}`)

/** A repository whose branch `release` has changed all of it. */
function release(): ScratchRepository {
  const scratch = new ScratchRepository()
  scratch.commit({
    'shape.json': '{}',
    'w.sql': 'select 1;',
    'seaworthy.config.json': '{}',
    'same.csv': 'version\n1\n',
  })
  scratch.git('checkout', '-q', '-b', 'release')
  scratch.commit({ 'shape.json': '{"small":1}', 'w.sql': '', 'seaworthy.config.json': '{"all":true}', 'rows.sql': 'x' })
  return scratch
}

describe('files that came with the release that they help to judge', () => {
  it('are told: edited, new; what stands as it was, or is not part of the candidate, is not', async () => {
    using scratch = release()
    scratch.write('answers.json', '{}')
    const at = (file: string): string => path.join(scratch.root, file)
    const relied = {
      configuration: at('seaworthy.config.json'),
      inputs: { shape: at('shape.json'), workload: at('w.sql'), seedSql: at('rows.sql'), answers: at('answers.json') },
      folders: [
        { ledgerFile: at('same.csv') },
        { ledgerFile: '/elsewhere/ledger.csv' },
        { ledgerFile: at('none.csv') },
      ],
    }
    expect(short(await ask(scratch.root, relied))).toEqual([
      'configuration seaworthy.config.json edited',
      'shape shape.json edited',
      'workload w.sql edited',
      'rows rows.sql new',
    ])
    expect(short(await ask(scratch.root, relied, 'HEAD'))).toEqual([])
    scratch.write('same.csv', 'version\n1\n2\n')
    expect(short(await ask(scratch.root, relied, 'HEAD'))).toEqual(['ledger same.csv edited'])
    scratch.write('same.csv', 'version\r\n1\r\n')
    expect(short(await ask(scratch.root, relied, 'HEAD'))).toEqual([])
  })

  it('are found behind a symbolic link, and so is the link', async () => {
    using scratch = release()
    symlinkSync('shape.json', path.join(scratch.root, 'link.json'))
    symlinkSync('.', path.join(scratch.root, 'dir'))
    scratch.git('add', '-A')
    scratch.git('commit', '-qm', 'links')
    const shape = async (file: string) =>
      short(await ask(scratch.root, { inputs: { ...NONE, shape: path.join(scratch.root, file) } }))
    expect(await shape('link.json')).toEqual(['shape link.json new', 'shape shape.json edited'])
    expect(await shape('dir/shape.json')).toEqual(['shape dir new', 'shape shape.json edited'])
  })

  it('are not known where git cannot tell, and nothing is said outside of git', async () => {
    using scratch = release()
    const relied = { inputs: { ...NONE, shape: path.join(scratch.root, 'shape.json') } }
    scratch.git('branch', '-m', 'main', 'trunk')
    scratch.git('branch', 'other')
    expect(await ask(scratch.root, relied)).toMatchObject([
      { change: 'unknown', base: null, why: expect.stringContaining('the default branch is unknown') },
    ])
    const around = { root: scratch.root, repository: null, env: gitEnv }
    expect(await givenFiles(around, { configuration: null, folders: [], ...relied }, null)).toEqual([])
  })

  it('warn, or refuse where the policy says so; nothing is said where nothing is pending', async () => {
    using scratch = new ScratchRepository()
    const config = '{"migrations":[{"dir":"m"}],"workload":"w.sql"}'
    scratch.commit({
      'm/001_a.sql': 'CREATE TABLE a (id int);\n',
      'w.sql': 'SELECT id FROM a;\n',
      'seaworthy.config.json': config,
    })
    scratch.git('checkout', '-q', '-b', 'release')
    scratch.commit({ 'w.sql': 'SELECT 1;\n' })
    const check = async (...args: string[]) => await seaworthy(['check', ...args], scratch.root)
    expect((await check()).stdout).not.toContain('policy/')
    scratch.commit({ 'm/002_b.sql': 'CREATE TABLE b ();\n' })
    const warned = await check()
    expect(warned.stdout).toMatch(
      /warning\[policy\/input-changed\]: w.sql, which says which queries must go on working, was changed/,
    )
    expect(warned.code).toBe(0)
    scratch.write('seaworthy.config.json', config.replace('}]', '}],"policy":{"changedInputs":"refuse"}'))
    const refused = JSON.parse((await check('--json')).stdout)
    expect(refused.policyFindings).toMatchObject([
      { code: 'policy/input-changed', outcome: 'fail', subject: 'seaworthy.config.json' },
      { code: 'policy/input-changed', outcome: 'fail', subject: 'w.sql' },
    ])
    expect(refused.exitCode).toBe(1)
    // A configuration of the base branch cannot have been written by the release.
    const trusted = JSON.parse((await check('--json', '--config-from', 'main')).stdout)
    expect(trusted.policyFindings).toMatchObject([{ subject: 'w.sql', severity: 'warning' }])
  }, 60_000)
})
