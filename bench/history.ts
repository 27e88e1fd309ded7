import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** One migration file of a plain numbered folder. */
export interface MigrationFile {
  readonly name: string
  readonly sql: string
}

const AREAS = [
  'billing',
  'freight',
  'payroll',
  'clinic',
  'library',
  'harbour',
  'catering',
  'leasing',
  'transit',
  'archive',
]
const THINGS = ['account', 'order', 'contract', 'shipment', 'visit', 'invoice', 'permit', 'schedule', 'parcel', 'claim']
const STATES = ['draft', 'submitted', 'accepted', 'rejected', 'closed']

/** A table of the history: its number, its name, and the tables made before it. */
interface Entity {
  readonly index: number
  readonly table: string
  readonly earlier: readonly string[]
}

/** What happens to a table in the course of its life, one migration each. */
const LIFE: readonly (readonly [name: string, sql: (entity: Entity) => string])[] = [
  ['create', createTable],
  ['contact_columns', addColumns],
  ['search_indexes', addIndexes],
  ['touch_trigger', addTrigger],
  ['reference_rows', insertRows],
  ['amount_constraints', addConstraints],
  ['summary_view', addView],
  ['settlement', addFunction],
]

/**
 * A history of that many migrations, as a busy team writes it: tables with keys and constraints, columns, indexes, triggers,
 * functions, views, rows. The same count gives the same text, and a shorter history is the beginning of a longer one.
 */
export function history(count: number): MigrationFile[] {
  return Array.from({ length: count }, (_, index): MigrationFile => {
    const entity = entityAt(Math.floor(index / LIFE.length))
    const step = LIFE[index % LIFE.length]
    if (step === undefined) throw new Error('a history without steps')
    return { name: fileName(index + 1, `${entity.table}_${step[0]}`), sql: step[1](entity) }
  })
}

/** Three ordinary migrations for after any history of at least eight; `after` is the number of the last one of it. */
export function pendingThree(after: number): MigrationFile[] {
  const { table } = entityAt(0)
  const texts: readonly (readonly [string, string])[] = [
    ['add_note', `ALTER TABLE ${table} ADD COLUMN note text;\n`],
    [
      'create_reminders',
      `CREATE TABLE reminders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ${table}_id bigint NOT NULL REFERENCES ${table} (id),
  due_on date NOT NULL,
  sent_at timestamptz
);
CREATE INDEX reminders_due_on_idx ON reminders (due_on) WHERE sent_at IS NULL;
`,
    ],
    ['open_reminders', 'CREATE VIEW open_reminders AS SELECT id, due_on FROM reminders WHERE sent_at IS NULL;\n'],
  ]
  return texts.map(([name, sql], index) => ({ name: fileName(after + index + 1, name), sql }))
}

/** Twenty ordinary migrations of three statements each, for after a history of at least 160. */
export function pendingTwenty(after: number): MigrationFile[] {
  return Array.from({ length: 20 }, (_, index): MigrationFile => {
    const { table } = entityAt(index)
    const sql = `ALTER TABLE ${table} ADD COLUMN reviewed_at timestamptz;
CREATE TABLE ${table}_review (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ${table}_id bigint NOT NULL REFERENCES ${table} (id),
  verdict text NOT NULL DEFAULT 'open' CHECK (verdict IN ('open', 'kept', 'struck'))
);
CREATE INDEX ${table}_review_${table}_id_idx ON ${table}_review (${table}_id);
`
    return { name: fileName(after + index + 1, `review_${table}`), sql }
  })
}

/** Writes the files into a new folder below `parent` and returns it. */
export function writeFolder(parent: string, name: string, files: readonly MigrationFile[]): string {
  const folder = path.join(parent, name, 'migrations')
  mkdirSync(folder, { recursive: true })
  for (const file of files) writeFileSync(path.join(folder, file.name), file.sql)
  return folder
}

const fileName = (number: number, name: string): string => `${String(number).padStart(4, '0')}_${name}.sql`

function entityAt(index: number): Entity {
  return {
    index,
    table: tableAt(index),
    earlier: Array.from({ length: Math.min(index, 12) }, (_, at) => tableAt(index - at - 1)),
  }
}

/** `billing_account`, `freight_account`, …; `billing_account_2` when the words are used up. */
function tableAt(index: number): string {
  const area = AREAS[index % AREAS.length] ?? ''
  const thing = THINGS[Math.floor(index / AREAS.length) % THINGS.length] ?? ''
  const round = Math.floor(index / (AREAS.length * THINGS.length))
  return round === 0 ? `${area}_${thing}` : `${area}_${thing}_${round + 1}`
}

