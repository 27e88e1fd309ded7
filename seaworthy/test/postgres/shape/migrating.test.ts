import { describe, expect, it } from 'vitest'
import { sample } from '../../../src/checks/migrations-drift/sample.ts'
import type { RolesSettings } from '../../../src/migrations/engine.ts'
import type { Shape, ShapeRole } from '../../../src/migrations/shape.ts'
import { shape } from '../../../src/observers/shape/kind.ts'
import { rolesOfShape } from '../../../src/postgres/shape/migrating.ts'
import { attributesSql } from '../../../src/postgres/shape/roles.ts'
import { SINGLE } from '../rehearse.ts'

const role = (name: string, ...attributes: ShapeRole['attributes']): ShapeRole => ({
  name,
  attributes,
  memberOf: [],
  settings: [],
})

const SHAPE: Shape = {
  ...sample.need(shape),
  roles: [role('dba', 'superuser', 'login'), role('owner_a'), role('deploy_b', 'login', 'createdb', 'replication')],
  ledger: { table: 'public.schema_migrations', owner: 'deploy_b', style: 'high-water', rows: [] },
  catalogue: [
    { object: 'table public.a', definition: 'owner owner_a' },
    { object: 'table public.b', definition: 'owner owner_a' },
    { object: 'table public.c', definition: 'owner deploy_b' },
    { object: 'table public.d', definition: 'owner "Odd ""one"' },
  ],
}

const configured = (change: Partial<RolesSettings>): RolesSettings => ({ ...SINGLE, isConfigured: true, ...change })

describe('who migrates, by production’s shape', () => {
  it('the owner of the ledger, where nothing else is said', () => {
    for (const settings of [SINGLE, configured({ mode: 'split' })]) {
      const { settings: roles, why } = rolesOfShape(settings, SHAPE)
      expect(roles).toMatchObject({
        mode: 'split',
        isConfigured: true,
        deployRole: 'deploy_b',
        ownerRole: 'owner_a',
        attributes: ['createdb'],
      })
      expect(why).toBe('deploy_b migrates: it owns the ledger public.schema_migrations in production')
    }
  })

  it('the role that the configuration names, if production has it', () => {
    expect(rolesOfShape(configured({ deployRole: 'owner_a' }), SHAPE).settings).toMatchObject({
      deployRole: 'owner_a',
      ownerRole: 'Odd "one',
    })
    expect(() => rolesOfShape(configured({ deployRole: 'gone' }), SHAPE)).toThrow(
      "which production's shape does not have",
    )
  })

  it('the one owner of all tables, where there is no ledger; else nobody knows', () => {
    const alone = { ...SHAPE, ledger: null, catalogue: SHAPE.catalogue.slice(0, 2) }
    expect(rolesOfShape(SINGLE, alone).settings).toMatchObject({ deployRole: 'owner_a', ownerRole: 'owner' })
    expect(() => rolesOfShape(SINGLE, { ...SHAPE, ledger: null })).toThrow('does not say who migrates')
  })

  it('a superuser is none here', () => {
    const ledger = { table: 'public.l', owner: 'dba', style: 'rows', rows: [] } as const
    const { settings, why } = rolesOfShape(SINGLE, { ...SHAPE, ledger })
    expect(settings.attributes).toEqual(['bypassrls', 'createdb', 'createrole'])
    expect(why).toContain('superuser there, and here a member of every other role')
    expect(attributesSql(role('dba', 'superuser', 'login', 'replication'), true)).toBe(
      'LOGIN INHERIT CREATEDB CREATEROLE BYPASSRLS',
    )
    expect(attributesSql(role('dba', 'superuser'), false)).toBe('NOLOGIN INHERIT NOCREATEDB NOCREATEROLE NOBYPASSRLS')
  })
})
