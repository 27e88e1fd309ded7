import { Project, type Ran, seaworthy } from '../commands/cli.ts'

/** What is live before the statements whose hints are tried: names that need quotes, keys of two columns, partitions. */
export const LIVE = `
CREATE TABLE users (
  id bigint PRIMARY KEY,
  email varchar(200) NOT NULL,
  nickname text,
  age int DEFAULT 0,
  balance numeric(10,2),
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT users_email_key UNIQUE (email)
);
CREATE TABLE orders (
  id bigserial PRIMARY KEY,
  user_id bigint,
  total numeric(10,2) NOT NULL DEFAULT 0 CHECK (total >= 0),
  status text NOT NULL DEFAULT 'open'
);
CREATE TABLE unkeyed (id bigint, note text);
CREATE SCHEMA "Shop";
CREATE TABLE "Shop"."Order Lines" (
  "order" bigint, "position" int, "é" text, "limit" numeric, PRIMARY KEY ("order", "position")
);
CREATE TABLE events (id int) PARTITION BY LIST (id);
CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1);
CREATE INDEX users_nickname_idx ON users (nickname);
CREATE INDEX users_age_idx ON users (age);
CREATE INDEX "Lines by limit" ON "Shop"."Order Lines" ("limit");
CREATE MATERIALIZED VIEW totals AS SELECT 1 AS n;
CREATE UNIQUE INDEX totals_n ON totals (n);
CREATE FUNCTION total_of(u bigint) RETURNS numeric LANGUAGE sql AS 'SELECT 0.0';
`

/** How a folder of each tool is written. */
export type Layout = 'numbered' | 'golang-migrate' | 'sqlx' | 'diesel' | 'prisma'

const DIESEL_ALONE = '-- run_in_transaction = false'

/** One migration of that tool, as files. A comment of the hint that speaks of another file becomes that file. */
function filesOf(layout: Layout, index: number, sql: string): Record<string, string> {
  const number = String(index + 1).padStart(3, '0')
  switch (layout) {
    case 'numbered':
      return { [`migrations/${number}_step.sql`]: sql }
    case 'golang-migrate':
      return { [`migrations/${number}_step.up.sql`]: sql }
    case 'sqlx':
      return { [`migrations/${number}_step.sql`]: sql }
    case 'prisma':
      return { [`migrations/20260101000${number}_step/migration.sql`]: sql }
    case 'diesel': {
      const folder = `migrations/2026-01-01-000${number}_step`
      const settings = sql.includes(DIESEL_ALONE)
        ? { [`${folder}/metadata.toml`]: 'run_in_transaction = false\n' }
        : null
      return { [`${folder}/up.sql`]: sql, ...settings }
    }
  }
}

const MARKERS: Readonly<Record<Layout, Record<string, string>>> = {
  numbered: {},
  'golang-migrate': {},
  sqlx: { 'sqlx.toml': '' },
  diesel: { 'diesel.toml': '' },
  prisma: { 'migrations/migration_lock.toml': 'provider = "postgresql"\n' },
}

export interface Said {
  readonly code: string
  readonly severity: string
  readonly outcome: string
  readonly message: string
  readonly hint: string | null
  readonly check: string
}

export interface Judged {
  readonly ran: Ran
  readonly verdict: string
  readonly findings: readonly Said[]
}

/** The whole gate over a project whose first migration is live and whose others are pending. */
export async function gate(
  layout: Layout,
  live: string,
  pending: readonly string[],
  flags: readonly string[] = [],
): Promise<Judged> {
  using project = new Project(MARKERS[layout])
  for (const [index, sql] of [live, ...pending].entries()) project.write(filesOf(layout, index, sql))
  const baseline = layout === 'diesel' ? '20260101000001' : layout === 'prisma' ? '20260101000001_step' : '001'
  const env = { SEAWORTHY_CACHE: process.env['SEAWORTHY_CACHE'] ?? '' }
  const ran = await seaworthy(
    ['check', 'migrations', '--format', layout, '--baseline', baseline, '--json', ...flags],
    project.root,
    env,
  )
  const report: { verdict: string; checks: { check: string; findings: Said[] }[] } =
    ran.stdout === '' ? { verdict: ran.stderr, checks: [] } : JSON.parse(ran.stdout)
  const findings = report.checks.flatMap((one) => one.findings.map((found) => ({ ...found, check: one.check })))
  return { ran, verdict: report.verdict, findings }
}

/**
 * The migrations that a hint holds, as docs/reference/reports.md says: parted at the lines that begin with one of three
 * comments. What has to wait for a later release is left out; what is run by hand, once here, is a migration like the others.
 */
export function migrationsIn(hint: string): string[] {
  const blocks: string[][] = [[]]
  for (const line of hint.split('\n')) {
    if (line.startsWith('-- next release')) break
    if (line.startsWith('-- next migration') || line.startsWith('-- outside of the migrations')) blocks.push([])
    else blocks.at(-1)?.push(line)
  }
  return blocks.map((lines) => lines.join('\n')).filter((sql) => sql !== '')
}
