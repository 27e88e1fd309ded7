import { z } from 'zod'
import { list } from '../list.ts'
import type { Shape } from '../../migrations/shape.ts'

const MOST_OBJECTS = 500_000
const MOST_ROLES = 5_000
const MOST_QUERIES = 5_000

const text = z.string()
const name = z.string().min(1)
const count = z.int().min(0)
/** How arrays are made: one that tells every wrong item, or the first one only. */
type MakeArray = <T>(item: z.ZodType<T>) => z.ZodArray<z.ZodType<T>>

const shapeOf = (array: MakeArray): z.ZodType<Shape> => {
  const settings = array(text).max(1_000).describe('as name=value, sorted')

  const role = z.strictObject({
    name,
    attributes: array(
      z.enum(['superuser', 'createrole', 'createdb', 'replication', 'bypassrls', 'login', 'noinherit']),
    ),
    memberOf: array(z.strictObject({ role: name, isAdmin: z.boolean(), inherits: z.boolean(), canSet: z.boolean() })),
    settings,
  })

  const ledger = z.strictObject({
    table: name,
    owner: name,
    style: z.enum(['rows', 'high-water']),
    rows: array(
      z.strictObject({
        key: text,
        name: text.nullable(),
        checksum: text.nullable(),
        appliedAt: text.nullable(),
        isDirty: z.boolean(),
      }),
    )
      .nullable()
      .describe('null where they could not be read'),
  })

  return z.strictObject({
    formatVersion: z.literal(1),
    capturedAt: z.iso.datetime().describe('ISO 8601, UTC'),
    server: z.strictObject({
      version: text,
      major: z.int().min(12).max(99),
      settings: array(z.strictObject({ name, value: text })),
    }),
    witness: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/)
      .nullable()
      .describe('a digest of the identifier of the cluster and the name of the database'),
    database: z.strictObject({ name, owner: name, encoding: text, collation: text, settings }),
    extensions: array(z.strictObject({ name, version: text, schema: name })),
    catalogue: array(z.strictObject({ object: name, definition: text }))
      .max(MOST_OBJECTS)
      .describe('one entry an object; a definition is lines of facets'),
    roles: array(role).max(MOST_ROLES),
    ledger: ledger.nullable(),
    tables: array(z.strictObject({ object: name, rows: count.nullable(), bytes: count }))
      .max(MOST_OBJECTS)
      .describe('rows are estimated; null: never analysed'),
    indexes: array(z.strictObject({ object: name, table: name, scans: count, bytes: count })).max(MOST_OBJECTS),
    queries: array(
      z.strictObject({ text: name, role: name.nullable(), searchPath: text.nullable(), calls: count }),
    ).max(MOST_QUERIES),
    queriesUnavailable: text.nullable(),
    queriesLeftOut: array(z.strictObject({ why: text, count })),
    unread: array(z.strictObject({ part: text, why: text })),
  })
}

/** What `seaworthy capture` writes. docs/reference/shape.schema.json is made from it. */
export const shapeSchema = shapeOf((item) => z.array(item))

/** The same for what lies in a bundle. */
export const observedShapeSchema = shapeOf(list)

export const shapeJsonSchema = (): object => ({
  ...z.toJSONSchema(shapeSchema, { io: 'input' }),
  title: "Production's shape, as `seaworthy capture` writes it",
})
