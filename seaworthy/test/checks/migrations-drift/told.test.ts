import { describe, expect, it } from 'vitest'
import { judge } from '../../../src/checks/migrations-drift/judge.ts'
import { inProduction, rehearsed, sample } from '../../../src/checks/migrations-drift/sample.ts'
import { type Finding, cannotProve, note, refuse, warn } from '../../../src/gate/finding.ts'
import type { Observations } from '../../../src/gate/observation.ts'
import { type CatalogueEntry, effects } from '../../../src/observers/effects/kind.ts'
import { shape } from '../../../src/observers/shape/kind.ts'
import { altered, entry, made, production, release } from './scene.ts'

const FILE = 'migrations/003_languages.up.sql'
const HERE = { where: { file: FILE, line: 1, column: 1 }, endLine: 2 }

const collides = (subject: string, message: string, place: object = HERE): Finding =>
  refuse({
    code: 'drift/release-collides',
    message,
    subject,
    hint: 'It fails there, or does nothing with IF NOT EXISTS. If somebody made it by hand, write a migration that says what is there and record it as applied; if the release is applied already, capture the shape again.',
    ...place,
  })

const touches = (subject: string, message: string, place: object = HERE): Finding =>
  refuse({
    code: 'drift/release-touches',
    message,
    subject,
    hint: 'Bring both together first: a migration that makes what production has, or a change of production to what the migrations say. Then capture the shape again.',
    ...place,
  })

