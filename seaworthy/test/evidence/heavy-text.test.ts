import { afterAll, beforeAll, expect, it } from 'vitest'
import { evaluate } from '../../src/gate/evaluate.ts'
import { migrationTree } from '../../src/observers/migration-tree/kind.ts'
import { SignedBundle, type Told, toldBy } from './signed-bundle.ts'

let real: SignedBundle
let told: Told
beforeAll(async () => {
  real = await SignedBundle.make()
  told = await toldBy(real.dir)
})
afterAll(() => real[Symbol.dispose]())

const MANY = 200_000

it.each([
  ['comments in comments', '/*'.repeat(MANY)],
  ['closed ones', '/*'.repeat(MANY) + '*/'.repeat(MANY)],
  ['operators', `SELECT ${'+'.repeat(MANY)}1`],
  ['a deep sum', `SELECT ${'1+'.repeat(20_000)}1`],
  ['a block of them', `DO $$ BEGIN EXECUTE '${'/*'.repeat(MANY)}'; END $$`],
  ['parentheses', `SELECT ${'('.repeat(5_000)}1${')'.repeat(5_000)}`],
])('a stranger’s migration of %s keeps no judge busy, and is no pass', (_what, text) => {
  const subjects = told.question.subjects.map(({ name, observations }) => {
    const tree = observations.need(migrationTree)
    const seen = observations.find(migrationTree)
    if (seen?.status !== 'observed') throw new Error('no tree')
    const migrations = tree.migrations.map((one, at) => (at === 1 ? { ...one, up: { ...one.up, text } } : one))
    return { name, observations: observations.with({ ...seen, data: { ...tree, migrations } }) }
  })
  const startedAt = performance.now()
  expect(evaluate({ ...told.question, subjects }).verdict).not.toBe('pass')
  expect(performance.now() - startedAt).toBeLessThan(3_000)
})
