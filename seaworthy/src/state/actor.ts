import { hostname, userInfo } from 'node:os'
import type { Actor } from '../gate/chain/chain.ts'
import { placeOfUrl } from '../gate/redaction.ts'

/** Who runs this process, and where, as the machine says. */
export const actorHere = (env: NodeJS.ProcessEnv): Actor => ({ user: userName(), host: hostname(), ci: ciRun(env) })

/** Null for a user that the system has no name for, as there are in containers. */
function userName(): string | null {
  try {
    return userInfo().username
  } catch {
    return null
  }
}

/**
 * The page of the CI run, or the name of the system; null outside of one. Sources: the documented variables of GitHub,
 * Gitea and Forgejo Actions, GitLab CI, Woodpecker, Drone; `CI=true` is what the others agree on. Of the page's URL only the
 * place is kept.
 */
function ciRun(env: NodeJS.ProcessEnv): string | null {
  const of = (name: string): string | null => env[name]?.trim() || null
  if (of('GITHUB_ACTIONS') !== null) {
    const [server, repository, run] = [of('GITHUB_SERVER_URL'), of('GITHUB_REPOSITORY'), of('GITHUB_RUN_ID')]
    const page = placeOfUrl(`${server ?? ''}/${repository ?? ''}/actions/runs/${run ?? ''}`)
    const by = of('GITHUB_ACTOR')
    return by === null ? page : `${page} (${by})`
  }
  const page = of('CI_JOB_URL') ?? of('CI_PIPELINE_URL') ?? of('CI_BUILD_LINK') ?? of('DRONE_BUILD_LINK')
  return page === null ? (of('CI') === null ? null : 'CI') : placeOfUrl(page)
}
