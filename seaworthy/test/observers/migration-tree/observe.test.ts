import { expect, test } from 'vitest'
import { canonicalJson } from '../../../src/gate/canonical.ts'
import { migrationTree } from '../../../src/observers/migration-tree/kind.ts'
import { observeMigrationTree } from '../../../src/observers/migration-tree/observe.ts'
import { findMigrationFolders } from '../../../src/migrations/detect.ts'
import { fixture } from '../../migrations/reading.ts'

const FIXTURES = [
  'golang-migrate-traps',
  'numbered-traps',
  'sqlx',
  'diesel-traps',
  'prisma',
  'drizzle',
  'drizzle-traps',
  'goose',
]

test.each(FIXTURES)('%s: what was observed is read back from its own JSON unchanged', async (name) => {
  const [detected] = await findMigrationFolders(fixture(name))
  if (detected === undefined) throw new Error('nothing was found')
  const observation = await observeMigrationTree(fixture(name), detected)
  if (observation.status !== 'observed') throw new Error(observation.reason)
  expect(observation.witness).toBe(`folder ${detected.folder}`)
  const stored: unknown = JSON.parse(canonicalJson(observation.data))
  expect(canonicalJson(await migrationTree.parse(stored))).toBe(canonicalJson(observation.data))
})

test('a folder that is gone is an observation that failed, with the next thing to do', async () => {
  const detected = { folder: 'gone', format: 'sqlx', detectedBy: 'test' } as const
  expect(await observeMigrationTree(fixture('sqlx'), detected)).toMatchObject({
    status: 'failed',
    witness: 'folder gone',
    reason: 'there is no folder gone',
    hint: expect.stringContaining('seaworthy check') as unknown,
  })
})

test.each([
  ['a tree of an unknown format', { format: 'flyway' }],
  ['a migration without its script', { migrations: [{ version: '1' }] }],
  [
    'a problem of an unknown kind',
    { problems: [{ kind: 'odd', file: 'x', message: '', hint: null, isOpaque: false }] },
  ],
  ['no tree at all', { transaction: undefined }],
])('%s is refused', async (_name, damage) => {
  const tree = { format: 'sqlx', detectedBy: 'x', folder: 'm', transaction: 'per-file', migrations: [], problems: [] }
  await expect(migrationTree.parse(tree)).resolves.toEqual(tree)
  await expect(migrationTree.parse({ ...tree, ...damage })).rejects.toThrow(/Invalid|expected/i)
})
