import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkNames, loadChecks, loadMemo } from '../../src/checks/index.ts'
import { migrationsDrift } from '../../src/checks/migrations-drift/index.ts'
import { migrationsLedger } from '../../src/checks/migrations-ledger/index.ts'
import { movedSince, type Precondition, preconditionsOf } from '../../src/gate/certificate/precondition.ts'
import { notObserved, type Observation, Observations, observed } from '../../src/gate/observation.ts'
import { type Ledger, ledger } from '../../src/observers/ledger/kind.ts'
import { type Shape, shape } from '../../src/observers/shape/kind.ts'
import { changed, leaves, members, type Place, turned, without } from './leaves.ts'

const rules = [...(migrationsLedger.preconditions ?? []), ...(migrationsDrift.preconditions ?? [])]

const of = (observation: Observation): Precondition => {
  const [one, ...rest] = preconditionsOf('migrations', new Observations([observation]), rules)
  if (one === undefined || rest.length > 0) throw new Error('one precondition was expected')
  return one
}
const ofShape = (data: Shape): Precondition => of(observed(shape, 'file shape.json', data))
const ofLedger = (data: Ledger): Precondition => of(observed(ledger, 'file ledger.csv', data))

const SHAPE: Shape = {
  formatVersion: 1,
  capturedAt: '2026-11-20T12:00:00.000Z',
  server: { version: '18.4', major: 18, settings: [{ name: 'TimeZone', value: 'UTC' }] },
  witness: `sha256:${'0'.repeat(64)}`,
  database: { name: 'app', owner: 'dba', encoding: 'UTF8', collation: 'C.UTF-8', settings: ['a=1', 'b=2'] },
  extensions: [{ name: 'citext', version: '1.6', schema: 'public' }],
  catalogue: [
    { object: 'extension citext', definition: 'version 1.6' },
    { object: 'table public.users', definition: 'owner dba' },
    { object: 'column public.users.id', definition: 'of table public.users\ntype bigint' },
    { object: 'constraint users_pkey on public.users', definition: 'of table public.users\nPRIMARY KEY (id)' },
    { object: 'index public.users_pkey', definition: 'of constraint users_pkey on public.users' },
    { object: 'privileges on table public.users for app', definition: 'of table public.users\ngranted SELECT' },
    { object: 'view public.named', definition: 'owner dba' },
  ],
  roles: [
    {
      name: 'app',
      attributes: ['login', 'noinherit'],
      memberOf: [
        { role: 'group_a', isAdmin: false, inherits: true, canSet: true },
        { role: 'group_b', isAdmin: true, inherits: true, canSet: false },
      ],
      settings: ['search_path=app', 'work_mem=4MB'],
    },
    { name: 'dba', attributes: ['superuser'], memberOf: [], settings: [] },
  ],
  ledger: {
    table: 'public.applied',
    owner: 'dba',
    style: 'rows',
    rows: [{ key: '1', name: 'a', checksum: 'c', appliedAt: null, isDirty: false }],
  },
  tables: [{ object: 'table public.users', rows: 300, bytes: 8192 }],
  indexes: [{ object: 'index public.users_pkey', table: 'table public.users', scans: 4, bytes: 8192 }],
  queries: [{ text: 'SELECT 1', role: 'app', searchPath: null, calls: 300 }],
  queriesUnavailable: null,
  queriesLeftOut: [{ why: 'utility', count: 2 }],
  unread: [{ part: 'queries', why: 'not installed' }],
}

const MEANINGFUL = new Set(['witness', 'database', 'extensions', 'catalogue', 'roles'])
const isMeaningful = ([first, second]: Place): boolean =>
  first === 'server' ? second !== 'version' : MEANINGFUL.has(String(first))

