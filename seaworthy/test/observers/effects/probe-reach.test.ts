import { describe, expect, it } from 'vitest'
import type { CatalogueEntry, RoutineBody } from '../../../src/migrations/engine.ts'
import { reachedTables } from '../../../src/observers/effects/probe-reach.ts'

const entry = (object: string, definition = 'owner deploy'): CatalogueEntry => ({ object, definition })
const trigger = (table: string, routine: string): CatalogueEntry =>
  entry(
    `trigger t on public.${table}`,
    `of table public.${table}\nCREATE TRIGGER t … EXECUTE FUNCTION public.${routine}()`,
  )
const body = (name: string, text: string, language = 'plpgsql'): RoutineBody => ({ name, language, text })

const BEFORE = [
  ...['users', 'users_archive', 'audit', 'plans', 'orders', 'items', 'far'].map((name) =>
    entry(`table public.${name}`),
  ),
  trigger('users', 'archive'),
  trigger('plans', 'touch'),
  trigger('orders', 'note'),
  entry(
    'constraint f on public.items',
    'of table public.items\nFOREIGN KEY (o) REFERENCES public.orders(id) ON DELETE CASCADE',
  ),
  entry('constraint g on public.plans', 'of table public.plans\nFOREIGN KEY (u) REFERENCES public.users(id)'),
  entry('constraint c on public.far', 'of table public.far\nCHECK (public.is_good(name))'),
  entry('view public.log', 'owner deploy\ndefinition SELECT * FROM public.audit'),
]
const BODIES = [
  body('archive', 'BEGIN INSERT INTO Users_Archive SELECT OLD.*; RETURN OLD; END'),
  body('touch', 'BEGIN NEW.at := now(); RETURN NEW; END'),
  body('note', 'BEGIN INSERT INTO public."log" VALUES (1); RETURN NEW; END'),
  body('is_good', 'SELECT public.is_better($1)', 'sql'),
  body('is_better', 'SELECT true', 'sql'),
]
const added = (...entries: CatalogueEntry[]): Parameters<typeof reachedTables>[1] => ({
  added: entries,
  removed: [],
  changed: [],
})
const column = (table: string): CatalogueEntry =>
  entry(`column public.${table}.note`, `of table public.${table}\ntype text`)

describe('tables that a release reaches', () => {
  it.each([
    ['a column: the table alone', added(column('plans')), ['plans']],
    ['a table that a trigger function fills', added(column('users_archive')), ['users_archive', 'users']],
    ['a table that a view shows, by which a trigger writes', added(column('audit')), ['audit', 'orders']],
    ['a cascade from above', added(trigger('items', 'refuse')), ['items', 'orders']],
    ['a function of a function of a check', added(entry('function public.is_better(text)')), ['far']],
    ['a new table that nothing names', added(entry('table public.reminders'), column('reminders')), []],
    ['a comment', added(entry('comment on column public.users.id', 'of column public.users.id\nx')), []],
    ['what code may use without a name', added(entry('cast (text AS integer)')), ['users', 'plans', 'orders']],
  ])('%s', (_name, difference, tables) => {
    expect(reachedTables(BEFORE, difference, BODIES).toSorted()).toEqual(
      tables.map((name) => `table public.${name}`).toSorted(),
    )
  })

  it.each([
    [
      'a text made at run time',
      body('touch', "BEGIN EXECUTE 'INSERT INTO ' || 'reminders' || ' VALUES (1)'; RETURN NEW; END"),
    ],
    ['another language', body('touch', 'spi_exec_query(…)', 'plperl')],
    ['escaped names', body('touch', 'BEGIN INSERT INTO U&"\\0072eminders" VALUES (1); RETURN NEW; END')],
  ])('code that does not tell what it uses: %s', (_name, open) => {
    expect(reachedTables(BEFORE, added(entry('table public.reminders')), [...BODIES, open])).toEqual([
      'table public.plans',
    ])
  })
})
