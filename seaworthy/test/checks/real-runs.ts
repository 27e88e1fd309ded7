import { cpSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type Observation, Observations } from '../../src/gate/observation.ts'
import type { Policy } from '../../src/gate/policy.ts'
import { Project, seaworthy } from '../commands/cli.ts'
import { startCatalogueServer } from '../postgres/catalogue-server.ts'

/** What a run of `check` observed and what it was asked. */
export interface RealRun {
  readonly name: string
  readonly subject: string
  readonly observations: Observations
  readonly policy: Policy
  readonly action: 'pull-request' | 'deploy'
  readonly evaluatedAt: string
  readonly verdict: string
}

const example = path.resolve(import.meta.dirname, '../../../examples/court-dates')

/** Runs `check` in a project and reads what it observed from the evidence. */
async function run(name: string, project: Project, ...args: readonly string[]): Promise<RealRun> {
  const { stderr } = await seaworthy(['check', ...args, '--evidence', 'evidence'], project.root)
  let files: readonly string[]
  try {
    files = readdirSync(project.at('evidence/observations/1'))
  } catch {
    throw new Error(`${name}: no evidence. ${stderr}`)
  }
  const text = (file: string): string => readFileSync(project.at(`evidence/${file}`), 'utf8')
  const manifest: Pick<RealRun, 'action' | 'evaluatedAt' | 'verdict'> & { subjects: { name: string }[] } = JSON.parse(
    text('manifest.json'),
  )
  const { action, evaluatedAt, verdict, subjects } = manifest
  const observations = files.map((file): Observation => JSON.parse(text(`observations/1/${file}`)))
  const policy: Policy = JSON.parse(text('policy.json'))
  return {
    name,
    subject: subjects[0]?.name ?? '',
    observations: new Observations(observations),
    policy,
    action,
    evaluatedAt,
    verdict,
  }
}

/** The example: its own runner's ledger, roles that own different things, a down for each migration. */
async function courtDates(): Promise<RealRun> {
  using project = new Project()
  const variants = path.join(example, 'variants')
  cpSync(example, project.root, { recursive: true, filter: (source) => source !== variants })
  return await run('court-dates', project)
}

/** Started again at any time, with queries of the running version, and places at which it can stop half-way. */
async function additive(): Promise<RealRun> {
  using project = new Project({
    'migrations/001_shop.sql': `CREATE TABLE IF NOT EXISTS coupons (id bigint PRIMARY KEY, code text NOT NULL, cents integer DEFAULT 0);\n`,
    'migrations/002_orders.sql': `CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, coupon_id bigint);\nALTER TABLE coupons ADD COLUMN IF NOT EXISTS label text;\nUPDATE coupons SET label = code WHERE label IS NULL AND id < 1000;\n`,
    'migrations/003_indexes.sql': `-- seaworthy:no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS coupons_code;\nCREATE INDEX CONCURRENTLY IF NOT EXISTS coupons_code ON coupons (code);\n`,
    'queries.sql': 'SELECT id, code FROM coupons WHERE id = $1;\nUPDATE coupons SET code = $1 WHERE id = $2;\n',
  })
  return await run(
    'numbered, additive',
    project,
    '--baseline',
    '001',
    '--profile',
    'additive',
    '--workload',
    'queries.sql',
  )
}

/** All of it pending, in one transaction. */
async function drizzle(): Promise<RealRun> {
  const entry = (idx: number, tag: string) => ({
    idx,
    version: '7',
    when: 1767225600000 + idx * 1000,
    tag,
    breakpoints: true,
  })
  using project = new Project({
    'drizzle/0000_courts.sql':
      'CREATE TABLE "courts" ("id" serial PRIMARY KEY NOT NULL, "name" text);\n--> statement-breakpoint\nCREATE INDEX "courts_name" ON "courts" ("name");\n',
    'drizzle/0001_users.sql': 'CREATE TABLE "users" ("id" integer PRIMARY KEY NOT NULL);\n',
    'drizzle/meta/_journal.json': JSON.stringify({
      version: '7',
      dialect: 'postgresql',
      entries: [entry(0, '0000_courts'), entry(1, '0001_users')],
    }),
  })
  return await run('drizzle, nothing live', project, '--all')
}

