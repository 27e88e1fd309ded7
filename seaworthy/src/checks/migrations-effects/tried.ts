import type { Harm, Harms } from './harm.ts'

/** What a rule foresees of writes and reads of the running version, which trying them proves. */
const FORESEEN: ReadonlySet<string> = new Set([
  'compat/create-trigger',
  'compat/create-rule',
  'compat/change-function',
  'compat/replace-view',
  'compat/change-constraint',
  'compat/change-default',
  'compat/restrict-writes',
  'compat/add-required-column',
  'compat/enable-row-security',
  'data-loss/narrow-column-type',
])

const RANK = { note: 0, warning: 1, error: 2 } as const

const isSamePlace = ({ by: a }: Harm, { by: b }: Harm): boolean =>
  a !== null &&
  a !== undefined &&
  b !== null &&
  b !== undefined &&
  a.file === b.file &&
  a.line === b.line &&
  a.column === b.column

/** Whether a rule says of the same statement and the same table what was tried. A function is of no table. */
function foresees(harm: Harm, tried: Harm): boolean {
  if (!FORESEEN.has(harm.code) || harm.isUnproven === true || !isSamePlace(harm, tried)) return false
  if (harm.code === 'compat/change-function') return true
  const name = tried.subject.slice(tried.subject.indexOf(' ') + 1)
  return `${harm.subject} ${harm.message} `.split(/[\s,:]/).some((word) => word === name || word.startsWith(`${name}.`))
}

/**
 * One harm of what a rule foresees and what was tried: the rule's, with the proof of the trial, or the trial's alone
 * where the rule saw no harm in it.
 */
export function withTried(harms: Harms, tried: Harms): Harm[] {
  const told = [...harms]
  const own: Harm[] = []
  for (const one of tried) {
    const at = told.findIndex((harm) => foresees(harm, one))
    const harm = told[at]
    if (harm === undefined) own.push(one)
    else if (RANK[harm.severity] < RANK[one.severity]) {
      told.splice(at, 1)
      own.push(one)
    } else told[at] = { ...harm, proof: `${one.message}: ${one.proof ?? ''}` }
  }
  return [...told, ...own]
}
