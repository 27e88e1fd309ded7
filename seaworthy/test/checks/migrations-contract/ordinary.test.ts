import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { buildState, judgeWith } from '../../../src/checks/migrations-contract/index.ts'
import { DEFAULT_POLICY } from '../../../src/gate/policy.ts'
import type { Script } from '../../../src/observers/migration-tree/kind.ts'
import { loadGrammar } from '../../../src/sql/parse.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures/migrations-contract')

beforeAll(loadGrammar)

const read = (folder: string): Script[] =>
  readdirSync(join(FIXTURES, folder))
    .toSorted()
    .map((name) => ({
      file: `${folder}/${name}`,
      text: readFileSync(join(FIXTURES, folder, name), 'utf8'),
      send: 'batch',
      pieces: null,
    }))

test('on a folder of ordinary additive migrations there is nothing to read', () => {
  const scripts = read('ordinary')
  expect(scripts.length).toBeGreaterThanOrEqual(15)
  const { findings, proved } = judgeWith(buildState(read('live')), {
    scripts,
    transaction: 'per-file',
    settings: DEFAULT_POLICY.settings,
  })
  expect(findings).toEqual([])
  expect(proved).toHaveLength(1)
})

test('the state is JSON, and judges the same after it was stored', () => {
  const state = buildState(read('live'))
  const stored: typeof state = JSON.parse(JSON.stringify(state))
  expect(stored).toEqual(state)
  const work = {
    scripts: [
      {
        file: 'a.sql',
        text: 'DROP TABLE app.users; ALTER TABLE app.orders ALTER code TYPE text;',
        send: 'batch',
        pieces: null,
      },
    ],
    transaction: 'per-file',
    settings: DEFAULT_POLICY.settings,
  } as const
  expect(judgeWith(stored, work)).toEqual(judgeWith(state, work))
  expect(state).toEqual(stored)
})