describe('what the release makes and production has', () => {
  const MADE = 'the release makes table public.languages, and production has'
  it.each<[string, string, string]>([
    ['the table itself', 'table public.languages', `${MADE} it already, although no migration before made it`],
    ...['view', 'materialized view', 'foreign table', 'sequence', 'index'].map((sort): [string, string, string] => [
      `a ${sort} of its name`,
      `${sort} public.languages`,
      `${MADE} ${sort} public.languages already, although no migration before made it`,
    ]),
  ])('collides with %s', (_, object, message) => {
    expect(judge(production(sample, [entry(object)])).findings[0]).toEqual(collides('table public.languages', message))
  })

  it('does not collide with what only ends with the same words', () => {
    const { findings } = judge(production(sample, [entry('rule of table public.languages')]))
    expect(findings.map((one) => one.code)).toEqual(['drift/only-in-production'])
  })

  it('does not collide with what the migrations before have built', () => {
    const again = release([made('table public.courts'), made('view public.courts')])
    expect(judge(again).findings).toEqual([])
  })

  it.each(
    [
      'privileges on',
      'default privileges of',
      'comment on',
      'security label',
      'settings of',
      'membership of',
      'role',
    ].map((sort) => [`${sort} x`]),
  )('replaces %s', (object) => {
    const { findings } = judge(production(release([made(object)]), [entry(object)]))
    expect(findings.filter((one) => one.code === 'drift/release-collides')).toEqual([])
  })

  it('but a thing that only has such a word in its name collides', () => {
    const { findings } = judge(production(release([made('table role x')]), [entry('table role x')]))
    expect(findings.map((one) => one.code)).toEqual(['drift/release-collides'])
  })

  it.each([
    ['bigint', ' (bigint in both)'],
    ['integer', ' (bigint in the release, integer in production)'],
    [null, ''],
  ])('names the types of a column: %s', (there, said) => {
    const object = 'column public.courts.city'
    const column = (type: string | null): CatalogueEntry =>
      entry(object, `of table public.courts${type === null ? '' : `\ntype ${type}`}`)
    const other = entry('column public.courts.area', 'of table public.courts\ntype text')
    const adds = release([altered('table public.courts')], [other, column('bigint')])
    const message = `the release makes ${object}, and production has it already, although no migration before made it${said}`
    // The trace names the table alone: the column has the place of what was done to it.
    expect(judge(production(adds, [column(there)])).findings).toContainEqual(collides(object, message))
  })

  it('names no type of what is no column, nor one that the catalogues do not tell', () => {
    const domain = entry('domain public.d', 'type text')
    const says = (of: Observations): string | undefined => judge(of).findings[0]?.message
    const without =
      'the release makes domain public.d, and production has it already, although no migration before made it'
    expect(says(production(release([made(domain.object)], [domain]), [domain]))).toBe(without)
    const column = entry('column public.courts.city', 'of table public.courts\ntype text')
    expect(says(production(release([made(column.object)]), [column]))).not.toContain('text')
  })

  it('tells a whole once, not its parts; and a part alone where its whole was there', () => {
    const there = [
      entry('table public.languages'),
      entry('column public.languages.id', 'of table public.languages\ntype bigint\nnot null'),
    ]
    expect(judge(production(sample, there)).findings.map((one) => one.subject)).toEqual(['table public.languages'])
    const index = entry('index public.courts_by_name', 'of table public.courts\nbtree (name)')
    const adds = release([made(index.object)], [index])
    expect(judge(production(adds, [index])).findings.map((one) => one.subject)).toEqual([index.object])
  })

  it('hides nothing else that differs in the thing that it is a part of', () => {
    const city = entry('column public.courts.city', 'of table public.courts\ntype text')
    const adds = release([altered('table public.courts')], [city])
    const codes = (without: readonly string[]): readonly string[] =>
      judge(production(adds, [city], without)).findings.map((one) => one.code)
    expect(codes([])).toEqual(['drift/release-collides'])
    expect(codes(['column public.courts.name'])).toEqual(['drift/release-collides', 'drift/release-touches'])
  })

  it('a part that a statement names has the place of that statement', () => {
    const index = entry('trigger t on public.courts', 'of table public.courts')
    const apart = sample.with(
      rehearsed(release([altered('table public.courts')], [index]), ({ steps: [step] }) => ({
        steps: [
          step!,
          { ...step!, statements: step!.statements.map((one) => ({ ...one, line: 9, events: [made(index.object)] })) },
        ],
      })),
    )
    expect(judge(production(apart, [index])).findings[0]?.where?.line).toBe(9)
  })

  it.each([
    ['column public.courts.city', 'table public.courts', HERE],
    ['trigger t on public.courts', 'table public.courts', HERE],
    ['column public.courts.city', 'table public.court', {}],
    ['column public.courts.city', 'table courts.city', {}],
    ['trigger t on public.courts', 'table courts', {}],
  ])('%s has the place of what was done to its own table: %s', (object, table, place) => {
    const part = entry(object, 'of table public.courts')
    const adds = release([altered(table)], [part])
    const message = `the release makes ${object}, and production has it already, although no migration before made it`
    expect(judge(production(adds, [part])).findings).toContainEqual(collides(object, message, place))
  })
})

describe('what the release touches and is another one in production', () => {
  it.each([
    [
      'alters',
      'is missing',
      [],
      ['table public.cases', 'column public.cases.id'],
      'production has no table public.cases',
    ],
    [
      'alters',
      'has a part more',
      [entry('column public.cases.x', 'of table public.cases')],
      [],
      'only production has column public.cases.x',
    ],
  ] as const)('%s: %s', (word, _, more, without, said) => {
    expect(judge(production(sample, more, without)).findings).toEqual([
      touches(
        'table public.cases',
        `the release ${word} table public.cases, and in production it is not what was rehearsed: ${said}`,
      ),
    ])
  })

  it('names four parts, and how many more there are', () => {
    const parts = (count: number): CatalogueEntry[] =>
      Array.from({ length: count }, (_, at) => entry(`column public.cases.x${at}`, 'of table public.cases'))
    const said = (count: number): string | undefined => judge(production(sample, parts(count))).findings[0]?.message
    const four = [0, 1, 2, 3].map((at) => `only production has column public.cases.x${at}`).join('; ')
    expect(said(4)).toMatch(new RegExp(`rehearsed: ${four}$`))
    expect(said(6)).toMatch(new RegExp(`rehearsed: ${four}; and 2 more$`))
  })

  it.each([['column public.named.a'], ['trigger t on public.named']])('%s reaches the thing it is made on', (part) => {
    const { findings } = judge(production(release([made(part)]), [], ['view public.named']))
    expect(findings).toEqual([
      touches(
        'view public.named',
        `the release makes ${part}, and in production it is not what was rehearsed: production has no view public.named`,
      ),
    ])
  })

  it.each([
    ['column public.name.a'],
    ['trigger on public.name'],
    ['table public.named_too'],
    ['view of column public.named.a'],
  ])('%s reaches nothing else', (part) => {
    const { findings } = judge(production(release([made(part)]), [], ['view public.named']))
    expect(findings.map((one) => one.code)).toEqual(['drift/missing'])
  })

  it('is reached through a part as well', () => {
    const column = 'column public.courts.name'
    const { findings } = judge(production(release([altered(column)]), [], [column]))
    expect(findings).toEqual([
      touches(
        'table public.courts',
        `the release alters ${column}, and in production it is not what was rehearsed: production has no ${column}`,
      ),
    ])
  })
})

