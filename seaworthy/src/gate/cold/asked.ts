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
  const { folders, major, server, down, all, since, branches, lockTimeoutMs, statementTimeoutMs } = request
  const roles = new Map<string, unknown>(Object.entries(request.roles ?? {}))
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
    `${rolesWords(roles, hasShape(request))}; PostgreSQL ${version} on a ${server} server; downs: ${down}`,
    ...namedLines('the migrating role has the attribute', roles.get('attributes')),
    ...namedLines('the migrating role is a member of', roles.get('memberOf')),
    ...namedLines('the migrating role owns', roles.get('owns')),
    `at most ${lockTimeoutMs} ms for a lock, ${statementTimeoutMs} ms for a statement`,
    ...(branches ? ['with the versions of other branches'] : []),
  ]
}

const hasShape = ({ inputs }: RunRequest): boolean => inputs.some((one) => one.as === 'shape')

function rolesWords(roles: ReadonlyMap<string, unknown>, isOfShape: boolean): string {
  const [mode, deploy, owner] = ['mode', 'deployRole', 'ownerRole'].map((name) => roles.get(name))
  if (typeof deploy !== 'string' || typeof owner !== 'string') return 'roles unknown'
  if (isOfShape && roles.get('isConfigured') !== true) return "roles as production's shape has them"
  if (mode === 'split') return `the migrating role (${deploy}) does not own what is there (${owner} does)`
  return mode === 'single' ? `one role (${deploy}) owns everything` : 'roles unknown'
}

/** More names of one sort are counted only. */
const MOST_NAMED = 20
/** A schema's name and a relation's, as long as PostgreSQL has them. */
const LONGEST_NAME = 127

/** One line a name, so that no name hides the next one. */
function namedLines(words: string, list: unknown): string[] {
  const names: readonly unknown[] = Array.isArray(list) ? list : []
  const lines = names.slice(0, MOST_NAMED).map((one) => {
    const name = String(one)
    return `${words} ${name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name}`
  })
  const more = names.length - lines.length
  return more === 0 ? lines : [...lines, `${words} ${more} more: see manifest.json of the bundle`]
}

/** What each rehearsal then had, whoever decided it: one line a folder. */
export const rehearsedLines = (rehearsed: readonly Rehearsed[]): string[] => rehearsed.map(rehearsedWords)

function rehearsedWords({ folder, version, migratingRole, owningRole, ofShape }: Rehearsed): string {
  const begin = `${folder} on PostgreSQL ${version}: ${migratingRole}`
  if (ofShape !== null) return `${begin} migrates, and owners are those of production's shape (${ofShape})`
  return `${begin} ${migratingRole === owningRole ? 'migrates and owns what is there' : `migrates what ${owningRole} owns`}`
}
