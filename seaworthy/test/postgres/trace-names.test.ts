import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TraceEvent } from '../../src/migrations/effects.ts'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { readCatalogue } from '../../src/postgres/catalogue.ts'
import { type Identified, objectName } from '../../src/postgres/trace/object-names.ts'
import { startCatalogueServer } from './catalogue-server.ts'
import { type TraceStage, eventsOf, stageTrace } from './traced.ts'
import { migrationsOf } from './rehearse.ts'

const SCHEMA = `
  CREATE SCHEMA "Odd one";
  CREATE TABLE "Odd one"."Table" ("Id" bigint PRIMARY KEY, email text CHECK (email <> ''), "select" int);
  CREATE TYPE mood AS ENUM ('low');`

/** One thing of every sort that a deploy role can make: how, and how it goes. */
const THINGS: readonly (readonly [make: string, drop: string])[] = [
  ['CREATE TABLE "A b" (id int)', 'DROP TABLE "A b"'],
  ['CREATE TABLE parts (id int) PARTITION BY RANGE (id)', 'DROP TABLE parts'],
  ['CREATE VIEW "V" AS SELECT 1 AS a', 'DROP VIEW "V"'],
  ['CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a', 'DROP MATERIALIZED VIEW mv'],
  ['CREATE SEQUENCE seq', 'DROP SEQUENCE seq'],
  ['CREATE INDEX "i x" ON "Odd one"."Table" (email)', 'DROP INDEX "Odd one"."i x"'],
  [
    'CREATE FUNCTION f(text, int[], "Odd one"."Table", VARIADIC numeric[]) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    'DROP FUNCTION f',
  ],
  [
    'CREATE FUNCTION "F(x"(a "char", b mood DEFAULT NULL, OUT c int) LANGUAGE sql AS $$ SELECT 1 $$',
    'DROP FUNCTION "F(x"',
  ],
  ['CREATE FUNCTION nothing() RETURNS void LANGUAGE sql AS $$ $$', 'DROP FUNCTION nothing()'],
  ['CREATE PROCEDURE p(a varchar) LANGUAGE sql AS $$ $$', 'DROP PROCEDURE p'],
  ['CREATE AGGREGATE total (int) (SFUNC = int4pl, STYPE = int)', 'DROP AGGREGATE total (int)'],
  ['CREATE TYPE "Pair" AS (a int, b text)', 'DROP TYPE "Pair"'],
  ["CREATE TYPE colour AS ENUM ('red')", 'DROP TYPE colour'],
  ['CREATE TYPE span AS RANGE (subtype = int)', 'DROP TYPE span'],
  ['CREATE DOMAIN handle AS text CONSTRAINT short CHECK (length(VALUE) < 9)', 'DROP DOMAIN handle'],
  ['CREATE SCHEMA "New one"', 'DROP SCHEMA "New one"'],
  ['CREATE OPERATOR === (LEFTARG = text, RIGHTARG = mood, FUNCTION = mood_eq)', 'DROP OPERATOR === (text, mood)'],
  ['CREATE CAST (mood AS text) WITH FUNCTION mood_text(mood)', 'DROP CAST (mood AS text)'],
  ["CREATE COLLATION plain (LOCALE = 'C')", 'DROP COLLATION plain'],
  ['CREATE TEXT SEARCH CONFIGURATION mine (COPY = simple)', 'DROP TEXT SEARCH CONFIGURATION mine'],
  ['CREATE TEXT SEARCH DICTIONARY words (TEMPLATE = simple)', 'DROP TEXT SEARCH DICTIONARY words'],
  ["CREATE CONVERSION conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8", 'DROP CONVERSION conv'],
  ['CREATE STATISTICS stats ON email, "select" FROM "Odd one"."Table"', 'DROP STATISTICS stats'],
  ['CREATE PUBLICATION pub FOR TABLE "Odd one"."Table"', 'DROP PUBLICATION pub'],
  ['CREATE RULE "r l" AS ON DELETE TO "Odd one"."Table" DO INSTEAD NOTHING', 'DROP RULE "r l" ON "Odd one"."Table"'],
  ['CREATE POLICY "p y" ON "Odd one"."Table" USING (true)', 'DROP POLICY "p y" ON "Odd one"."Table"'],
  [
    'CREATE TRIGGER "t r" BEFORE UPDATE ON "Odd one"."Table" FOR EACH ROW EXECUTE FUNCTION noop()',
    'DROP TRIGGER "t r" ON "Odd one"."Table"',
  ],
]

/** Parts of other things, which go by themselves. */
const PARTS: readonly (readonly [drop: string, object: string])[] = [
  ['ALTER TABLE "Odd one"."Table" DROP COLUMN "select"', 'column "Odd one"."Table"."select"'],
  [
    'ALTER TABLE "Odd one"."Table" DROP CONSTRAINT "Table_email_check"',
    'constraint "Table_email_check" on "Odd one"."Table"',
  ],
  ['ALTER TABLE "Odd one"."Table" DROP CONSTRAINT "Table_pkey"', 'constraint "Table_pkey" on "Odd one"."Table"'],
]

