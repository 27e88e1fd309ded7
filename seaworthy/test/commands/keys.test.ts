import { readdirSync, readFileSync, statSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Project, seaworthy } from './cli.ts'

const PASSPHRASE = 'correct horse canary staple'

it('keys create writes a pair, keys show tells both by one id', async () => {
  using project = new Project()
  const made = await seaworthy(['keys', 'create', '--out', 'deploy.key'], project.root)
  expect(made.code).toBe(0)
  const id = /key id ([0-9a-f]{64})\n/.exec(made.stdout)?.[1]
  expect(statSync(project.at('deploy.key')).mode & 0o777).toBe(0o600)
  for (const file of ['deploy.key', 'deploy.key.pub'])
    expect(await seaworthy(['keys', 'show', file], project.root)).toMatchObject({ code: 0, stdout: `${id}\n` })
  const { stdout } = await seaworthy(['keys', 'show', 'deploy.key.pub', '--json'], project.root)
  expect(JSON.parse(stdout)).toEqual({
    schemaVersion: 1,
    tool: 'seaworthy',
    version: expect.stringMatching(/^\d/),
    command: 'keys show',
    exitCode: 0,
    file: project.at('deploy.key.pub'),
    keyId: id,
    isPrivate: false,
  })

  const before = readFileSync(project.at('deploy.key'), 'utf8')
  const again = await seaworthy(['keys', 'create', '--out', 'deploy.key'], project.root)
  expect(again).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('is there already') })
  expect(readFileSync(project.at('deploy.key'), 'utf8')).toBe(before)
  expect(readdirSync(project.root).toSorted()).toEqual(['deploy.key', 'deploy.key.pub'])
})

it('keys create --encrypt needs a passphrase, and tells nobody', async () => {
  using project = new Project()
  const create = ['keys', 'create', '--out', 'k', '--encrypt']
  expect(await seaworthy(create, project.root)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--encrypt needs a passphrase'),
  })
  const made = await seaworthy(create, project.root, { SEAWORTHY_KEY_PASSPHRASE: PASSPHRASE })
  expect(made.code).toBe(0)
  const shown = await seaworthy(['keys', 'show', 'k'], project.root, { SEAWORTHY_KEY_PASSPHRASE: PASSPHRASE })
  expect(made.stdout).toContain(shown.stdout.trim())
  const wrong = await seaworthy(['keys', 'show', 'k'], project.root, { SEAWORTHY_KEY_PASSPHRASE: `${PASSPHRASE}r` })
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('the passphrase does not open it') })
  const all = [made, shown, wrong].flatMap(({ stdout, stderr }) => [stdout, stderr]).join('')
  expect(all).not.toContain(PASSPHRASE)
  const given = await seaworthy(['keys', 'create', '--out', 'x', '--passphrase-file', 'p'], project.root)
  expect(given).toMatchObject({ code: 2, stderr: expect.stringContaining('without --encrypt') })
})
