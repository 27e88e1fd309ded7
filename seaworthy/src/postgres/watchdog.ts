import { type ChildProcess, spawn } from 'node:child_process'
import { type Account, asAccount, cannotChangeUser, isNotPermitted } from './account.ts'
import { endGroup } from './process-group.ts'

/**
 * Runs the server and outlives us. Its standard input is a pipe from us: a line means "stop cleanly", and the end of the
 * pipe (we closed it, or we died of whatever cause) means "end the server and remove the run folder". Values come as
 * positional parameters only. A shell without job control lets its background jobs ignore SIGINT and SIGQUIT, and
 * PostgreSQL takes them up again a moment after its start: therefore the signal is repeated until the server is gone.
 * The exit code is written by a shell of its own, because writing to us when we are dead ends the writer (SIGPIPE).
 */
const SCRIPT = `
run=$1
log=$2
shift 2
exec 3<&0 </dev/null
"$@" >>"$log" 2>&1 3<&- &
server=$!
(
  while read -r word; do
    kill -INT "$server"
  done
  : >"$run/closing"
  tries=0
  signal=QUIT
  until [ ! -d "$run" ] || [ -e "$run/ended" ] || ! kill -"$signal" "$server"; do
    sleep 0.02 || sleep 1
    tries=$((tries + 1))
    [ "$tries" -lt 250 ] || signal=KILL
    [ "$tries" -lt 500 ] || break
  done
) <&3 >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$server"
code=$?
: >"$run/ended"
(echo "$code")
exec >/dev/null
[ -e "$run/closing" ] || wait "$watcher"
rm -rf -- "$run"
`

/** The script itself kills a server that has not ended after 5 s. */
const RELEASE_LIMIT_MS = 15_000

/** A server under its watchdog. */
export interface Guarded {
  /** The server's exit code (128 + signal), as soon as it has ended. Rejects if it could not even be tried. */
  readonly ended: Promise<number>
  /** Asks for a clean stop (SIGINT: a fast shutdown). Nothing is removed. */
  readonly stop: () => void
  /** Ends the server at once if it runs, removes the run folder, and waits until both is done. */
  readonly release: () => Promise<void>
}

/** Only what a server needs: no PG… variable of the user's may reach it. */
export function serverEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH'].flatMap((name) => {
    const value = env[name]
    return value === undefined ? [] : [[name, value]]
  })
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' }
}

/**
 * Starts a command in a session of its own, so that a ctrl-C in the terminal does not reach it. It lives as long as this
 * process, at the longest. Its output goes to the file `log`, which must lie in the run folder.
 */
export function startGuarded(
  command: readonly string[],
  options: { runFolder: string; log: string; account: Account | null },
): Guarded {
  const { runFolder, log, account } = options
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'seaworthy-watchdog', runFolder, log, ...command], {
    ...asAccount(account),
    cwd: '/',
    env: serverEnvironment(),
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()))
  const ended = endOf(child, account)
  // Whoever waits for the end gets the error; nobody has to wait.
  ended.catch(() => undefined)
  child.stdin.on('error', () => undefined)
  // A program that forgets its server may still end: then the pipe closes, and the watchdog does the rest.
  child.unref()
  for (const stream of [child.stdin, child.stdout])
    if ('unref' in stream && typeof stream.unref === 'function') stream.unref()
  return {
    ended,
    stop: () => void child.stdin.write('stop\n'),
    release: async () => {
      child.ref()
      child.stdin.end()
      // The shell's part that waits for the pipe may have been killed: its group is the shell and the server.
      const patience = setTimeout(() => endGroup(child), RELEASE_LIMIT_MS)
      await closed
      clearTimeout(patience)
    },
  }
}

function endOf(child: ChildProcess, account: Account | null): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
      if (output.includes('\n')) resolve(Number.parseInt(output, 10))
    })
    child.once('error', (error) => {
      reject(account !== null && isNotPermitted(error) ? cannotChangeUser(account, error) : error)
    })
    child.once('close', () => reject(new Error('the watchdog of a scratch server was killed')))
  })
}
