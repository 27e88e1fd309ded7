import { beforeAll, describe, expect, it } from 'vitest'
import { migrationsContract } from '../../../src/checks/migrations-contract/index.ts'
import { buildState, judge, judgeWith, liveState } from '../../../src/checks/migrations-contract/judge.ts'
import { sample } from '../../../src/checks/migrations-contract/sample.ts'
import type { JudgeContext } from '../../../src/gate/check.ts'
import { cannotProve, type Finding, note, refuse } from '../../../src/gate/finding.ts'
import { observed } from '../../../src/gate/observation.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Judgement } from '../../../src/gate/verdict.ts'
import { migrationTree } from '../../../src/observers/migration-tree/kind.ts'
import { pending } from '../../../src/observers/pending/kind.ts'
import { LIVE, script } from './setting.ts'

beforeAll(async () => migrationsContract.prepare?.())

interface Given {
  readonly live?: readonly string[]
  readonly profile?: 'online' | 'additive'
  readonly transaction?: 'per-file' | 'all-pending'
}

/** The judgement of these files, called `1.sql`, `2.sql`, … */
const judged = (
  texts: readonly string[],
  { live = [LIVE], profile = 'online', transaction = 'per-file' }: Given = {},
) =>
  judgeWith(buildState(live.map((text, at) => script(text, `live-${at + 1}.sql`))), {
    scripts: texts.map((text, at) => script(text, `${at + 1}.sql`)),
    transaction,
    settings: { ...DEFAULT_POLICY.settings, profile },
  })
const at = (line: number, column = 1, file = '1.sql') => ({ where: { file, line, column } })
const DROP = {
  code: 'data-loss/drop-table',
  message: 'drops table public.orders with all its rows',
  subject: 'table public.orders',
  hint: 'Release a version that no longer uses the table first; drop it later, with a backup and an acceptance in the policy.',
  endLine: 1,
}
const unread = (place: object, message = 'a statement is put together at run time'): Finding =>
  note({ code: 'parse/dynamic-sql', message, subject: '1.sql', hint: 'The rehearsal sees what it does.', ...place })

const READ = '1 pending migration read statically (1 statement, profile online)'
const ASKED = 'nothing that is known to lose data, to break the running version or to block a busy table'
const ADDITIVE =
  'nothing that is known to lose data, to take away what an older version uses or to fail when it meets its own work; locks are not judged in this profile'

describe('what is proved', () => {
  it.each<[string, readonly string[], Given, string[]]>([
    ['one statement', ['SELECT 1'], {}, [`${READ}: ${ASKED}`]],
    [
      'several, in the profile additive',
      ['SELECT 1; SELECT 2;', 'SELECT 3'],
      { profile: 'additive' },
      [`2 pending migrations read statically (3 statements, profile additive): ${ADDITIVE}`],
    ],
    ['that it was read, where something refuses', ['DROP TABLE orders'], {}, [READ]],
    [
      'and what could not be read',
      ['DO $$ BEGIN EXECUTE current_user; EXECUTE current_user; END $$'],
      {},
      [`${READ}: ${ASKED}; 2 that are put together at run time are for the rehearsal to see`],
    ],
    [
      'and what could not be read beside a refusal',
      ['DO $$ BEGIN EXECUTE current_user; DROP TABLE orders; END $$'],
      {},
      [`${READ}; 1 that are put together at run time are for the rehearsal to see`],
    ],
    ['nothing of no statement', ['-- none'], {}, []],
    ['nothing of no file', [], {}, []],
  ])('%s', (_, texts, given, proved) => expect(judged(texts, given).proved).toEqual(proved))
})

