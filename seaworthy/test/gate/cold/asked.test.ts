import { expect, it } from 'vitest'
import { askedLines, rehearsedLines } from '../../../src/gate/cold/asked.ts'
import type { RunRequest } from '../../../src/gate/evidence.ts'
import { RUN } from './scene.ts'

const folder = { dir: 'db', format: 'numbered', baseline: null, ledgerTable: null }
const lines = (change: Partial<RunRequest>): readonly string[] =>
  askedLines({ ...RUN.request, folders: [folder], ...change })
const input = (as: string): Partial<RunRequest> => ({ inputs: [{ as, file: null, sha256: 'a' }] })

it('how a run was asked for is told in lines', () => {
  expect(lines({})).toEqual([
    'db as numbered',
    'roles unknown; PostgreSQL of the default version on a scratch server; downs: pending',
  ])
  const named = { ...folder, format: null, baseline: '001', ledgerTable: 'public.applied' }
  expect(lines({ folders: [named], since: 'v1', branches: true, roles: { mode: 'split' }, major: 17 })).toEqual([
    'db as whatever it is, live up to 001, ledger public.applied',
    'live: what v1 has',
    'the migrating role does not own what is there; PostgreSQL 17 on a scratch server; downs: pending',
    'with the versions of other branches',
  ])
  expect(lines({ all: true, roles: { mode: 'single' } }).slice(1)).toEqual([
    'nothing taken as live',
    'one role owns everything; PostgreSQL of the default version on a scratch server; downs: pending',
  ])
  for (const roles of [null, 7, { mode: 7 }]) expect(lines({ roles })[1]).toMatch(/^roles unknown; /)
})

it('where a shape decided roles and version, says so; no other input decides them', () => {
  const roles = { mode: 'single', isConfigured: false }
  expect(lines({ ...input('shape'), roles })[1]).toBe(
    "roles as production's shape has them; PostgreSQL of the shape's version on a scratch server; downs: pending",
  )
  expect(lines({ ...input('shape'), roles: { mode: 'split', isConfigured: true }, major: 16 })[1]).toBe(
    'the migrating role does not own what is there; PostgreSQL 16 on a scratch server; downs: pending',
  )
  expect(lines({ ...input('answers'), roles })[1]).toBe(
    'one role owns everything; PostgreSQL of the default version on a scratch server; downs: pending',
  )
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
