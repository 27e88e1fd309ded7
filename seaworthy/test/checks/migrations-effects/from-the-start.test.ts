import { beforeAll, describe, expect, it } from 'vitest'
import { migrationsEffects } from '../../../src/checks/migrations-effects/index.ts'
import { affected, entry, NEXT_FILE, sample } from '../../../src/checks/migrations-effects/sample.ts'
import { runCheck } from '../../../src/gate/check.ts'
import { observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { CatalogueEntry, TraceEvent } from '../../../src/observers/effects/kind.ts'
import { migrationTree } from '../../../src/observers/migration-tree/kind.ts'

beforeAll(async () => migrationsEffects.prepare?.())

const LEDGER = [
  entry('table public.ledger', 'owner owner'),
  entry('column public.ledger.version', 'of table public.ledger', 'type bigint'),
]

interface World {
  /** What was there before: nothing but the tool's record. */
  readonly before?: readonly CatalogueEntry[]
  readonly removed?: readonly CatalogueEntry[]
  readonly events?: readonly TraceEvent[]
  /** Whether an earlier migration is live. */
  readonly isLive?: boolean
}

/** What is settled where this statement is pending, as `code subject`. */
function settledBy(text: string, { before = LEDGER, removed = [], events = [], isLive = false }: World = {}): string[] {
  const tree = sample.need(migrationTree)
  const migrations = isLive ? tree.migrations : tree.migrations.filter((one) => one.up.file === NEXT_FILE)
  const place = { file: NEXT_FILE, version: '002', index: 1, line: 40, column: 1, endLine: 40 }
  const told = runCheck(
    migrationsEffects,
    sample.with(observed(migrationTree, 'folder', { ...tree, migrations })).with(
      affected(sample, () => ({
        before,
        difference: { added: [], removed: [...removed], changed: [] },
        rows: [],
        steps: [
          {
            files: [NEXT_FILE],
            statements: [{ ...place, text, transaction: 1, events, locks: [], nested: [] }],
            difference: { added: [], removed: [...removed], changed: [] },
            rows: [],
          },
        ],
      })),
    ),
    { evaluatedAt: '2026-11-21T00:00:00Z', settings: DEFAULT_POLICY.settings },
  )
  return told.settled.map((one) => `${one.code} ${one.subject}`)
}

describe('with the whole history pending', () => {
  it.each([
    ['ALTER TABLE ledger DROP COLUMN checked', 'data-loss/drop-column column public.ledger.checked'],
    ['DROP TABLE old_ledger', 'data-loss/drop-table table public.old_ledger'],
    ['DROP INDEX users_lower_idx', 'lock/drop-index index public.users_lower_idx'],
    ['DROP SCHEMA work CASCADE', 'data-loss/drop-schema schema work'],
  ])('%s takes nothing away', (text, expected) => {
    expect(settledBy(text)).toContain(expected)
    expect(settledBy(text, { isLive: true })).not.toContain(expected)
  })

  it('what was there before is taken away', () => {
    expect(settledBy('DROP TABLE ledger')).toEqual([])
    expect(settledBy('ALTER TABLE ledger DROP COLUMN version')).toEqual([])
  })

  it('a name of the release proves nothing where something of before is gone', () => {
    const [, version] = LEDGER
    expect(
      settledBy('ALTER TABLE ledger DROP COLUMN renamed', version === undefined ? {} : { removed: [version] }),
    ).toEqual([])
  })
})

describe('a guard', () => {
  const isLive = true
  const index = entry('index public.ledger_version_idx', 'of table public.ledger', 'CREATE INDEX …')
  const before = [...LEDGER, index]

  it.each([
    ['ALTER TABLE ledger DROP COLUMN IF EXISTS checked', 'data-loss/drop-column column public.ledger.checked'],
    ['DROP TABLE IF EXISTS old_ledger', 'data-loss/drop-table table public.old_ledger'],
    ['DROP TRIGGER IF EXISTS guard ON ledger', 'compat/drop-trigger trigger public.ledger.guard'],
    ['DROP POLICY IF EXISTS own ON ledger', 'security/drop-policy policy public.ledger.own'],
    ['ALTER VIEW IF EXISTS totals RENAME TO sums', 'compat/rename-view view public.totals'],
    ['CREATE INDEX IF NOT EXISTS ledger_version_idx ON ledger (version)', 'lock/create-index table public.ledger'],
    [
      'ALTER TABLE ledger ADD COLUMN IF NOT EXISTS version int NOT NULL',
      'compat/add-required-column column public.ledger.version',
    ],
    [
      "DO $$ BEGIN IF to_regclass('old') IS NOT NULL THEN ALTER TABLE old RENAME TO older; END IF; END $$",
      'compat/rename-table table public.old',
    ],
  ])('%s does nothing', (text, expected) => {
    expect(settledBy(text, { before, isLive })).toContain(expected)
  })

  it.each([
    'DROP TABLE IF EXISTS ledger',
    'DROP TABLE IF EXISTS elsewhere.ledger',
    'ALTER TABLE ledger DROP COLUMN IF EXISTS version',
    'DROP SCHEMA IF EXISTS work CASCADE',
    'CREATE INDEX IF NOT EXISTS ledger_version_idx ON other.ledger (version)',
    'CREATE INDEX IF NOT EXISTS ledger_checked_idx ON ledger (checked)',
    'DO $$ BEGIN CREATE INDEX IF NOT EXISTS ledger_version_idx ON ledger (version); CREATE INDEX i ON ledger (checked); END $$',
  ])('%s may do something', (text) => {
    expect(settledBy(text, { before, isLive })).toEqual([])
  })

  it('what the release drops and makes again is made', () => {
    const events = [
      { kind: 'dropped', object: index.object, isDirect: true, cause: null, command: 'DROP INDEX', via: null },
    ] as const
    const text = 'CREATE INDEX IF NOT EXISTS ledger_version_idx ON ledger (version)'
    expect(settledBy(text, { before, isLive, events })).toEqual([])
  })
})

describe('ALTER INDEX', () => {
  it('renames no table where none has the name, whatever is live', () => {
    const expected = ['compat/rename-table table public.users_pkey']
    expect(settledBy('ALTER INDEX users_pkey RENAME TO members_pkey')).toEqual(expected)
    expect(settledBy('ALTER INDEX users_pkey RENAME TO members_pkey', { isLive: true })).toEqual(expected)
    expect(settledBy('ALTER INDEX ledger RENAME TO other')).toEqual([])
  })
})
