import { beforeAll, describe, expect, it } from 'vitest'
import { NOTHING, blockBody } from '../../../src/checks/migrations-effects/code/body.ts'
import { type Texts, textsOf } from '../../../src/checks/migrations-effects/code/texts.ts'
import { loadGrammar } from '../../../src/sql/parse.ts'

beforeAll(loadGrammar)

/** What the EXECUTEs of a block may run. */
function textsIn(block: string): Texts {
  const body = blockBody(`DO $do$ ${block} $do$`)
  return textsOf({ ...(typeof body === 'string' ? NOTHING : body), isUsual: false }, { node: null, bodies: [] })
}

describe('of the texts of an EXECUTE', () => {
  it.each([
    ["BEGIN EXECUTE CASE WHEN now() > '2030-01-01' THEN 'DELETE FROM t' ELSE 'SELECT 1' END; END"],
    ["DECLARE q text := 'SELECT 1'; BEGIN IF random() > 1 THEN q := 'DELETE FROM t'; END IF; EXECUTE q; END"],
    ["BEGIN EXECUTE (ARRAY['SELECT 1', 'DELETE FROM t'])[1 + (random() > 1)::integer]; END"],
    ["<<b>> DECLARE q text := CASE WHEN random() > 1 THEN 'DELETE FROM t' ELSE 'SELECT 1' END; BEGIN EXECUTE b.q; END"],
    ["DECLARE q text; BEGIN FOREACH q IN ARRAY '{SELECT 1,DELETE FROM t}'::text[] LOOP EXECUTE q; END LOOP; END"],
    ["DECLARE q text; BEGIN SELECT 'SELECT 1' UNION SELECT 'DELETE FROM t' INTO q; EXECUTE q; END"],
    [
      "BEGIN EXECUTE format('%s FROM %I', coalesce(nullif('SELECT 1', (SELECT 'SELECT 1' WHERE false)), 'DELETE'), 't'); END",
    ],
  ])('each is told: %s', (block) => {
    const { chosen, unknown } = textsIn(block)
    expect(unknown).toBeNull()
    expect(chosen.some(({ node }) => 'SelectStmt' in node)).toBe(true)
    expect(chosen.some(({ node }) => 'DeleteStmt' in node)).toBe(true)
  })

  it.each([
    ["BEGIN EXECUTE convert_from(decode('00', 'hex'), 'utf8'); END"],
    ["BEGIN EXECUTE 'ALTER TABLE ' || convert_from(decode('00', 'hex'), 'utf8') || ' ADD COLUMN n int'; END"],
    ["BEGIN EXECUTE current_setting('app.chore'); END"],
    ['DECLARE q text; BEGIN SELECT what INTO q FROM chores; EXECUTE q; END'],
    ["BEGIN EXECUTE reverse('x') || ' FROM t'; END"],
    ["BEGIN EXECUTE 'ALTER TABLE t ' || (SELECT what FROM chores); END"],
    [
      "DECLARE r record; BEGIN FOR r IN SELECT name FROM chores LOOP EXECUTE format('DROP TABLE %I', r.name); END LOOP; END",
    ],
    ["DECLARE q text; BEGIN EXECUTE 'SELECT what FROM chores' INTO q; EXECUTE q; END"],
    ["BEGIN EXECUTE substr(pg_get_viewdef(1), 1, 0) || 'DELETE ' || chr(70) || 'ROM t'; END"],
  ])('nobody knows which: %s', (block) => {
    expect(textsIn(block).unknown).not.toBeNull()
  })

  it.each([
    [
      "DECLARE r record; BEGIN FOR r IN SELECT tablename FROM pg_tables LOOP EXECUTE 'DROP TABLE ' || quote_ident(r.tablename); END LOOP; END",
    ],
    ["DECLARE q text; BEGIN q := 'ALTER TABLE t '; q := q || 'ADD COLUMN '; q := q || 'n int'; EXECUTE q; END"],
    ["DECLARE n bigint; BEGIN SELECT max(id) INTO n FROM t; EXECUTE 'ALTER SEQUENCE s RESTART WITH ' || n; END"],
    ["BEGIN EXECUTE 'CREATE TABLE events_' || to_char(now(), 'YYYY') || ' PARTITION OF events DEFAULT'; END"],
    ["BEGIN EXECUTE 'CREATE VIEW v AS ' || pg_get_viewdef('w'::regclass); END"],
    [
      "DECLARE d text; BEGIN SELECT pg_get_constraintdef(oid) INTO d FROM pg_constraint; EXECUTE 'ALTER TABLE t ADD CONSTRAINT c ' || replace(d, 'a', 'b'); END",
    ],
    ['DECLARE r record; BEGIN FOR r IN SELECT indexdef FROM pg_indexes LOOP EXECUTE r.indexdef; END LOOP; END'],
    [
      "DECLARE c CURSOR FOR SELECT tablename AS t FROM pg_tables; BEGIN FOR r IN c LOOP EXECUTE 'COMMENT ON TABLE ' || r.t || ' IS NULL'; END LOOP; END",
    ],
    ["BEGIN EXECUTE format('GRANT SELECT ON t TO %I', current_user); END"],
  ])('only names are open: %s', (block) => {
    expect(textsIn(block)).toEqual({ chosen: [], unknown: null })
  })
})