describe('where a harm is told', () => {
  it('at its statement, to its end', () => {
    expect(judged(['SELECT 1;\n  DROP TABLE\n orders;\nSELECT 2']).findings).toEqual([
      refuse({ ...DROP, ...at(2, 3), endLine: 3 }),
    ])
    const pieces = [
      { text: 'SELECT 1;', line: 1 },
      { text: '\nDROP TABLE orders', line: 7 },
    ]
    const state = buildState([script(LIVE, 'live.sql')])
    const scripts = [{ ...script('', '1.sql', 'pieces'), pieces }]
    const { findings } = judgeWith(state, { scripts, transaction: 'per-file', settings: DEFAULT_POLICY.settings })
    expect(findings).toEqual([refuse({ ...DROP, ...at(8), endLine: 8 })])
  })

  it('inside of a block at its own place, without a form to write instead', () => {
    expect(judged(['DO $$\nBEGIN\n  DROP TABLE orders; END $$']).findings).toEqual([
      refuse({ ...DROP, ...at(3, 3), endLine: 3 }),
    ])
    const hint = (sql: string): string | null | undefined => judged([sql]).findings[0]?.hint
    expect(hint('CREATE INDEX a ON users (age)')).toMatch(/^-- alone in a file/)
    expect(hint('DO $$ BEGIN CREATE INDEX a ON users (age); END $$')).toBe(
      'CREATE INDEX CONCURRENTLY a ON users (age); alone in a migration without a transaction.',
    )
  })

  it('inside of a function at its call, with its name', () => {
    const f =
      'CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE orders; EXECUTE current_user; END $$;'
    const { findings } = judged(['SELECT 1;\n SELECT f();'], { live: [LIVE, f] })
    const via = `${DROP.message} (inside of function public.f, which is called here)`
    expect(findings).toEqual([unread(at(2, 2)), refuse({ ...DROP, message: via, ...at(2, 2), endLine: 2 })])
    const indexed = 'CREATE FUNCTION g() RETURNS void LANGUAGE sql AS $$ CREATE INDEX a ON users (age) $$;'
    expect(judged(['SELECT g()'], { live: [LIVE, indexed] }).findings[0]?.hint).toMatch(/^CREATE INDEX/)
  })

  it.each([
    ['DROP TABLE orders', 'error fail'],
    ['REFRESH MATERIALIZED VIEW totals', 'warning none'],
    ['ALTER TABLE users RENAME CONSTRAINT users_email_key TO x', 'note none'],
  ])('with the severity of its rule: %s', (sql, severity) => {
    expect(judged([sql]).findings.map((one) => `${one.severity} ${one.outcome}`)).toEqual([severity])
  })

  it('by what follows in its transaction, and not by what follows it', () => {
    const add = "ALTER TYPE mood ADD VALUE 'calm';"
    const use = "INSERT INTO people VALUES (1, 'calm');"
    const codes = (texts: string[], transaction: 'per-file' | 'all-pending'): string[] =>
      judgeWith(buildState([script(LIVE)]), {
        scripts: texts.map((text, index) => script(text, `${index + 1}.sql`, 'transaction')),
        transaction,
        settings: DEFAULT_POLICY.settings,
      }).findings.map((one) => one.code)
    const CODE = 'apply/enum-value-in-same-transaction'
    expect(codes([`${add} ${use}`], 'per-file')).toContain(CODE)
    expect(codes([`${add} SELECT 1; ${use}`], 'per-file')).toContain(CODE)
    expect(codes([`${use} ${add}`], 'per-file')).not.toContain(CODE)
    expect(codes([add, use], 'per-file')).not.toContain(CODE)
    expect(codes([add, use], 'all-pending')).toContain(CODE)
    // Statement by statement, each has a transaction of its own.
    expect(judged([`${add} ${use}`]).findings.map((one) => one.code)).not.toContain(CODE)
  })

  it('inside of a function that the release itself made', () => {
    const sql = "CREATE FUNCTION h() RETURNS void LANGUAGE sql AS 'DROP TABLE orders'; SELECT h();"
    expect(judged([sql]).findings.at(-1)?.message).toContain('(inside of function public.h, which is called here)')
  })
})

describe('what cannot be read', () => {
  it('is said once a statement, and counted each time', () => {
    const twice = 'DO $$ BEGIN EXECUTE current_user; EXECUTE current_user; END $$;'
    expect(judged([`${twice}\n${twice}`]).findings).toEqual([unread(at(1, 21)), unread(at(2, 21))])
    const beside = 'DO $$ BEGIN EXECUTE current_user; DROP TABLE orders; EXECUTE current_user; END $$;'
    expect(judged([beside]).findings.map((one) => one.code)).toEqual(['parse/dynamic-sql', 'data-loss/drop-table'])
  })

  const chain = (length: number): string =>
    [
      ...Array.from(
        { length },
        (_, index) => `CREATE FUNCTION f${index}() RETURNS void LANGUAGE sql AS 'SELECT f${index + 1}()';`,
      ),
      `CREATE FUNCTION f${length}() RETURNS void LANGUAGE sql AS 'DROP TABLE orders';`,
    ].join('\n')

  it('is what is nested deeper than eight times', () => {
    const codes = (length: number): string[] =>
      judged(['SELECT f0()'], { live: [LIVE, chain(length)] }).findings.map((one) => one.code)
    expect(codes(7)).toEqual(['data-loss/drop-table'])
    expect(codes(8)).toEqual(['parse/dynamic-sql'])
    expect(judged(['SELECT f0()'], { live: [LIVE, chain(9)] }).findings).toEqual([
      unread(at(1), 'SQL inside of SQL is nested too deeply (inside of function public.f7, which is called here)'),
    ])
  })

  it.each([
    [1, 'a live migration could not be read (live-1.sql)'],
    [2, '2 live migrations could not be read (live-1.sql, live-2.sql)'],
    [3, '3 live migrations could not be read (live-1.sql, live-2.sql, live-3.sql)'],
    [4, '4 live migrations could not be read (live-1.sql, live-2.sql, live-3.sql, …)'],
  ])('among what is live is a note: %i', (count, message) => {
    expect(judged(['SELECT 1'], { live: Array.from({ length: count }, () => 'SELEKT') }).findings).toEqual([
      note({
        code: 'parse/baseline-unread',
        message: `${message}: what is not known is taken to exist`,
        ...at(1, 1, 'live-1.sql'),
        subject: 'the schema before the release',
      }),
    ])
  })

  it('names a live file once, however many of its pieces cannot be read', () => {
    const pieces = [
      { text: 'SELEKT', line: 1 },
      { text: 'SELEKT', line: 2 },
    ]
    const state = buildState([{ ...script('', 'live.sql', 'pieces'), pieces }])
    expect(state.unread).toEqual(['live.sql'])
    expect(state.isComplete).toBe(false)
    expect(buildState([script(LIVE)])).toMatchObject({ unread: [], isComplete: true })
  })
})

