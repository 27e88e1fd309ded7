import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { formatNamed } from '../../../src/migrations/formats.ts'
import { ciRange } from '../../../src/observers/pending/ci.ts'
import { pending, type Pending } from '../../../src/observers/pending/kind.ts'
import { observePending } from '../../../src/observers/pending/observe.ts'
import { ScratchRepository, gitEnv } from '../../git/scratch-repository.ts'
import { treeAt } from '../read-tree.ts'

const ZERO = '0'.repeat(40)
const file = (version: string): string => `m/${version}_x.up.sql`
const up = (version: string): Record<string, string> => ({ [file(version)]: `select ${version};\n` })

async function ask(root: string, env: NodeJS.ProcessEnv): Promise<Pending> {
  const observation = await observePending({
    root,
    isGit: true,
    tree: await treeAt(root, 'm'),
    format: formatNamed('golang-migrate'),
    choice: {},
    env: { ...gitEnv, ...env },
  })
  if (observation.status !== 'observed') throw new Error('not observed')
  return pending.parse(observation.data)
}

let events = 0

/** An event file of GitHub, Gitea or Forgejo. */
function event(scratch: ScratchRepository, content: unknown): NodeJS.ProcessEnv {
  events += 1
  const path = join(scratch.root, `../event-${events}.json`)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return { GITHUB_ACTIONS: 'true', GITHUB_EVENT_PATH: path }
}

const push = (scratch: ScratchRepository, before: string, branch = 'main'): NodeJS.ProcessEnv => ({
  ...event(scratch, { before, repository: { default_branch: 'main' } }),
  GITHUB_EVENT_NAME: 'push',
  GITHUB_REF: `refs/heads/${branch}`,
})

