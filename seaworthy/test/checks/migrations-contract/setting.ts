import { answer } from '../../../src/gate/answer.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import { type Judgement, verdictOf } from '../../../src/gate/verdict.ts'
import { buildState, judgeWith } from '../../../src/checks/migrations-contract/index.ts'
import type { Finding } from '../../../src/gate/finding.ts'
import type { Script, SendMode } from '../../../src/observers/migration-tree/kind.ts'
import type { Profile } from '../../../src/checks/migrations-contract/rule.ts'

/** What is live in production before a sample, unless the sample brings its own. */
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
CREATE TABLE events (id int) PARTITION BY LIST (id);
CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1);
CREATE INDEX users_nickname_idx ON users (nickname);
CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE TABLE people (id int PRIMARY KEY, mood mood);
CREATE DOMAIN zip AS text;
CREATE VIEW active_users AS SELECT id, email FROM users;
CREATE MATERIALIZED VIEW totals AS SELECT 1 AS n;
CREATE SCHEMA billing;
CREATE TABLE billing.invoices (id int PRIMARY KEY);
CREATE SEQUENCE ticket_numbers;
CREATE FUNCTION total_of(u bigint) RETURNS numeric LANGUAGE sql AS 'SELECT 0.0';
CREATE POLICY own_rows ON users USING (id = 1);
`

export const script = (text: string, file = 'migrations/0002_next.up.sql', send: SendMode = 'statements'): Script => ({
  file,
  text,
  send,
  pieces: null,
})

export interface Asked {
  readonly profile?: Profile
  readonly send?: SendMode
  readonly given?: string
  readonly inlineAcceptance?: readonly string[]
}

/** The findings about one pending script after what is live. */
export function findingsOf(sql: string, asked: Asked = {}): readonly Finding[] {
  const live = buildState([script(asked.given ?? LIVE, 'migrations/0001_first.up.sql')])
  const judgement = judgeWith(live, {
    scripts: [script(sql, undefined, asked.send ?? 'statements')],
    transaction: 'per-file',
    settings: {
      ...DEFAULT_POLICY.settings,
      profile: asked.profile ?? 'online',
      inlineAcceptance: asked.inlineAcceptance ?? DEFAULT_POLICY.settings.inlineAcceptance,
    },
  })
  return withAllows(judgement, asked.inlineAcceptance)
}

/** What the gate makes of the judgement with the comments in the file. */
function withAllows({ findings, proved, allows = [] }: Judgement, families?: readonly string[]): readonly Finding[] {
  const base = { check: 'contract', version: 1, reason: null, obligations: [], settled: [] }
  const settings = { ...DEFAULT_POLICY.settings, ...(families === undefined ? {} : { inlineAcceptance: families }) }
  const result = { ...base, verdict: verdictOf({ findings, proved }), findings, proved, allows }
  return answer([result], { ...DEFAULT_POLICY, settings }, '2026-11-21T12:00:00.000Z').answered[0]?.findings ?? []
}

export const codesOf = (sql: string, asked: Asked = {}): string[] => [
  ...new Set(findingsOf(sql, asked).map((finding) => finding.code)),
]
