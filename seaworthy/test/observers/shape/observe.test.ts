import { truncateSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sample } from '../../../src/checks/migrations-drift/sample.ts'
import { identityIn } from '../../../src/gate/certificate/identity.ts'
import { Observations } from '../../../src/gate/observation.ts'
import type { Shape } from '../../../src/migrations/shape.ts'
import { ledger } from '../../../src/observers/ledger/kind.ts'
import { shape } from '../../../src/observers/shape/kind.ts'
import { SHAPE_LIMIT_BYTES, ledgerOfShape, observeShape } from '../../../src/observers/shape/observe.ts'
import { shapeText } from '../../../src/postgres/shape/file.ts'
import { Project } from '../../commands/cli.ts'

const rows = [{ key: '2', name: null, checksum: null, appliedAt: null, isDirty: false }]
const SHAPE: Shape = {
  ...sample.need(shape),
  witness: `sha256:${'ab'.repeat(32)}`,
  ledger: { table: 'public.applied', owner: 'deploy', style: 'rows', rows },
  catalogue: [
    { object: 'column public.applied.version', definition: 'of table public.applied\ntype bigint' },
    { object: 'comment on index public.applied_pkey', definition: 'of index public.applied_pkey\nkey' },
    {
      object: 'constraint applied_pkey on public.applied',
      definition: 'of table public.applied\nPRIMARY KEY (version)',
    },
    { object: 'index public.applied_pkey', definition: 'of constraint applied_pkey on public.applied' },
    { object: 'privileges on table public.applied for app', definition: 'of table public.applied\ngranted SELECT' },
    { object: 'table public.applied', definition: 'owner deploy' },
    { object: 'table public.applied_more', definition: 'owner deploy' },
  ],
}

describe('a shape that is given', () => {
  it('is read, and named by its content; the ledger of the folder is no part of its catalogue', async () => {
    using project = new Project({ 'shape.json': shapeText(SHAPE) })
    const seen = await observeShape(project.at('shape.json'), 'public.applied')
    expect(seen.witness).toMatch(/^file shape\.json sha256:[0-9a-f]{64} of sha256:[0-9a-f]{64}$/)
    expect(identityIn(seen.witness)).toBe(SHAPE.witness)
    const found = new Observations([seen]).need(shape)
    expect(found.catalogue.map((entry) => entry.object)).toEqual(['table public.applied_more'])
    expect(await observeShape(project.at('shape.json'), null)).toMatchObject({ data: SHAPE })
  })

  it('its ledger counts for the table that it is of, and only if its rows were read', async () => {
    using project = new Project({
      'shape.json': shapeText(SHAPE),
      'unread.json': shapeText({
        ...SHAPE,
        ledger: { table: 'public.applied', owner: 'd', style: 'rows', rows: null },
      }),
    })
    const seen = await observeShape(project.at('shape.json'), 'public.applied')
    const table = { name: 'public.applied', style: 'rows' } as const
    const found = ledgerOfShape(seen, table)
    expect(found === null ? null : new Observations([found]).need(ledger)).toEqual({ style: 'rows', rows })
    expect(identityIn(found?.witness ?? '')).toBe(SHAPE.witness)
    expect(ledgerOfShape(seen, { ...table, name: 'public.schema_migrations' })).toBeNull()
    expect(ledgerOfShape(seen, { ...table, style: 'high-water' })).toMatchObject({ status: 'failed' })
    expect(ledgerOfShape(seen, null)).toBeNull()
    expect(ledgerOfShape(await observeShape(project.at('unread.json'), 'public.applied'), table)).toBeNull()
  })

  it('is refused by name and place if it is broken', async () => {
    using project = new Project({
      'cut.json': shapeText(SHAPE).slice(0, 400),
      'newer.json': JSON.stringify({ ...SHAPE, formatVersion: 2 }),
      'wrong.json': JSON.stringify({
        ...SHAPE,
        roles: [{ name: 'app', attributes: ['god'], memberOf: [], settings: [] }],
      }),
      'latin.json': Buffer.from([0xe9]),
      'huge.json': '',
      'folder/x': '',
    })
    truncateSync(project.at('huge.json'), SHAPE_LIMIT_BYTES + 1)
    const wrong: [string, string, string][] = [
      ['cut.json', 'unreadable', 'it is no JSON'],
      ['newer.json', 'unreadable', 'a newer version of Seaworthy'],
      ['wrong.json', 'unreadable', 'roles.0.attributes.0'],
      ['latin.json', 'unreadable', 'it is no JSON'],
      ['huge.json', 'limit', 'at most'],
      ['folder', 'unreadable', 'no file'],
      ['nowhere.json', 'unreadable', 'there is no such file'],
    ]
    for (const [file, code, says] of wrong) {
      await expect(observeShape(project.at(file), null)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(says),
        hint: expect.stringContaining('seaworthy capture'),
      })
    }
  })
})