function createTable({ index, table, earlier }: Entity): string {
  const parent = earlier[index % Math.max(earlier.length, 1)]
  const parentLine = parent === undefined ? '' : `\n  ${parent}_id bigint REFERENCES ${parent} (id) ON DELETE RESTRICT,`
  return `-- Everything that belongs to one ${table.replaceAll('_', ' ')}.
CREATE TABLE ${table} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  public_id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,${parentLine}
  reference varchar(40) NOT NULL,
  title text NOT NULL CHECK (length(title) <= 200),
  state text NOT NULL DEFAULT 'draft' CHECK (state IN (${STATES.map((state) => `'${state}'`).join(', ')})),
  amount numeric(14, 2) NOT NULL DEFAULT 0,
  currency char(3) NOT NULL DEFAULT 'EUR',
  starts_on date NOT NULL,
  ends_on date,
  attributes jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT ${table}_reference_key UNIQUE (reference),
  CONSTRAINT ${table}_period_check CHECK (ends_on IS NULL OR ends_on >= starts_on)
);
COMMENT ON TABLE ${table} IS 'One row a ${table.replaceAll('_', ' ')}; never deleted, only closed.';
${parent === undefined ? '' : `CREATE INDEX ${table}_${parent}_id_idx ON ${table} (${parent}_id);\n`}`
}

function addColumns({ table, index }: Entity): string {
  return `ALTER TABLE ${table}
  ADD COLUMN contact_name text,
  ADD COLUMN contact_email text,
  ADD COLUMN priority smallint NOT NULL DEFAULT ${index % 5},
  ADD COLUMN tags text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN ${table}.priority IS '0 is the lowest; what is at 4 is called about at once.';
`
}

function addIndexes({ table }: Entity): string {
  return `CREATE INDEX ${table}_state_idx ON ${table} (state) WHERE state <> 'closed';
CREATE INDEX ${table}_contact_idx ON ${table} (lower(contact_email));
CREATE INDEX ${table}_tags_idx ON ${table} USING gin (tags);
CREATE INDEX ${table}_period_idx ON ${table} (starts_on, ends_on) INCLUDE (amount);
`
}

function addTrigger({ table }: Entity): string {
  return `CREATE FUNCTION ${table}_touch() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = 'closed' AND OLD.state <> 'closed' AND NEW.ends_on IS NULL THEN
    NEW.ends_on := current_date;
  END IF;
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

CREATE TRIGGER ${table}_touch
  BEFORE UPDATE ON ${table}
  FOR EACH ROW EXECUTE FUNCTION ${table}_touch();
`
}

function insertRows({ table, index }: Entity): string {
  const rows = Array.from({ length: 8 + (index % 7) }, (_, at) => {
    const state = STATES[(at + index) % STATES.length] ?? 'draft'
    return `  ('${table.slice(0, 3).toUpperCase()}-${1000 + at}', 'Opening entry ${at + 1} -- kept; for the audit', '${state}', ${(at + 1) * 12.5}, DATE '2024-01-01' + ${at})`
  })
  return `INSERT INTO ${table} (reference, title, state, amount, starts_on) VALUES
${rows.join(',\n')};
`
}

function addConstraints({ table }: Entity): string {
  return `ALTER TABLE ${table} ADD CONSTRAINT ${table}_amount_check CHECK (amount >= 0) NOT VALID;
ALTER TABLE ${table} VALIDATE CONSTRAINT ${table}_amount_check;
ALTER TABLE ${table} ALTER COLUMN currency SET DEFAULT 'USD';
ALTER TABLE ${table} ALTER COLUMN reference TYPE varchar(80);
`
}

function addView({ table }: Entity): string {
  return `CREATE VIEW ${table}_summary AS
SELECT
  date_trunc('month', created_at) AS month,
  state,
  count(*) AS entries,
  sum(amount) AS total,
  max(amount) FILTER (WHERE priority > 2) AS largest_urgent
FROM ${table}
WHERE state <> 'rejected'
GROUP BY 1, 2;
COMMENT ON VIEW ${table}_summary IS 'What the monthly report reads.';
`
}

function addFunction({ table }: Entity): string {
  return `CREATE TABLE ${table}_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ${table}_id bigint NOT NULL REFERENCES ${table} (id),
  kind text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  happened_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ${table}_event_happened_at_idx ON ${table}_event (${table}_id, happened_at DESC);

CREATE FUNCTION settle_${table}(which bigint, by_whom text) RETURNS numeric
LANGUAGE plpgsql AS $$
DECLARE
  settled numeric;
BEGIN
  UPDATE ${table} SET state = 'closed' WHERE id = which AND state = 'accepted' RETURNING amount INTO settled;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'entry % cannot be settled', which USING ERRCODE = 'check_violation';
  END IF;
  INSERT INTO ${table}_event (${table}_id, kind, payload)
  VALUES (which, 'settled', jsonb_build_object('by', by_whom, 'amount', settled));
  RETURN settled;
END
$$;
`
}
