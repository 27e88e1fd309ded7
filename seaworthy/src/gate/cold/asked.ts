import type { RunRequest } from '../evidence.ts'

/**
 * How the builder's run was asked for, in lines for a person: it is asked for in the same way again, so whoever reads a review
 * has to find it right. Texts of a bundle stand in them as they are.
 */
export function askedLines(request: RunRequest): string[] {
  const { folders, roles, major, server, down, all, since, branches } = request
  return [
    ...folders.map(({ dir, format, baseline, ledgerTable }) =>
      [
        `${dir} as ${format ?? 'whatever it is'}`,
        ...(baseline === null ? [] : [`live up to ${baseline}`]),
        ...(ledgerTable === null ? [] : [`ledger ${ledgerTable}`]),
      ].join(', '),
    ),
    ...(all ? ['nothing taken as live'] : since === null ? [] : [`live: what ${since} has`]),
    `${rolesWords(roles)}; PostgreSQL ${major ?? 'of the default version'} on a ${server} server; downs: ${down}`,
    ...(branches ? ['with the versions of other branches'] : []),
  ]
}

function rolesWords(roles: unknown): string {
  const mode = typeof roles === 'object' && roles !== null && 'mode' in roles ? roles.mode : null
  if (mode === 'split') return 'the migrating role does not own what is there'
  return mode === 'single' ? 'one role owns everything' : 'roles unknown'
}
