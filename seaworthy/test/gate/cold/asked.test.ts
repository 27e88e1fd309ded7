import { expect, it } from 'vitest'
import { askedLines, rehearsedLines } from '../../../src/gate/cold/asked.ts'
import type { RunRequest } from '../../../src/gate/evidence.ts'
import { RUN } from './scene.ts'

const folder = { dir: 'db', format: 'numbered', baseline: null, ledgerTable: null }
const lines = (change: Partial<RunRequest>): readonly string[] =>
  askedLines({ ...RUN.request, folders: [folder], ...change })
const ROLES = { isConfigured: false, deployRole: 'deploy', ownerRole: 'owner', attributes: [], memberOf: [], owns: [] }
const [single, split] = ['single', 'split'].map((mode) => ({ ...ROLES, mode }))
const LIMITS = 'at most 1 ms for a lock, 1 ms for a statement'
const input = (as: string): Partial<RunRequest> => ({ inputs: [{ as, file: null, sha256: 'a' }] })

it('how a run was asked for is told in lines', () => {
  expect(lines({})).toEqual([
    'db as numbered',
    'roles unknown; PostgreSQL of the default version on a scratch server; downs: pending',
    LIMITS,
  ])
  const named = { ...folder, format: null, baseline: '001', ledgerTable: 'public.applied' }
  expect(lines({ folders: [named], since: 'v1', branches: true, roles: split, major: 17 })).toEqual([
    'db as whatever it is, live up to 001, ledger public.applied',
    'live: what v1 has',
    'the migrating role (deploy) does not own what is there (owner does); PostgreSQL 17 on a scratch server; downs: pending',
    LIMITS,
    'with the versions of other branches',
  ])
  expect(lines({ all: true, roles: single }).slice(1)).toEqual([
    'nothing taken as live',
    'one role (deploy) owns everything; PostgreSQL of the default version on a scratch server; downs: pending',
    LIMITS,
  ])
  const strange = [null, 7, { mode: 'single' }, { ...split, ownerRole: 7 }, { ...split, mode: 7 }]
  for (const roles of strange) expect(lines({ roles })[1]).toMatch(/^roles unknown; /)
})

it('where a shape decided roles and version, says so; no other input decides them', () => {
  expect(lines({ ...input('shape'), roles: single })[1]).toBe(
    "roles as production's shape has them; PostgreSQL of the shape's version on a scratch server; downs: pending",
  )
  expect(lines({ ...input('shape'), roles: { ...split, isConfigured: true }, major: 16 })[1]).toBe(
    'the migrating role (deploy) does not own what is there (owner does); PostgreSQL 16 on a scratch server; downs: pending',
  )
  expect(lines({ ...input('answers'), roles: single })[1]).toBe(
    'one role (deploy) owns everything; PostgreSQL of the default version on a scratch server; downs: pending',
  )
})

it('what the migrating role may do, and how long, is told by name: nothing of it hides behind the rest', () => {
  const attributes = ['createrole', 'bypassrls']
  const roles = { ...split, attributes, memberOf: ['pg_read_all_data'], owns: ['public.a, public.b', 'x'.repeat(128)] }
  expect(lines({ roles, lockTimeoutMs: 5, statementTimeoutMs: 600_000 }).slice(2)).toEqual([
    'the migrating role has the attribute createrole',
    'the migrating role has the attribute bypassrls',
    'the migrating role is a member of pg_read_all_data',
    'the migrating role owns public.a, public.b',
    `the migrating role owns ${'x'.repeat(127)}…`,
    'at most 5 ms for a lock, 600000 ms for a statement',
  ])
  const owning = (count: number) =>
    lines({ roles: { ...split, owns: Array.from({ length: count }, () => 'x'.repeat(127)) } }).slice(2, -1)
  expect(owning(20)).toEqual(Array.from({ length: 20 }, () => `the migrating role owns ${'x'.repeat(127)}`))
  expect(owning(10_000).slice(19)).toEqual([
    `the migrating role owns ${'x'.repeat(127)}`,
    'the migrating role owns 9980 more: see manifest.json of the bundle',
  ])
})

it('what the rehearsal really had is told of each folder', () => {
  const had = { folder: 'db', version: '15.18', migratingRole: 'app_owner', owningRole: 'app_owner', ofShape: null }
  expect(
    rehearsedLines([had, { ...had, migratingRole: 'deploy' }, { ...had, ofShape: 'the login owns the ledger' }]),
  ).toEqual([
    'db on PostgreSQL 15.18: app_owner migrates and owns what is there',
    'db on PostgreSQL 15.18: deploy migrates what app_owner owns',
    "db on PostgreSQL 15.18: app_owner migrates, and owners are those of production's shape (the login owns the ledger)",
  ])
})