describe("production's shape", () => {
  it('every change of what production is moves it, and none of what was counted there', () => {
    const before = ofShape(SHAPE)
    const places = leaves(SHAPE)
    expect(places.length).toBeGreaterThan(60)
    for (const place of places) {
      const moved = movedSince(before, ofShape(changed(SHAPE, place)))
      expect([place.join('.'), moved !== null]).toEqual([place.join('.'), isMeaningful(place)])
    }
  })

  it('everything that goes is named', () => {
    const before = ofShape(SHAPE)
    for (const place of members(SHAPE)) {
      const moved = movedSince(before, ofShape(without(SHAPE, place)))
      expect([place.join('.'), moved !== null]).toEqual([place.join('.'), isMeaningful(place)])
    }
    const withoutTheIndex = ofShape(without(SHAPE, ['catalogue', 4]))
    expect(movedSince(before, withoutTheIndex)).toEqual({ added: [], removed: [], changed: ['table public.users'] })
    const withoutTheView = ofShape(without(SHAPE, ['catalogue', 6]))
    expect(movedSince(before, withoutTheView)).toEqual({ added: [], removed: ['view public.named'], changed: [] })
    expect(movedSince(withoutTheView, before)).toEqual({ added: ['view public.named'], removed: [], changed: [] })
  })

  it('the order in which it was read does not count', () => {
    expect(turned(SHAPE)).not.toEqual(SHAPE)
    expect(movedSince(ofShape(SHAPE), ofShape(turned(SHAPE)))).toBeNull()
  })

  it('a role of which only a query was seen comes and goes; one that may do something does not', () => {
    const heard = { name: 'exporter', attributes: ['login'], memberOf: [], settings: [] } as const
    const seen: Shape = {
      ...SHAPE,
      roles: [...SHAPE.roles, heard],
      queries: [{ text: 'SELECT 2', role: 'exporter', searchPath: null, calls: 1 }],
    }
    const moves = (change: Partial<Shape>): boolean =>
      movedSince(ofShape(SHAPE), ofShape({ ...seen, ...change })) !== null
    expect(moves({})).toBe(false)
    const monitor = { role: 'pg_monitor', isAdmin: false, inherits: true, canSet: true }
    const as = (change: Partial<Shape['roles'][number]>): Partial<Shape> => ({
      roles: [...SHAPE.roles, { ...heard, ...change }],
    })
    expect(moves(as({ memberOf: [monitor] }))).toBe(false)
    expect(moves(as({ memberOf: [{ ...monitor, role: 'dba' }] }))).toBe(true)
    expect(moves(as({ attributes: ['bypassrls', 'login'] }))).toBe(true)
    expect(moves(as({ settings: ['search_path=app'] }))).toBe(true)
    expect(moves({ queries: [] })).toBe(true)
    const catalogue = [...SHAPE.catalogue, { object: 'table public.own', definition: 'owner exporter' }]
    const without = movedSince(ofShape({ ...SHAPE, catalogue }), ofShape({ ...seen, catalogue }))
    expect(without).toEqual({ added: ['role exporter'], removed: [], changed: [] })
    const owned = { ...SHAPE.database, owner: 'exporter' }
    expect(movedSince(ofShape({ ...SHAPE, database: owned }), ofShape({ ...seen, database: owned }))?.added).toEqual([
      'role exporter',
    ])
    const member = { name: 'b', attributes: [], memberOf: [{ ...monitor, role: 'exporter' }], settings: [] }
    const two = movedSince(ofShape(SHAPE), ofShape({ ...seen, roles: [...seen.roles, member] }))
    expect(two?.added).toEqual(['role b', 'role exporter'])
  })
})

const row = fc.record({
  key: fc.stringMatching(/^[0-9]{1,3}$/),
  name: fc.option(fc.string()),
  checksum: fc.option(fc.string()),
  appliedAt: fc.option(fc.constantFrom('2026-11-20T12:00:00.000Z', '2026-11-21T12:00:00.000Z')),
  isDirty: fc.boolean(),
})
const anyLedger = fc.record({
  style: fc.constantFrom('rows' as const, 'high-water' as const),
  rows: fc.array(row, { minLength: 1, maxLength: 8 }),
})

describe("production's ledger", () => {
  it('every change of a row moves it, but for the time at which it came in; so does a row more or less', () => {
    fc.assert(
      fc.property(anyLedger, (found) => {
        const before = ofLedger(found)
        for (const place of leaves(found)) {
          const moved = movedSince(before, ofLedger(changed(found, place)))
          expect([place.join('.'), moved !== null]).toEqual([place.join('.'), place.at(-1) !== 'appliedAt'])
        }
        for (const place of members(found)) {
          expect(movedSince(before, ofLedger(without(found, place)))).not.toBeNull()
        }
        expect(movedSince(before, ofLedger({ ...found, rows: [...found.rows, found.rows[0]!] }))).not.toBeNull()
        expect(movedSince(before, ofLedger(turned(found)))).toBeNull()
      }),
      { numRuns: 60 },
    )
  })

  it('says which row is new, gone or another one', () => {
    const one = (key: string, checksum: string) => ({ key, name: 'x', checksum, appliedAt: null, isDirty: false })
    const before = ofLedger({ style: 'rows', rows: [one('1', 'a'), one('2', 'b')] })
    const now = ofLedger({ style: 'rows', rows: [one('2', 'other'), one('3', 'c')] })
    expect(movedSince(before, now)).toEqual({ added: ['3'], removed: ['1'], changed: ['2'] })
    expect(before).toMatchObject({ kind: 'ledger', subject: 'migrations', witness: 'file ledger.csv' })
  })
})

it('what could not be looked at, or is of another version, is no precondition', () => {
  const failed = notObserved(ledger, 'postgresql://db', 'no answer')
  const other = { ...observed(shape, 'file shape.json', SHAPE), version: 99 }
  expect(preconditionsOf('migrations', new Observations([failed, other]), rules)).toEqual([])
  expect(preconditionsOf('migrations', new Observations([]), rules)).toEqual([])
})

it('no two checks make a precondition of one kind, and the light side of a check knows those of the check', async () => {
  const checks = await loadChecks(checkNames)
  const kinds = checks.flatMap((check) => (check.preconditions ?? []).map(({ kind }) => kind.name))
  expect(kinds.toSorted()).toEqual(['ledger', 'shape'])
  for (const check of checks) {
    const memo = await loadMemo(check.id)
    expect([check.id, memo === null || memo.preconditions === check.preconditions]).toEqual([check.id, true])
  }
})
