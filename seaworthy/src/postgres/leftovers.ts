import { lstatSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { allRuns, type Places } from './places.ts'
import { isGone } from './process-name.ts'
import { runProgram } from './program.ts'

/** A run folder that has no owner's mark yet may have been made this very moment. */
const UNMARKED_GRACE_MS = 60_000

/**
 * Ends the server of a run folder if it still runs, and removes the folder. The postmaster's working folder is its data
 * folder, which proves that the number in postmaster.pid is still its own; where that cannot be asked (macOS), a
 * postmaster whose pid file has gone ends by itself within a minute or two.
 */
const SCRIPT = `
for run in "$@"; do
  pid=
  [ ! -f "$run/data/postmaster.pid" ] || read -r pid <"$run/data/postmaster.pid"
  if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$run/data" ]; then
    kill -QUIT "$pid"
  fi
  rm -rf -- "$run" || { sleep 1; rm -rf -- "$run"; }
done
`

/**
 * Removes what crashed runs left: run folders of our account whose process is gone, when not even their watchdog could
 * tidy up. Works as the account, so that it can reach nothing that is somebody else's.
 */
export async function removeLeftovers(places: Places, signal: AbortSignal): Promise<void> {
  const uid = places.account?.uid ?? process.geteuid?.()
  const left = allRuns(places)
    .flatMap(runFoldersIn)
    .filter((folder) => isLeftover(folder, uid))
  if (left.length > 0) await removeRunFolders(left, places, signal)
}

/** Ends the servers of these run folders, if they run, and removes the folders. */
export async function removeRunFolders(folders: readonly string[], places: Places, signal: AbortSignal): Promise<void> {
  await runProgram('/bin/sh', ['-c', SCRIPT, 'seaworthy-leftovers', ...folders], { account: places.account, signal })
}

function runFoldersIn(parent: string): string[] {
  try {
    return readdirSync(parent)
      .filter((name) => /^sw-[A-Za-z0-9]{6}$/.test(name))
      .map((name) => join(parent, name))
  } catch {
    return []
  }
}

function isLeftover(folder: string, uid: number | undefined): boolean {
  try {
    const stat = lstatSync(folder)
    if (!stat.isDirectory() || stat.uid !== uid) return false
    const owner = ownerOf(folder)
    if (owner === null) return Date.now() - stat.mtimeMs > UNMARKED_GRACE_MS
    return isGone(owner, stat.mtimeMs)
  } catch {
    // It went away while we looked, or is not ours to read.
    return false
  }
}

function ownerOf(folder: string): string | null {
  try {
    return readFileSync(join(folder, 'owner'), 'utf8')
  } catch {
    return null
  }
}
