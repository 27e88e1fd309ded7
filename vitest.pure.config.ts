import { defineConfig } from 'vitest/config'
import { MEASURED, NOT_YET } from './tools/measured.ts'

/** Which of them: mutation testing (tools/mutation.ts) holds a part of the code to its own tests alone. */
const wanted = process.env['SEAWORTHY_PURE_TESTS']

/** The tests of the gate and of the judges that need no server: what coverage and mutation testing run. */
export default defineConfig({
  test: {
    include:
      wanted === undefined ? ['seaworthy/test/gate/**/*.test.ts', 'seaworthy/test/checks/**/*.test.ts'] : [wanted],
    // These start PostgreSQL.
    exclude: [
      'seaworthy/test/checks/hints.test.ts',
      'seaworthy/test/checks/migrations-drift/production.test.ts',
      'seaworthy/test/checks/migrations-effects/catalogue.test.ts',
      'seaworthy/test/checks/migrations-obligations/conflict-questions.test.ts',
      'seaworthy/test/checks/migrations-obligations/derive.test.ts',
    ],
    maxWorkers: '100%',
    testTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: [...MEASURED],
      exclude: [...NOT_YET],
      reporter: ['text'],
      thresholds: { branches: 100, perFile: true },
    },
  },
})