describe('what the release does not touch', () => {
  const cases: [string, Observations, Parameters<typeof warn>[0]][] = [
    [
      'is missing',
      production(sample, [], ['view public.named']),
      {
        code: 'drift/missing',
        message: 'production is not what the migrations build: production has no view public.named',
        subject: 'view public.named',
        hint: 'Somebody dropped it by hand, a migration was recorded without being run, or the shape is older than the migrations that are taken as live.',
      },
    ],
    [
      'was made by hand',
      production(sample, [entry('table public.report')]),
      {
        code: 'drift/only-in-production',
        message: 'production is not what the migrations build: no migration makes table public.report',
        subject: 'table public.report',
        hint: 'If it belongs to the application, write it into a migration; if to something else (monitoring, a report), it may stay.',
      },
    ],
    [
      'is different',
      production(sample, [], ['column public.courts.name']),
      {
        code: 'drift/different',
        message:
          'production has another table public.courts than the migrations build: production has no column public.courts.name',
        subject: 'table public.courts',
        hint: 'Find out who changed it, and bring both together: in a migration, or in production.',
      },
    ],
  ]
  it.each(cases)('warns where it %s', (_, of, said) => {
    expect(judge(of).findings).toEqual([warn(said)])
  })

  it('is unproven where nobody traced what the release touches', () => {
    const untraced = (of: Observations): Observations => of.with(rehearsed(of, () => ({ traceUnproven: 'no rights' })))
    expect(judge(untraced(sample)).findings).toEqual([])
    expect(judge(untraced(production(sample, [], ['view public.named']))).findings.slice(1)).toEqual([
      cannotProve({
        code: 'unproven/drift-not-traced',
        message:
          'production differs from what the migrations build, and what the release touches was not traced: no rights',
        subject: 'shape',
        hint: 'Let the rehearsal run on a scratch server of our own, where everything can be traced.',
      }),
    ])
  })
})

describe('how much is told', () => {
  const hand = (count: number): CatalogueEntry[] =>
    Array.from({ length: count }, (_, at) => entry(`table public.t${at + 100}`))
  const notShown = (hidden: number): Finding =>
    warn({
      code: 'drift/not-shown',
      message: `${hidden} more objects differ between production and what the migrations build`,
      subject: 'shape',
      hint: 'So many mostly mean that the shape is of another database, or that another version is taken as live. The evidence folder has both catalogues (--evidence DIR).',
    })

  it('fifty differences are told one by one, and what refuses always', () => {
    expect(judge(production(sample, hand(50))).findings).toHaveLength(50)
    expect(judge(production(sample, hand(51))).findings.slice(50)).toEqual([notShown(1)])
    const refused = production(sample, [...hand(49), entry('table public.languages')], ['column public.cases.id'])
    const { findings } = judge(refused)
    expect(findings).toHaveLength(51)
    expect(findings.slice(0, 2).map((one) => one.code)).toEqual(['drift/release-collides', 'drift/release-touches'])
    expect(findings.at(-1)).toEqual(notShown(1))
  })

  it('no warning stands beside fifty and more that refuse', () => {
    const tables = hand(60).map((one) => one.object)
    const all = production(release(tables.map(altered)), [...hand(60), entry('view public.by_hand')])
    const { findings } = judge(all)
    expect(findings.map((one) => one.severity)).toEqual([...tables.map(() => 'error'), 'warning'])
    expect(findings.at(-1)).toEqual(notShown(1))
  })
})

