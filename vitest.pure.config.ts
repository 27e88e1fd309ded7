import { defineConfig } from 'vitest/config'
import { MEASURED, TESTS } from './tools/measured.ts'

/** Mutation testing (tools/mutation.ts) holds a file to some of the tests: their paths, with commas between them. */
const wanted = process.env['SEAWORTHY_PURE_TESTS']?.split(',')

/** The tests of what decides: what coverage and mutation testing run. */
export default defineConfig({
  test: {
    include: wanted ?? [...TESTS],
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: [...MEASURED],
      reporter: ['text'],
      thresholds: { branches: 100, perFile: true },
    },
  },
})
