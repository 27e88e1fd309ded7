import { readFileSync, statSync } from 'node:fs'
import { SeaworthyError } from '../../gate/error.ts'

/** What a CI says it was started for. */
export type CiRange =
  /** A pull request: `targets` are names for the branch it goes into, the best first. */
  | { readonly kind: 'pull-request'; readonly system: string; readonly targets: readonly string[] }
  /** A push: `before` is the commit that the branch stood on, null for a new branch. */
  | {
      readonly kind: 'push'
      readonly system: string
      readonly before: string | null
      readonly branch: string | null
      readonly defaultBranch: string | null
    }

type Env = Readonly<Record<string, string | undefined>>

/**
 * The range that a known CI was started for; null outside of one, and for events without a range (a schedule, a button).
 * Variables: docs.github.com "Variables reference" (Gitea and Forgejo Actions set the same names), docs.gitlab.com
 * "Predefined CI/CD variables", woodpecker-ci.org "Environment variables", docs.drone.io "Environment reference".
 * Throws SeaworthyError('git') if GitHub's event file cannot be read: a range that is unknown is not an empty one.
 */
export function ciRange(env: Env): CiRange | null {
  if (isSet(env['GITHUB_EVENT_NAME'])) return github(env)
  if (isSet(env['GITLAB_CI'])) return gitlab(env)
  if (env['CI'] === 'woodpecker' || env['CI_SYSTEM_NAME'] === 'woodpecker') return woodpecker(env)
  if (isSet(env['DRONE'])) return drone(env)
  return null
}

function github(env: Env): CiRange | null {
  const system = isSet(env['GITEA_ACTIONS']) ? 'Gitea Actions' : 'GitHub Actions'
  const name = env['GITHUB_EVENT_NAME']
  if (name === 'pull_request' || name === 'pull_request_target') {
    const sha = commitOf(eventOf(env, false), ['pull_request', 'base', 'sha'])
    return { kind: 'pull-request', system, targets: targets(env['GITHUB_BASE_REF'], sha) }
  }
  if (name === 'merge_group') {
    const sha = commitOf(eventOf(env, true), ['merge_group', 'base_sha'])
    return { kind: 'pull-request', system, targets: targets(undefined, sha) }
  }
  if (name !== 'push') return null
  const event = eventOf(env, true)
  const ref = env['GITHUB_REF'] ?? ''
  return {
    kind: 'push',
    system,
    before: commitOf(event, ['before']),
    branch: ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null,
    defaultBranch: textAt(event, ['repository', 'default_branch']),
  }
}

function gitlab(env: Env): CiRange | null {
  const system = 'GitLab CI'
  // Set only where the checkout is the merge with the target: then the target itself is the base.
  const merged = env['CI_MERGE_REQUEST_TARGET_BRANCH_SHA']
  const base = env['CI_MERGE_REQUEST_DIFF_BASE_SHA']
  if (isSet(merged) || isSet(base)) return { kind: 'pull-request', system, targets: [merged, base].filter(isSet) }
  if (env['CI_PIPELINE_SOURCE'] !== undefined && env['CI_PIPELINE_SOURCE'] !== 'push') return null
  return {
    kind: 'push',
    system,
    before: commitOrNull(env['CI_COMMIT_BEFORE_SHA']),
    branch: env['CI_COMMIT_BRANCH'] ?? null,
    defaultBranch: env['CI_DEFAULT_BRANCH'] ?? null,
  }
}

function woodpecker(env: Env): CiRange | null {
  const system = 'Woodpecker CI'
  const event = env['CI_PIPELINE_EVENT']
  if (event === 'pull_request') {
    return { kind: 'pull-request', system, targets: targets(env['CI_COMMIT_TARGET_BRANCH'], null) }
  }
  if (event !== 'push') return null
  return {
    kind: 'push',
    system,
    before: commitOrNull(env['CI_PREV_COMMIT_SHA']),
    branch: env['CI_COMMIT_BRANCH'] ?? null,
    defaultBranch: env['CI_REPO_DEFAULT_BRANCH'] ?? null,
  }
}

function drone(env: Env): CiRange | null {
  const system = 'Drone'
  const event = env['DRONE_BUILD_EVENT']
  if (event === 'pull_request') {
    return { kind: 'pull-request', system, targets: targets(env['DRONE_TARGET_BRANCH'], null) }
  }
  if (event !== 'push') return null
  return {
    kind: 'push',
    system,
    before: commitOrNull(env['DRONE_COMMIT_BEFORE']),
    branch: env['DRONE_BRANCH'] ?? null,
    defaultBranch: env['DRONE_REPO_BRANCH'] ?? null,
  }
}

const targets = (branch: string | undefined, sha: string | null): string[] => [
  ...(isSet(branch) ? [`refs/remotes/origin/${branch}`] : []),
  ...(sha === null ? [] : [sha]),
  ...(isSet(branch) ? [`refs/heads/${branch}`] : []),
]

const isSet = (value: string | undefined): value is string => value !== undefined && value !== ''

/** A commit id that names a commit: not all zeros, which stand for "there was none". */
const commitOrNull = (value: string | undefined | null): string | null =>
  typeof value === 'string' && /^[0-9a-f]{40,64}$/.test(value) && !/^0+$/.test(value) ? value : null

const commitOf = (event: unknown, path: readonly string[]): string | null => commitOrNull(textAt(event, path))

function textAt(event: unknown, path: readonly string[]): string | null {
  let at = event
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return null
    at = Object.getOwnPropertyDescriptor(at, key)?.value
  }
  return typeof at === 'string' ? at : null
}

const EVENT_LIMIT_BYTES = 30 * 1024 * 1024

function eventOf(env: Env, isRequired: boolean): unknown {
  const path = env['GITHUB_EVENT_PATH']
  try {
    if (!isSet(path)) throw new Error('GITHUB_EVENT_PATH is not set')
    const found = statSync(path)
    if (!found.isFile()) throw new Error('it is no regular file')
    if (found.size > EVENT_LIMIT_BYTES) throw new Error('it is too large')
    const event: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return event
  } catch (error) {
    if (!isRequired) return null
    const why = error instanceof Error ? error.message : String(error)
    throw new SeaworthyError(
      'git',
      `the pushed range is unknown: the event file of this CI run cannot be read (${why})`,
      {
        hint: 'Name what is live with --since REF, --baseline VERSION or --ledger FILE.',
        cause: error,
      },
    )
  }
}
