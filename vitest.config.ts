import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['seaworthy/test/**/*.test.ts'],
    // By itself it leaves a core free, which on a machine with two of them means one file after the other.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
