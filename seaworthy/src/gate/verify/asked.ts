import type { Manifest, RunRequest } from '../evidence.ts'
import type { Observation } from '../observation.ts'

/** What the observations of one folder hold of what the run was asked, for whoever knows their kinds; null: not observed. */
export interface FolderSeen {
  /** The migration folder. */
  readonly folder: string
  /** By kind, those that failed as well. */
  readonly observations: ReadonlyMap<string, Observation>
  readonly format: string | null
  readonly pending: {
    readonly basis: string
    readonly explanation: string
    /** The commit that was compared with, and whether it says that this is the candidate. */
    readonly baseCommit: string | null
    readonly isBaseCandidate?: boolean | undefined
  } | null
  readonly isLedgerRead: boolean
  readonly rehearsal: {
    readonly major: number
    readonly isGivenServer: boolean
    readonly roles: { readonly mode: string; readonly isConfigured: boolean }
  } | null
  /** Where the queries come from. */
  readonly querySources: readonly string[] | null
}

/** The kind of observation that an input of every folder becomes. What is not here has none of its own. */
const KIND_OF: ReadonlyMap<string, string> = new Map([
  ['shape', 'shape'],
  ['answers', 'answers'],
  ['workload', 'queries'],
])

/**
 * What of a run's own request the observations contradict, in one sentence; null where they hold what it says was given.
 * An observation that is left out makes judges milder: whoever was given a ledger has to show what came of it.
 */
export function contradictionOf(
  {
    request,
    isPartial,
    candidate,
  }: Pick<Manifest, 'request' | 'isPartial'> & {
    readonly candidate: Pick<Manifest['candidate'], 'commit'>
  },
  seen: readonly FolderSeen[],
): string | null {
  for (const folder of seen) {
    const asked = request.folders.find((one) => one.dir === folder.folder)
    if (asked === undefined) continue
    const problem =
      (isPartial ? null : notShown(request, folder)) ??
      otherLedger(request, folder) ??
      otherFolder(request, asked, folder) ??
      ownBase(candidate.commit, folder) ??
      otherRehearsal(request, folder)
    if (problem !== null) return `${folder.folder}: ${problem}`
  }
  const folders = new Set(seen.map(({ folder }) => `ledger ${folder}`))
  const stray = request.inputs.find(({ as }) => as.startsWith('ledger ') && !folders.has(as))
  return stray === undefined ? null : 'a ledger was given for a folder that was not looked at'
}

function notShown({ inputs, branches }: RunRequest, { folder, observations, querySources }: FolderSeen): string | null {
  for (const { as } of inputs) {
    const kind = as === `ledger ${folder}` ? 'ledger' : KIND_OF.get(as)
    if (kind !== undefined && !observations.has(kind)) return `${kind} was given, and there is no observation of it`
    if (as === 'workload' && querySources !== null && !querySources.includes('workload'))
      return 'a workload was given, and the queries that were observed are none of it'
  }
  return branches && !observations.has('branches')
    ? 'other branches were to be looked at, and there is no observation of them'
    : null
}

/** A ledger from a file says which one it was. */
function otherLedger({ inputs }: RunRequest, { folder, observations, isLedgerRead }: FolderSeen): string | null {
  const given = inputs.find(({ as }) => as === `ledger ${folder}`)
  if (given === undefined || given.sha256 === null || !isLedgerRead) return null
  return observations.get('ledger')?.witness.endsWith(` sha256:${given.sha256}`) === true
    ? null
    : 'the ledger that was observed is not the one that was given'
}

function otherFolder(
  { all, since }: RunRequest,
  { format, baseline }: RunRequest['folders'][number],
  { format: seenFormat, pending, isLedgerRead }: FolderSeen,
): string | null {
  if (seenFormat !== null && seenFormat !== format) return 'it was read as of another tool than was asked for'
  if (pending === null) return null
  const { basis, explanation } = pending
  const wanted = all
    ? 'all'
    : baseline !== null
      ? 'baseline'
      : since !== null
        ? 'since'
        : isLedgerRead
          ? 'ledger'
          : null
  const isOther = wanted === null ? ['all', 'baseline', 'since', 'ledger'].includes(basis) : basis !== wanted
  if (isOther) return `what is live was asked of ${wanted ?? 'git'}, and decided by ${basis}`
  const words = `after the baseline ${baseline}`
  const isSame = explanation === words || [',', ';', ' ('].some((next) => explanation.startsWith(words + next))
  return basis === 'baseline' && !isSame ? 'another baseline was taken as live than was asked for' : null
}

/** No comparison of a thing with itself counts as one with another: whoever made it has to say so. */
const ownBase = (commit: string | null, { pending }: FolderSeen): string | null =>
  commit !== null && pending?.baseCommit === commit && pending.isBaseCandidate !== true
    ? 'it was compared with the candidate itself, and does not say so'
    : null

function otherRehearsal({ roles, major, server, inputs }: RunRequest, { rehearsal }: FolderSeen): string | null {
  if (rehearsal === null) return null
  if (rehearsal.isGivenServer !== (server === 'given')) return 'it was rehearsed on another server than was asked for'
  if (server === 'scratch' && major !== null && rehearsal.major !== major)
    return `it was rehearsed on PostgreSQL ${rehearsal.major}, and ${major} was asked for`
  // Production's shape says itself who migrates.
  if (inputs.some(({ as }) => as === 'shape') || typeof roles !== 'object' || roles === null) return null
  const isSame =
    'mode' in roles &&
    'isConfigured' in roles &&
    roles.mode === rehearsal.roles.mode &&
    roles.isConfigured === rehearsal.roles.isConfigured
  return isSame ? null : 'it was rehearsed with other roles than were asked for'
}
