/** The code that decides: its branches are all covered, and mutants of it are noticed by its tests. */
export const MEASURED: readonly string[] = ['seaworthy/src/gate/**/*.ts', 'seaworthy/src/checks/*/judge.ts']

/** Pages about finding codes: nothing is decided by them. */
export const TEXTS: readonly string[] = ['seaworthy/src/gate/**/explanations.ts']

/** The tests of what is measured. None of them starts a server. */
export const TESTS: readonly string[] = [
  'seaworthy/test/gate/**/*.test.ts',
  'seaworthy/test/checks/*/{told,judge,reading}.test.ts',
]
