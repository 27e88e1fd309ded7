import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { ProjectCopy } from '../../src/commands/drill/copy.ts'
import { makeWorld } from '../../src/commands/drill/world.ts'
import { Observations, observed } from '../../src/gate/observation.ts'
import { migrationTree } from '../../src/observers/migration-tree/kind.ts'
import { pending } from '../../src/observers/pending/kind.ts'
import { fixture, project, readOnly } from '../migrations/reading.ts'

const textsOf = (root: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => statSync(path.join(root, file)).isFile())
      .toSorted()
      .map((file) => [file, readFileSync(path.join(root, file), 'utf8')]),
  )

const pendingOf = (files: readonly string[]) =>
  observed(pending, 'folder', {
    basis: 'baseline',
    explanation: 'a test',
    baseCommit: null,
    files,
    changedBaseline: [],
  })

describe('a world without the release', () => {
  test.each(['golang-migrate', 'numbered', 'sqlx-reversible', 'diesel', 'prisma', 'drizzle'])(
    'has the harm as its only new migration, and leaves nothing of the release: %s',
    async (format) => {
      const [root, parent] = [project({}), project({})]
      cpSync(fixture(format), root, { recursive: true })
      const tree = await readOnly(root)
      const release = tree.migrations.slice(-2)
      const [before, files] = [textsOf(root), release.map(({ up }) => up.file)]
      const plan = { root, tree: null, files: Object.keys(before), submodules: [], packages: [] }
      await using copy = await ProjectCopy.make(plan, parent)
      const observations = new Observations([observed(migrationTree, 'folder', tree), pendingOf(files)])
      const place = { copy, observations, configStart: copy.root, configFile: null, hasHistory: false, env: {} }
      const migration = { name: 'harm', up: 'DROP TABLE users;\n' }
      await makeWorld({ migration, isReleaseTakenOut: true }, place, null)

      const made = await readOnly(copy.root)
      const known = new Set(tree.migrations.map(({ up }) => up.file))
      const texts = (all: typeof tree.migrations): string[] => all.map(({ up }) => `${up.file} ${up.text}`)
      expect(texts(made.migrations.filter(({ up }) => known.has(up.file)))).toEqual(texts(tree.migrations.slice(0, -2)))
      expect(made.migrations.filter(({ up }) => !known.has(up.file)).map(({ up }) => up.text)).toEqual([migration.up])
      const isOfRelease = (file: string): boolean => files.includes(file)
      expect(made.problems.filter(({ file }) => isOfRelease(file))).toEqual([])
      expect(made.problems.length).toBeLessThanOrEqual(tree.problems.length)

      await copy.restore()
      expect(textsOf(copy.root)).toEqual(before)
    },
  )
})