describe('a push to the default branch', () => {
  test('compares with the commit before it, on each system', async () => {
    using scratch = new ScratchRepository()
    const before = scratch.commit(up('1'))
    scratch.commit(up('2'))
    scratch.commit(up('3'))
    const systems: Record<string, NodeJS.ProcessEnv> = {
      'GitHub Actions': push(scratch, before),
      'Gitea Actions': { ...push(scratch, before), GITEA_ACTIONS: 'true' },
      'GitLab CI': {
        GITLAB_CI: 'true',
        CI_PIPELINE_SOURCE: 'push',
        CI_COMMIT_BEFORE_SHA: before,
        CI_COMMIT_BRANCH: 'main',
        CI_DEFAULT_BRANCH: 'main',
      },
      'Woodpecker CI': {
        CI: 'woodpecker',
        CI_PIPELINE_EVENT: 'push',
        CI_PREV_COMMIT_SHA: before,
        CI_COMMIT_BRANCH: 'main',
        CI_REPO_DEFAULT_BRANCH: 'main',
      },
      Drone: {
        DRONE: 'true',
        DRONE_BUILD_EVENT: 'push',
        DRONE_COMMIT_BEFORE: before,
        DRONE_BRANCH: 'main',
        DRONE_REPO_BRANCH: 'main',
      },
    }
    for (const [name, env] of Object.entries(systems)) {
      const seen = await ask(scratch.root, env)
      expect(seen).toMatchObject({ basis: 'ci-range', baseCommit: before, files: [file('2'), file('3')] })
      expect(seen.explanation).toContain(name)
    }
  })

  test('without a commit before it, or with one that is not there, it is an error', async () => {
    using scratch = new ScratchRepository()
    scratch.commit(up('1'))
    for (const before of [ZERO, '1'.repeat(40), 'nonsense']) {
      await expect(ask(scratch.root, push(scratch, before))).rejects.toMatchObject({
        code: 'git',
        hint: expect.stringMatching(/fetch-depth: 0/),
      })
    }
    const gitlab = {
      GITLAB_CI: 'true',
      CI_COMMIT_BEFORE_SHA: ZERO,
      CI_COMMIT_BRANCH: 'main',
      CI_DEFAULT_BRANCH: 'main',
    }
    await expect(ask(scratch.root, gitlab)).rejects.toMatchObject({ code: 'git' })
    const tag = { ...push(scratch, ZERO), GITHUB_REF: 'refs/tags/v1' }
    await expect(ask(scratch.root, tag)).rejects.toMatchObject({
      code: 'git',
      message: expect.stringMatching(/new branch or a tag/),
    })
  })

  test('in a shallow checkout it is an error', async () => {
    using scratch = new ScratchRepository()
    const before = scratch.commit(up('1'))
    scratch.commit(up('2'))
    const clone = scratch.clone('ci', '--depth', '1')
    await expect(ask(clone, push(scratch, before))).rejects.toMatchObject({
      code: 'git',
      hint: expect.stringMatching(/fetch-depth: 0/),
    })
  })

  test('after a forced push it is compared with what was there', async () => {
    using scratch = new ScratchRepository()
    scratch.commit(up('1'))
    scratch.git('checkout', '-q', '-b', 'old')
    const before = scratch.commit(up('2'))
    scratch.git('checkout', '-q', 'main')
    scratch.commit(up('3'))
    expect(await ask(scratch.root, push(scratch, before))).toMatchObject({ files: [file('3')], changedBaseline: [] })
  })

  test('an event file that cannot be read is an error', async () => {
    using scratch = new ScratchRepository()
    scratch.commit(up('1'))
    const broken = { ...event(scratch, '{'), GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main' }
    await expect(ask(scratch.root, broken)).rejects.toMatchObject({
      code: 'git',
      message: expect.stringMatching(/event file/),
    })
    // One without an end, as a pipe would be.
    await expect(ask(scratch.root, { ...broken, GITHUB_EVENT_PATH: '/dev/zero' })).rejects.toMatchObject({
      message: expect.stringContaining('no regular file'),
    })
    await expect(ask(scratch.root, { GITHUB_EVENT_NAME: 'push' })).rejects.toMatchObject({ code: 'git' })
  })
})

test('a push to another branch is compared with the default one: an earlier push of it is not live', async () => {
  using scratch = new ScratchRepository()
  const base = scratch.commit(up('1'))
  scratch.git('checkout', '-q', '-b', 'feature')
  const first = scratch.commit(up('2'))
  scratch.commit(up('3'))
  for (const before of [first, ZERO]) {
    const seen = await ask(scratch.root, push(scratch, before, 'feature'))
    expect(seen).toMatchObject({ basis: 'ci-range', baseCommit: base, files: [file('2'), file('3')] })
  }
})

/** main has moved on, and the checkout is the merge of both, as GitHub makes it. */
function merged(): { scratch: ScratchRepository; target: string } {
  const scratch = new ScratchRepository()
  scratch.commit(up('1'))
  scratch.git('checkout', '-q', '-b', 'feature')
  scratch.commit(up('3'))
  scratch.git('checkout', '-q', 'main')
  const target = scratch.commit(up('2'))
  scratch.git('update-ref', 'refs/remotes/origin/main', target)
  scratch.git('checkout', '-q', '--detach')
  scratch.git('merge', '-q', '--no-edit', 'feature')
  return { scratch, target }
}

describe('a pull request', () => {
  test('compares with its target branch', async () => {
    const { scratch, target } = merged()
    using _ = scratch
    const systems: NodeJS.ProcessEnv[] = [
      { GITHUB_EVENT_NAME: 'pull_request', GITHUB_BASE_REF: 'main' },
      {
        ...event(scratch, { pull_request: { base: { sha: target } } }),
        GITHUB_EVENT_NAME: 'pull_request',
        GITHUB_BASE_REF: 'gone',
      },
      { ...event(scratch, { merge_group: { base_sha: target } }), GITHUB_EVENT_NAME: 'merge_group' },
      { GITLAB_CI: 'true', CI_MERGE_REQUEST_DIFF_BASE_SHA: target },
      { CI: 'woodpecker', CI_PIPELINE_EVENT: 'pull_request', CI_COMMIT_TARGET_BRANCH: 'main' },
      { DRONE: 'true', DRONE_BUILD_EVENT: 'pull_request', DRONE_TARGET_BRANCH: 'main' },
    ]
    for (const env of systems) {
      expect(await ask(scratch.root, env)).toMatchObject({ basis: 'ci-range', baseCommit: target, files: [file('3')] })
    }
  })

  test('a target that is not in the checkout is an error', async () => {
    using scratch = new ScratchRepository()
    scratch.commit(up('1'))
    const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_BASE_REF: 'release' }
    await expect(ask(scratch.root, env)).rejects.toMatchObject({
      code: 'git',
      message: expect.stringMatching(/target branch/),
      hint: expect.stringMatching(/fetch-depth/),
    })
  })
})

test('events without a range, and no CI at all, have none', () => {
  expect(ciRange({})).toBeNull()
  expect(ciRange({ CI: 'true' })).toBeNull()
  expect(ciRange({ GITHUB_EVENT_NAME: 'schedule' })).toBeNull()
  expect(ciRange({ GITLAB_CI: 'true', CI_PIPELINE_SOURCE: 'schedule', CI_COMMIT_BEFORE_SHA: ZERO })).toBeNull()
  expect(ciRange({ CI: 'woodpecker', CI_PIPELINE_EVENT: 'cron' })).toBeNull()
  expect(ciRange({ DRONE: 'true', DRONE_BUILD_EVENT: 'promote' })).toBeNull()
})