describe('what the live migrations built', () => {
  const codes = (live: string, next: string): string[] =>
    judged([next], { live: [live] }).findings.map((one) => one.code)
  const T = 'CREATE TABLE t (a int); '

  it('with blocks, and what they nest', () => {
    // A table that was there is not made again, so that dropping it loses what production has.
    const next = 'CREATE TABLE IF NOT EXISTS t (a int); DROP TABLE t'
    expect(codes('SELECT 1', next)).toEqual([])
    // What a query of them called is left to the rehearsal.
    const called = "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'CREATE TABLE t (a int)'; SELECT f();"
    expect(codes(called, next)).toEqual([])
    for (const live of [
      T,
      'DO $$ BEGIN CREATE TABLE t (a int); END $$',
      "DO $$ BEGIN EXECUTE 'CREATE TABLE t (a int)'; END $$",
      'DO $$ BEGIN EXECUTE $x$DO $y$ BEGIN CREATE TABLE t (a int); END $y$ $x$; END $$',
    ]) {
      expect(codes(live, next)).toEqual(['data-loss/drop-table'])
    }
  })

  it('and with what a query of them set, in its own file', () => {
    const tables = (into: string): string[] =>
      Object.keys(buildState([script(`${into}; ${T}`, 'a.sql'), script('CREATE TABLE u (a int)', 'b.sql')]).tables)
    expect(tables('SELECT 1')).toEqual(['public.t', 'public.u'])
    expect(tables('CREATE SCHEMA billing; SET search_path = billing')).toEqual(['billing.t', 'public.u'])
    expect(tables("SELECT set_config('search_path', 'billing', false)")).toEqual(['public.u'])
  })

  it('is left as it is by a judgement', () => {
    const state = buildState([script(LIVE)])
    const before = structuredClone(state)
    const work = {
      scripts: [script('DROP TABLE orders')],
      transaction: 'per-file',
      settings: DEFAULT_POLICY.settings,
    } as const
    const first = judgeWith(state, work)
    expect(state).toEqual(before)
    expect(judgeWith(state, work)).toEqual(first)
  })
})

describe('how the files are sent', () => {
  it('one after the other, or all in one transaction', () => {
    const texts = [
      'ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID;',
      'ALTER TABLE orders VALIDATE CONSTRAINT c;',
    ]
    const codes = (transaction: 'per-file' | 'all-pending'): string[] =>
      judgeWith(buildState([script(LIVE)]), {
        scripts: texts.map((text, index) => script(text, `${index + 1}.sql`, 'transaction')),
        transaction,
        settings: DEFAULT_POLICY.settings,
      }).findings.map((one) => `${one.where?.file} ${one.code}`)
    expect(codes('per-file')).toEqual([])
    expect(codes('all-pending')).toEqual(['2.sql lock/validate-in-same-transaction'])
  })

  it('a file without a statement, a broken one and one after it are told in order', () => {
    const { findings } = judged(['SELEKT', 'DROP TABLE orders', ''])
    expect(findings.map((one) => [one.code, one.where?.file])).toEqual([
      ['parse/syntax', '1.sql'],
      ['data-loss/drop-table', '2.sql'],
      ['parse/empty', '3.sql'],
    ])
  })
})