/** Nothing is pending. */
async function prisma(): Promise<RealRun> {
  using project = new Project({
    'prisma/migrations/migration_lock.toml': 'provider = "postgresql"\n',
    'prisma/migrations/20260101120000_init/migration.sql': 'CREATE TABLE "Court" ("id" TEXT NOT NULL PRIMARY KEY);\n',
  })
  return await run('prisma, nothing pending', project, '--baseline', '20260101120000_init')
}

/** A release that is refused as it is. */
async function refused(): Promise<RealRun> {
  using project = new Project({
    'Cargo.toml': '[package]\nname = "x"\n[dependencies]\nsqlx = "0.8"\n',
    'migrations/20260101120000_courts.up.sql': 'CREATE TABLE courts (id bigint PRIMARY KEY, name text);\n',
    'migrations/20260101120000_courts.down.sql': 'DROP TABLE courts;\n',
    'migrations/20260102120000_names.up.sql': 'ALTER TABLE courts DROP COLUMN name;\n',
    'migrations/20260102120000_names.down.sql': 'ALTER TABLE courts ADD COLUMN name text;\n',
  })
  return await run('sqlx, refused', project, '--baseline', '20260101120000')
}

const CLINIC = `CREATE TABLE patients (id bigint PRIMARY KEY, name text NOT NULL, born date, mood text DEFAULT 'fine');
CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, patient_id bigint REFERENCES patients (id), note text);
CREATE TYPE ward AS ENUM ('a', 'b');
CREATE SEQUENCE tickets;
CREATE VIEW adults AS SELECT id, name FROM patients WHERE born < '2000-01-01';
ALTER TABLE visits ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON visits USING (patient_id = 1);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := coalesce(NEW.note, ''); RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT ON visits FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE FUNCTION visited(wanted bigint) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM visits WHERE patient_id = wanted';
`

/** A deploy, with golang-migrate's ledger in production's shape, and production's own answers. */
async function deploy(): Promise<RealRun> {
  using project = new Project({
    'migrations/001_clinic.up.sql': CLINIC,
    'migrations/001_clinic.down.sql': 'DROP TABLE visits, patients CASCADE;\n',
    'migrations/002_handles.up.sql': 'ALTER TABLE patients ADD COLUMN handle text;\n',
    'migrations/002_handles.down.sql': 'ALTER TABLE patients DROP COLUMN handle;\n',
    'migrations/003_unique.up.sql': 'CREATE UNIQUE INDEX CONCURRENTLY patients_name ON patients (name);\n',
    'migrations/003_unique.down.sql': 'DROP INDEX patients_name;\n',
  })
  await using server = await startCatalogueServer(null)
  const client = await server.database()
  try {
    await client.query('CREATE ROLE clinic LOGIN; CREATE ROLE reader LOGIN; GRANT CREATE ON SCHEMA public TO clinic')
    await client.query(`ALTER DATABASE ${client.database} OWNER TO clinic; SET ROLE clinic; ${CLINIC}`)
    await client.query(`CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);
      INSERT INTO schema_migrations VALUES (1, false); GRANT SELECT ON patients TO reader; RESET ROLE`)
    const { superuser, socketDir, port } = server.server
    const url = `postgresql://${superuser}@${encodeURIComponent(socketDir)}:${port}/${client.database}`
    const captured = await seaworthy(['capture', url, '-o', 'shape.json'], project.root)
    const proved = await seaworthy(['prove', '--baseline', '1'], project.root, { SEAWORTHY_PROVE_URL: url })
    if (captured.code !== 0 || proved.code !== 0) throw new Error(captured.stderr + proved.stderr + proved.stdout)
  } finally {
    await client.end()
  }
  return await run(
    'golang-migrate, a deploy',
    project,
    '--action',
    'deploy',
    '--shape',
    'shape.json',
    '--answers',
    'seaworthy-answers.json',
  )
}

/** Real runs of different formats, with and without a ledger, a shape, answers, downs, something pending. */
export async function realRuns(): Promise<readonly RealRun[]> {
  const small = async () => [await additive(), await drizzle(), await prisma(), await refused()]
  const [first, second] = await Promise.all([Promise.all([courtDates(), deploy()]), small()])
  return [...first, ...second]
}
