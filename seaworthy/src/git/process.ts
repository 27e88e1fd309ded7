import { execFile } from 'node:child_process'
import { SeaworthyError } from '../gate/error.ts'
import { withoutUrlCredentials } from '../gate/redaction.ts'

/** No git command of ours may take longer, in milliseconds. */
export const GIT_TIMEOUT_MS = 60_000

/** The most that one git command may answer, in bytes. */
export const GIT_OUTPUT_LIMIT_BYTES = 256 * 1024 * 1024

export interface GitAnswer {
  readonly code: number
  readonly stdout: Buffer
  /** In the C locale, without credentials. */
  readonly stderr: string
}

export interface GitCall {
  readonly cwd: string
  /** The caller's environment; what would redirect or decorate git is taken out. */
  readonly env: NodeJS.ProcessEnv
  readonly stdin?: string
  readonly timeoutMs?: number
  readonly limitBytes?: number
}

/** Settings of the repository that could start programs, rewrite paths or hide an edit are overruled on every call. */
const SAFE_SETTINGS = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.quotePath=false',
  'core.pager=cat',
  'protocol.ext.allow=never',
  // Else an edit that keeps size and time could go unseen.
  'core.trustctime=true',
  'core.checkStat=default',
  'core.ignoreStat=false',
  'core.untrackedCache=false',
]

/** A git hook that starts us hands down where *it* works; we look for ourselves. The list: `git rev-parse --local-env-vars`. */
const HANDED_DOWN = new Set([
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_SHALLOW_FILE',
  'GIT_PREFIX',
  'GIT_REPLACE_REF_BASE',
  'GIT_EXTERNAL_DIFF',
  'GIT_DIFF_OPTS',
  'GIT_TRACE',
  'GIT_CONFIG_PARAMETERS',
])

/** The arguments of a git command as they are really given: settings first. Pure, so that a test can look at them. */
export const gitArguments = (args: readonly string[]): string[] => [
  '--no-pager',
  ...SAFE_SETTINGS.flatMap((setting) => ['-c', setting]),
  ...args,
]

/**
 * The environment of a git command: no prompt, no lock for reading, no replaced objects, no grafted history, paths taken literally.
 * Nothing is fetched: what a partial clone lacks would be written into it, by programs that its settings name.
 */
export function gitEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(env).filter(([name]) => !HANDED_DOWN.has(name)))
  return {
    ...kept,
    LC_ALL: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    // A git that does not know that yet (before 2.45) reaches nobody by any protocol.
    GIT_ALLOW_PROTOCOL: '',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: '/dev/null',
    GIT_LITERAL_PATHSPECS: '1',
  }
}

/**
 * Runs git without a shell and answers with its exit code, whatever that is. Throws a SeaworthyError: `git` when there is
 * no git command, it was killed by a signal, or a partial clone lacks what is asked for, `limit` when it took too long or answered too much.
 */
export function runGit(args: readonly string[], call: GitCall): Promise<GitAnswer> {
  const timeoutMs = call.timeoutMs ?? GIT_TIMEOUT_MS
  const limitBytes = call.limitBytes ?? GIT_OUTPUT_LIMIT_BYTES
  const options = {
    cwd: call.cwd,
    env: gitEnvironment(call.env),
    encoding: 'buffer' as const,
    timeout: timeoutMs,
    killSignal: 'SIGKILL' as const,
    maxBuffer: limitBytes,
    windowsHide: true,
  }
  return new Promise((resolve, reject) => {
    const child = execFile('git', gitArguments(args), options, (error, stdout, stderr) => {
      const words = withoutUrlCredentials(stderr.toString('utf8').trim())
      if (error === null) resolve({ code: 0, stdout, stderr: words })
      else if (words.includes('promisor remote')) reject(partialClone(call.cwd))
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr: words })
      else reject(stopped(args, error, timeoutMs, limitBytes))
    })
    // A git that ends before it has read everything closes the pipe; its exit code tells the story.
    child.stdin?.on('error', () => {})
    child.stdin?.end(call.stdin ?? '')
  })
}

/** What is asked for is not in a clone that was made with a filter. */
export const partialClone = (folder: string): SeaworthyError =>
  new SeaworthyError(
    'git',
    `the repository at ${folder} is a partial clone and lacks files of the commit: nothing is fetched into it (git fetch --refetch --no-filter origin brings them)`,
  )

type ExecError = Error & { code?: unknown; killed?: boolean; signal?: unknown }

function stopped(args: readonly string[], error: ExecError, timeoutMs: number, limitBytes: number): SeaworthyError {
  const what = `git ${args[0] ?? ''}`
  if (error.code === 'ENOENT') {
    return new SeaworthyError('git', 'there is no git command here', {
      hint: 'Install git, or run with --all outside of git to judge every migration.',
      cause: error,
    })
  }
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return new SeaworthyError('limit', `${what} answered more than ${limitBytes} bytes`, { cause: error })
  }
  if (error.killed === true) {
    return new SeaworthyError('limit', `${what} took longer than ${timeoutMs / 1000} seconds`, { cause: error })
  }
  return new SeaworthyError('git', `${what} could not be run: ${error.message}`, { cause: error })
}