describe('the servers and their extensions', () => {
  const version = (of: Observations, extensions: readonly { name: string; version: string }[]): readonly Finding[] =>
    judge(of.with(inProduction(of, () => ({ extensions: extensions.map((one) => ({ ...one, schema: 'public' })) }))))
      .findings

  it('warns of another major version, and how to rehearse on it', () => {
    const other = sample.with(inProduction(sample, () => ({ server: { version: '15.18', major: 15, settings: [] } })))
    expect(judge(other).findings).toEqual([
      warn({
        code: 'drift/server-version',
        message:
          'production is PostgreSQL 15.18, and the rehearsal ran on 18.4; the texts of views and names of NOT NULL constraints were not compared',
        subject: 'server',
        hint: "Rehearse on production's major version: seaworthy check --pg 15",
      }),
    ])
  })

  it('notes an extension that no migration makes, and one of another version', () => {
    expect(
      version(sample, [
        { name: 'citext', version: '1.5' },
        { name: 'postgis', version: '3.5' },
      ]),
    ).toEqual([
      note({
        code: 'drift/extension-version',
        message: 'production has the extension citext 1.5, and the rehearsal 1.6',
        subject: 'extension citext',
      }),
      note({
        code: 'drift/extension-version',
        message: 'production has the extension postgis 3.5, which no migration makes',
        subject: 'extension postgis',
      }),
    ])
  })

  it('not what comes with the server, nor one of the same version, however its name is quoted', () => {
    const quoted = sample.with(
      rehearsed(sample, ({ before }) => ({
        before: [...before, entry('extension "uuid-""ossp"', 'version 1.1\nschema public')],
      })),
    )
    const there = [
      { name: 'plpgsql', version: '1.0' },
      { name: 'citext', version: '1.6' },
      { name: 'uuid-"ossp', version: '1.1' },
    ]
    expect(version(quoted, there)).toEqual([])
  })

  it('an extension whose version nobody wrote down has none', () => {
    const unversioned = sample.with(
      rehearsed(sample, ({ before }) => ({ before: [...before, entry('extension x', 'schema public')] })),
    )
    expect(version(unversioned, [{ name: 'x', version: '1' }])[0]?.message).toBe(
      'production has the extension x 1, and the rehearsal ',
    )
  })
})

describe('what was compared', () => {
  it.each([
    ['the rehearsal', sample.without(effects)],
    ['the shape', sample.without(shape)],
  ])('is unproven without %s', (_, of) => {
    expect(judge(of)).toEqual({
      findings: [
        cannotProve({
          code: 'unproven/drift-not-compared',
          message: 'production was not compared with what the migrations build: one of the two was not observed',
          subject: 'shape',
          hint: 'Mend what stopped the rehearsal (another check says more about it), and run again.',
        }),
      ],
      proved: [],
    })
  })

  it('proves nothing where nothing is the same, and says so where production is empty', () => {
    const only = (catalogue: CatalogueEntry[]): readonly string[] =>
      judge(sample.with(inProduction(sample, () => ({ catalogue })))).proved
    expect(only([])).toEqual(['production is empty, as its shape has it'])
    expect(only([entry('table public.other')])).toEqual([])
    expect(only([entry('table public.other'), entry('table public.report')])).toEqual([])
    expect(judge(production(sample, [entry('table public.other')])).proved).toEqual([
      '3 of 4 objects of production are what the migrations build',
    ])
  })
})
