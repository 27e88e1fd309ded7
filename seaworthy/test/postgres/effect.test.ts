import { describe, expect, it } from 'vitest'
import { SPLIT, rehearse } from './rehearse.ts'

const TABLES = `CREATE TABLE cases (id bigint PRIMARY KEY); CREATE TABLE courts (id bigint PRIMARY KEY);
  CREATE FUNCTION age_of(id bigint) RETURNS int LANGUAGE sql AS 'SELECT 1';`

const told = async (sql: string, roles: object = SPLIT) =>
  (await rehearse({ texts: [TABLES, sql], live: 1, roles })).withoutEffect?.map((one) => [one.line, one.object])

describe('grants of a role that does not own what it grants', () => {
  it('are told with their place: the server only warns, and nobody gets the right', async () => {
    expect(await told('CREATE TABLE own (id int);\nGRANT SELECT ON courts TO reader;')).toEqual([[2, 'courts']])
    expect(await told('GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;')).toEqual([
      [1, 'cases'],
      [1, 'courts'],
    ])
    expect(await told('SELECT 1;\n\nREVOKE INSERT ON cases FROM reader;')).toEqual([[3, 'cases']])
    expect(await told('GRANT EXECUTE ON FUNCTION age_of TO reader;')).toEqual([[1, 'age_of']])
    expect(await told('GRANT CREATE ON SCHEMA public TO reader;')).toEqual([[1, 'public']])
  })

  it('are not told where they work, where they change nothing, or where ownership is only assumed', async () => {
    expect(await told('CREATE TABLE own (id int); GRANT SELECT ON own TO reader;')).toEqual([])
    expect(await told('GRANT USAGE ON SCHEMA public TO reader;')).toEqual([])
    expect(await told('GRANT SELECT ON courts TO reader;', { ...SPLIT, owns: ['public.courts'] })).toEqual([])
    expect(await told('GRANT SELECT ON courts TO reader;', {})).toBeUndefined()
  })

  it('of what belongs to an extension are nobody’s to give', async () => {
    const run = await rehearse({
      texts: [`${TABLES} CREATE EXTENSION pg_stat_statements;`, 'GRANT SELECT ON pg_stat_statements TO reader;'],
      live: 1,
      roles: SPLIT,
    })
    expect(run).toMatchObject({ failure: null, withoutEffect: [] })
  })
})
