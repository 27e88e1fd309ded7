import { describe, expect, it } from 'vitest'
import type { Seeded } from '../../src/migrations/engine.ts'
import { type Scene, stage } from './rehearse.ts'

const SCHEMA = `
CREATE TABLE users (id serial PRIMARY KEY, email text, age int, code text, team text);
CREATE TABLE posts (id serial PRIMARY KEY, author int NOT NULL REFERENCES users, title varchar(50));
CREATE TABLE other (id serial PRIMARY KEY, x text);
INSERT INTO users (id, email, age, code, team) VALUES (1, 'kept@x.org', 30, '12', 'a');
`

interface Settled {
  readonly first: string
  readonly resolution: string | null
  readonly seeded: Seeded | null
  readonly before: Seeded
  /** Of the same migrations on what is left. */
  readonly again: string | null
}

async function settle(pending: readonly string[], scene: Partial<Scene> = {}): Promise<Settled> {
  const staged = await stage({ texts: [SCHEMA, ...pending], live: 1, ...scene })
  await using rehearsing = staged.rehearsing
  const before = await rehearsing.seed({ script: null, seed: 1 })
  await using world = await before.fork()
  const { failure, applied } = await world.apply(staged.pending)
  if (failure === null) throw new Error('the migration was to fail on made-up rows')
  const failed = staged.pending[applied]
  if (failed === undefined) throw new Error('no migration failed')
  const without = await before.without(failure, staged.pending.slice(0, applied), failed)
  if (without === null) return { first: failure.error.message, resolution: null, seeded: null, before, again: null }
  await using next = await without.seeded.fork()
  const again = (await next.apply(staged.pending)).failure?.error.message ?? null
  return { first: failure.error.message, ...without, before, again }
}

const rowsOf = (seeded: Seeded | null, table: string): number =>
  seeded?.seeding.tables.find((one) => one.object === `table public.${table}`)?.synthetic ?? 0

for (const major of [18, 15]) {
  describe(`made-up rows that stand in the way, on PostgreSQL ${major}`, () => {
    it('NOT NULL: those without a value go, and no other', async () => {
      const run = await settle(['ALTER TABLE other ALTER x SET NOT NULL'], { major })
      expect(run.again).toBeNull()
      expect(rowsOf(run.before, 'other') - rowsOf(run.seeded, 'other')).toBeGreaterThan(0)
      expect(rowsOf(run.seeded, 'other')).toBeGreaterThan(5)
      expect(run.resolution).toMatch(/^\d made-up rows of public\.other without a value in x were removed$/)
    })

    it('a unique index: one of each is kept, and what referred to the others goes too', async () => {
      const run = await settle(['SELECT 1', 'CREATE UNIQUE INDEX one_team ON users (team)'], { major })
      expect(run.again).toBeNull()
      expect(rowsOf(run.seeded, 'users')).toBeGreaterThan(2)
      expect(run.resolution).toContain('public.users that one_team refuses')
      expect(rowsOf(run.seeded, 'other')).toBe(rowsOf(run.before, 'other'))
    })

    it('a check, a cast, a foreign key, a second one after the first', async () => {
      const check = await settle(['ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18)'], { major })
      expect(check).toMatchObject({ again: null })
      expect(rowsOf(check.seeded, 'users')).toBeGreaterThan(0)
      const cast = await settle(['ALTER TABLE users ALTER code TYPE int USING code::int'], { major })
      expect(cast).toMatchObject({ again: null })
      expect(rowsOf(cast.seeded, 'users')).toBeGreaterThan(0)
      const key = await settle(['ALTER TABLE users ADD FOREIGN KEY (age) REFERENCES other'], { major })
      expect(key).toMatchObject({ again: null })
      const two = await settle(
        ['ALTER TABLE users ADD CONSTRAINT adult CHECK (age >= 18); ALTER TABLE other ALTER x SET NOT NULL'],
        { major },
      )
      expect(two).toMatchObject({ again: null })
    })

    it('an index built concurrently, which no transaction can try: all rows of its table', async () => {
      const run = await settle(['CREATE UNIQUE INDEX CONCURRENTLY one_team ON users (team)'], {
        major,
        send: 'statements',
      })
      expect(run.again).toBeNull()
      expect(rowsOf(run.seeded, 'users')).toBe(0)
      expect(run.seeded?.seeding.unseeded).toContainEqual({
        object: 'table public.users',
        reason: expect.stringContaining('could not create unique index'),
      })
      expect(rowsOf(run.seeded, 'other')).toBe(rowsOf(run.before, 'other'))
    })

    it('what has nothing to do with rows is not settled', async () => {
      const run = await settle(["DO $$ BEGIN RAISE EXCEPTION 'never'; END $$"], { major })
      expect(run.resolution).toBeNull()
    })
  })
}