describe('one lock of one statement', () => {
  it('is one harm with all that is done; other harms stand beside it', () => {
    const sql =
      'ALTER TABLE users ADD CONSTRAINT a CHECK (age > 0), ADD CONSTRAINT b CHECK (age < 200), DROP COLUMN nickname, DROP COLUMN balance'
    const { findings } = judged([sql])
    const check = (name: string): string =>
      `adds check ${name} to table public.users while the whole table is locked and read`
    expect(findings.map((one) => [one.code, one.message])).toEqual([
      ['lock/add-check', `${check('a')}; ${check('b')}`],
      ['data-loss/drop-column', expect.stringContaining('nickname')],
      ['data-loss/drop-column', expect.stringContaining('balance')],
    ])
  })
})

describe('the judge of the folder', () => {
  const context: JudgeContext = { evaluatedAt: '2026-11-21T12:00:00.000Z', settings: DEFAULT_POLICY.settings }
  const of = (files: readonly string[]) => sample.with(observed(pending, 'git', { ...sample.need(pending), files }))
  const FILES = sample.need(pending).files

  it('reads what is pending after what is live', () => {
    const judgement = judge(sample, context)
    expect(judgement.findings).toEqual([])
    expect(judgement.proved).toEqual([`2 pending migrations read statically (5 statements, profile online): ${ASKED}`])
    expect(judge(sample, { ...context, prior: liveState(sample) })).toEqual(judgement)
    const nothing: Judgement = judge(sample, { ...context, prior: liveState(of([])) })
    expect(nothing).not.toEqual(judgement)
  })

  it('is unproven where something pending is not in the folder', () => {
    const { findings, proved } = judge(of([...FILES, 'db/migrations/0004_gone.up.sql']), context)
    expect(findings).toEqual([
      cannotProve({
        code: 'unproven/pending-file-missing',
        message: 'db/migrations/0004_gone.up.sql is said to be pending, and is not in the migration folder',
        subject: 'db/migrations/0004_gone.up.sql',
        hint: 'The folder changed while it was read: run again.',
      }),
    ])
    expect(proved).toHaveLength(1)
  })

  it('what is live is not complete where a file of the folder is opaque', () => {
    const tree = sample.need(migrationTree)
    const problem = { kind: 'bad-metadata', file: 'x', message: 'm', hint: null } as const
    const withProblems = (...opaque: boolean[]) =>
      liveState(
        sample.with(
          observed(migrationTree, 'folder', {
            ...tree,
            problems: opaque.map((isOpaque) => ({ ...problem, isOpaque })),
          }),
        ),
      ).isComplete
    expect(withProblems()).toBe(true)
    expect(withProblems(false)).toBe(true)
    expect(withProblems(false, true)).toBe(false)
  })

  it('what is live is what is not pending', () => {
    const tables = (files: readonly string[]): string => JSON.stringify(liveState(of(files)))
    expect(tables(FILES)).not.toContain('teams')
    expect(tables([])).toContain('teams')
  })

  it('is read once for one history, and anew for any other', () => {
    const tree = sample.need(migrationTree)
    const migrations = ['a', 'b', 'c'].map((name) => ({
      ...tree.migrations[0]!,
      up: script(`CREATE TABLE ${name} (id int)`, `${name}.sql`),
    }))
    const [a, b, c] = migrations
    const live = (...chosen: typeof migrations) =>
      liveState(of([]).with(observed(migrationTree, 'folder', { ...tree, problems: [], migrations: chosen })))
    const tables = (...chosen: typeof migrations): string[] => Object.keys(live(...chosen).tables)
    expect(live(a!, b!)).toBe(live(a!, b!))
    expect(tables(a!, b!)).toEqual(['public.a', 'public.b'])
    expect(tables(a!, c!)).toEqual(['public.a', 'public.c'])
    expect(tables(a!)).toEqual(['public.a'])
    expect(tables(a!, b!, c!)).toEqual(['public.a', 'public.b', 'public.c'])
    expect(tables(a!, b!)).toEqual(['public.a', 'public.b'])
    expect(tables()).toEqual([])
  })

  it('hands over the comments that answer for a finding', () => {
    const comment = '-- seaworthy:allow lock/create-index reason="small for ever"\n'
    const { allows, findings } = judged([`${comment}CREATE INDEX a ON users (age);`])
    expect(allows).toEqual([
      {
        code: 'lock/create-index',
        reason: 'small for ever',
        ...at(1),
        statement: { line: 2, column: 1, endLine: 2, endColumn: 30 },
      },
    ])
    expect(findings.map((one) => one.code)).toEqual(['lock/create-index'])
    expect(judged(['-- seaworthy:allow lock/create-index\nSELECT 1']).findings.map((one) => one.code)).toEqual([
      'policy/allow-without-reason',
    ])
  })
})