/** What only a superuser makes, and where it then is. */
const OF_SUPERUSERS: readonly (readonly [make: string, catalogue: string, condition: string])[] = [
  ['CREATE EXTENSION hstore', 'pg_extension', "extname = 'hstore'"],
  ['CREATE FOREIGN DATA WRAPPER "Far"', 'pg_foreign_data_wrapper', "fdwname = 'Far'"],
  ['CREATE SERVER "Away" FOREIGN DATA WRAPPER "Far"', 'pg_foreign_server', "srvname = 'Away'"],
  ['CREATE USER MAPPING FOR PUBLIC SERVER "Away"', 'pg_user_mapping', 'umuser = 0'],
  ['CREATE USER MAPPING FOR seaworthy SERVER "Away"', 'pg_user_mapping', 'umuser <> 0'],
  ['CREATE FOREIGN TABLE there (id int) SERVER "Away"', 'pg_class', "relname = 'there'"],
  ['CREATE OPERATOR FAMILY "Fam" USING btree', 'pg_opfamily', "opfname = 'Fam'"],
  ['CREATE OPERATOR CLASS "Cls" FOR TYPE int USING hash AS OPERATOR 1 =', 'pg_opclass', "opcname = 'Cls'"],
  ['ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC', 'pg_default_acl', 'true'],
  [
    `CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
     CREATE EVENT TRIGGER "Ev" ON sql_drop EXECUTE FUNCTION watch()`,
    'pg_event_trigger',
    "evtname = 'Ev'",
  ],
]

const HELPERS = `
  CREATE FUNCTION mood_eq(text, mood) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;
  CREATE FUNCTION mood_text(mood) RETURNS text LANGUAGE sql AS $$ SELECT '' $$;
  CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;`

const isInstalled = async (major: number): Promise<boolean> =>
  await findBinaries(major, process.cwd()).then(
    () => true,
    () => false,
  )
const majors = await Promise.all([18, 15].map(async (major) => ({ major, isThere: await isInstalled(major) })))

const named = (events: readonly TraceEvent[], kind: TraceEvent['kind']): string[] =>
  events.flatMap((one) => (one.kind === kind && 'object' in one ? [one.object] : []))

describe.each(majors)('names of what is traced on PostgreSQL $major', ({ major, isThere }) => {
  const isSkipped = !isThere && process.env['CI'] !== 'true'
  let staged: TraceStage
  beforeAll(async () => {
    if (!isSkipped) staged = await stageTrace({ texts: [SCHEMA + HELPERS], major })
  })
  afterAll(async () => {
    if (!isSkipped) await staged[Symbol.asyncDispose]()
  })

  it.skipIf(isSkipped)('are those of the catalogue, for every sort of object', { timeout: 60_000 }, async () => {
    await using world = await staged.world()
    const before = new Set((await world.catalogue()).map((entry) => entry.object))
    const wrong: string[] = []
    for (const [make, drop] of THINGS) {
      const made = named(eventsOf(await world.applyTraced(migrationsOf([make]))), 'created')
      const listed = (await world.catalogue()).map((entry) => entry.object)
      const added = new Set(listed.filter((object) => !before.has(object)))
      const gone = named(eventsOf(await world.applyTraced(migrationsOf([drop]))), 'dropped')
      if (made.length !== 1 || !added.has(made[0] ?? '')) wrong.push(`${make}: ${made.join(', ')}`)
      if (!gone.includes(made[0] ?? '')) wrong.push(`${drop}: ${gone.join(', ')}`)
      // Whatever went along is listed under that name, too; but for the type of multiranges, which comes by itself.
      const unlisted = gone.filter((object) => !added.has(object) && object !== 'type public.span_multirange')
      if (unlisted.length > 0) wrong.push(`${drop}: ${unlisted.join(', ')} is not in the catalogue`)
    }
    expect(wrong).toEqual([])
  })

  it.skipIf(isSkipped)('are those of the catalogue for what a superuser makes', async () => {
    await using server = await startCatalogueServer(major)
    const client = await server.database()
    const wrong: string[] = []
    for (const [make, catalogue, condition] of OF_SUPERUSERS) {
      await client.query(make)
      const { rows } = await client.query<Identified>(`
        SELECT i.type, i.identity, a.object_names AS names, a.object_args AS args
          FROM ${catalogue} c, pg_identify_object('${catalogue}'::regclass, c.oid, 0) i,
            pg_identify_object_as_address('${catalogue}'::regclass, c.oid, 0) a WHERE ${condition}`)
      const [found] = rows
      const objects = (await readCatalogue(client, { ignoreTables: [] })).map((entry) => entry.object)
      if (found === undefined || !objects.includes(objectName(found))) wrong.push(make)
    }
    await client.end()
    expect(wrong).toEqual([])
  })

  it.skipIf(isSkipped).each(PARTS)('are those of the catalogue after %s', async (drop, object) => {
    await using world = await staged.world()
    const before = (await world.catalogue()).map((entry) => entry.object)
    const traced = await world.applyTraced(migrationsOf([drop]))
    const gone = named(eventsOf(traced), 'dropped')
    expect(gone).toContain(object)
    expect(before).toEqual(expect.arrayContaining(gone))
  })

  it.skipIf(isSkipped)('are those from before the release, where something was renamed', async () => {
    const traced = await staged.trace('ALTER TABLE "Odd one"."Table" RENAME TO other; DELETE FROM "Odd one".other')
    expect(named(eventsOf(traced), 'write')).toEqual(['table "Odd one"."Table"'])
  })
})
