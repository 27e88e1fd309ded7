/** The code that decides: its branches are all covered, and mutants of it are noticed by its tests. */
export const MEASURED: readonly string[] = ['seaworthy/src/gate/**/*.ts', 'seaworthy/src/checks/*/judge.ts']

/** Files of the gate that are too young for it: docs/reference/quality.md says what is not measured. */
export const NOT_YET: readonly string[] = [
  'admission.ts',
  'admission/**',
  'certificate/**',
  'chain*.ts',
  'claim.ts',
  'cold/**',
  'differences.ts',
  'drill*.ts',
  'order.ts',
  'replay.ts',
  'review*.ts',
  'verification.ts',
].map((name) => `seaworthy/src/gate/${name}`)

/** Pages about finding codes: nothing is decided by them. */
export const TEXTS: readonly string[] = ['seaworthy/src/gate/**/explanations.ts']

/** The tests of what is measured. None of them starts a server. */
export const TESTS: readonly string[] = [
  'seaworthy/test/gate/**/*.test.ts',
  'seaworthy/test/checks/*/{told,judge}.test.ts',
]
