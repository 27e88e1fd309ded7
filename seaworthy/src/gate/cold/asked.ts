import type { RunRequest } from '../evidence.ts'

/** What the builder's rehearsal of one folder says that it had. */
export interface Rehearsed {
  readonly folder: string
  /** Of PostgreSQL: `15.18`. */
  readonly version: string
  readonly migratingRole: string
  readonly owningRole: string
  /** How it is known who migrates, where production's shape says so; else null. */
  readonly ofShape: string | null
}

/**
 * How the builder's run was asked for, in lines for a person: it is asked for in the same way again, so whoever reads a review
 * has to find it right. Texts of a bundle stand in them as they are.
 */
export function askedLines(request: RunRequest): string[] {
  const { folders, major, server, down, all, since, branches } = request
  const version = major ?? (hasShape(request) ? "of the shape's version" : 'of the default version')
  return [
    ...folders.map(({ dir, format, baseline, ledgerTable }) =>
      [
        `${dir} as ${format ?? 'whatever it is'}`,
        ...(baseline === null ? [] : [`live up to ${baseline}`]),
        ...(ledgerTable === null ? [] : [`ledger ${ledgerTable}`]),
      ].join(', '),
    ),
    ...(all ? ['nothing taken as live'] : since === null ? [] : [`live: what ${since} has`]),
    `${rolesWords(request)}; PostgreSQL ${version} on a ${server} server; downs: ${down}`,
    ...(branches ? ['with the versions of other branches'] : []),
  ]
}

const hasShape = ({ inputs }: RunRequest): boolean => inputs.some((one) => one.as === 'shape')

function rolesWords(request: RunRequest): string {
  const { roles } = request
  if (typeof roles !== 'object' || roles === null || !('mode' in roles)) return 'roles unknown'
  const isConfigured = 'isConfigured' in roles && roles.isConfigured === true
  if (hasShape(request) && !isConfigured) return "roles as production's shape has them"
  if (roles.mode === 'split') return 'the migrating role does not own what is there'
  return roles.mode === 'single' ? 'one role owns everything' : 'roles unknown'
}

/** What each rehearsal then had, whoever decided it: one line a folder. */
export const rehearsedLines = (rehearsed: readonly Rehearsed[]): string[] => rehearsed.map(rehearsedWords)

function rehearsedWords({ folder, version, migratingRole, owningRole, ofShape }: Rehearsed): string {
  const begin = `${folder} on PostgreSQL ${version}: ${migratingRole}`
  if (ofShape !== null) return `${begin} migrates, and owners are those of production's shape (${ofShape})`
  return `${begin} ${migratingRole === owningRole ? 'migrates and owns what is there' : `migrates what ${owningRole} owns`}`
}
