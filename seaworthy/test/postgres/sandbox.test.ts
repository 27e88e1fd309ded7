import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SPLIT, rehearse } from './rehearse.ts'

/** A folder that every user may write to; a program that a migration starts would leave a file there. */
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
  chmodSync(folder, 0o777)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const startsProgram = (name: string): string => `COPY (SELECT 1) TO PROGRAM 'cat > ${join(folder, name)}'`

/** Tries without failing: what it may not do, it leaves. */
const tries = (sql: string): string => `DO $$ BEGIN ${sql} EXCEPTION WHEN insufficient_privilege THEN NULL; END $$;`

describe('a migration stays inside of the database', () => {
  it('though its function fits one of our own calls better than the one of the server', async () => {
    const run = await rehearse({
      texts: [
        'CREATE TABLE cases (id int);',
        `CREATE FUNCTION public.format(text, name, name) RETURNS text LANGUAGE plpgsql AS $f$
         BEGIN ${startsProgram('format')}; RETURN ''; END $f$;
         CREATE FUNCTION public.pg_get_userbyid(oid) RETURNS name LANGUAGE plpgsql AS $f$
         BEGIN ${startsProgram('userbyid')}; RETURN ''; END $f$;
         CREATE FUNCTION public.to_regclass(name) RETURNS regclass LANGUAGE plpgsql AS $f$
         BEGIN ${startsProgram('regclass')}; RETURN NULL; END $f$;`,
        'ALTER TABLE cases ADD COLUMN language text;',
      ],
      live: 1,
      roles: SPLIT,
    })
    expect(run.failure).toMatchObject({ error: { sqlstate: '42501' }, owner: { object: 'public.cases' } })
    expect(['format', 'userbyid', 'regclass'].filter((name) => existsSync(join(folder, name)))).toEqual([])
  })

  it('though it hands a table to a role that may start programs', async () => {
    for (const live of [0, 1]) {
      const run = await rehearse({
        texts: [
          `CREATE TABLE mine (id int); ALTER TABLE mine OWNER TO pg_execute_server_program;`,
          startsProgram(`owner-${live}`),
        ],
        live,
      })
      expect(run.failure).toMatchObject({ version: '001', error: { sqlstate: '42501' } })
      expect(existsSync(join(folder, `owner-${live}`))).toBe(false)
    }
  })

  it('though it is given CREATEROLE, with which PostgreSQL 15 grants nearly every role', async () => {
    for (const major of [15, 18]) {
      const run = await rehearse({
        texts: [
          'CREATE ROLE reader;',
          tries(`GRANT pg_execute_server_program TO CURRENT_USER; ${startsProgram(`createrole-${major}`)};`),
        ],
        live: 2,
        major,
      })
      expect(run.failure).toBeNull()
      expect(existsSync(join(folder, `createrole-${major}`))).toBe(false)
    }
  })

  it('though the configuration gives its role the name of a superuser, or of one of the ways out', async () => {
    for (const roles of [
      { deployRole: 'seaworthy' },
      { ...SPLIT, ownerRole: 'seaworthy' },
      { deployRole: 'pg_monitor' },
      { memberOf: ['seaworthy'] },
      { memberOf: ['pg_execute_server_program'] },
    ]) {
      await expect(rehearse({ texts: ['SELECT 1;'], live: 0, roles })).rejects.toMatchObject({ code: 'config' })
    }
  })
})

describe('roles of the configuration', () => {
  it('may be called postgres, as Supabase calls its own', async () => {
    const texts = ['CREATE TABLE cases (id int);', 'ALTER TABLE cases ADD COLUMN language text;']
    expect((await rehearse({ texts, live: 1, roles: { deployRole: 'postgres' } })).failure).toBeNull()
    const split = await rehearse({ texts, live: 1, roles: { ...SPLIT, ownerRole: 'postgres' } })
    expect(split.failure).toMatchObject({ error: { sqlstate: '42501' }, owner: { owner: 'postgres' } })
    const deploy = await rehearse({ texts, live: 1, roles: { ...SPLIT, deployRole: 'postgres' } })
    expect(deploy.failure).toMatchObject({ owner: { owner: 'owner', migratingRole: 'postgres' } })
  })
})

describe('an extension that is provided', () => {
  it('goes where one without a schema goes', async () => {
    const run = await rehearse({
      texts: ['CREATE EXTENSION dblink;', "SELECT 'public.dblink_connect(text)'::regprocedure;"],
      live: 1,
    })
    expect(run.failure).toBeNull()
  })
})
