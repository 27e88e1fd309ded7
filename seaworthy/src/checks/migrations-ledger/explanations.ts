import type { Explanation } from '../../gate/finding.ts'
import { folderExplanations } from './folder-explanations.ts'
import { ledgerExplanations } from './ledger-explanations.ts'

/** Every code that the judge of migrations-ledger can return. */
export const explanations: readonly Explanation[] = [...folderExplanations, ...ledgerExplanations]
