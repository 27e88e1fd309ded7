import { homedir } from 'node:os'
import path from 'node:path'

/** What says where the ledger lies. */
export interface PlaceSources {
  /** `--state FILE`, relative to the working folder. */
  readonly flag: string | undefined
  readonly env: NodeJS.ProcessEnv
  /** The key `state` of the configuration, as an absolute path. */
  readonly configured: string | undefined
}

export interface StatePlace {
  /** Absolute. */
  readonly file: string
  /**
   * Whether somebody named it. A command that only records what it did makes a ledger at a place that was named, and
   * writes to the usual one if it is there already.
   */
  readonly isNamed: boolean
}

/**
 * Where the ledger lies: `--state`, else `SEAWORTHY_STATE`, else the configuration, else `seaworthy/state.db` in the user's
 * folder for state. Source of the last: XDG Base Directory Specification 0.8 (a relative path in it is to be ignored).
 */
export function statePlace({ flag, env, configured }: PlaceSources): StatePlace {
  const named = [flag, env['SEAWORTHY_STATE'], configured].find((one) => one !== undefined && one !== '')
  if (named !== undefined) return { file: path.resolve(named), isNamed: true }
  const xdg = env['XDG_STATE_HOME'] ?? ''
  const home = env['HOME'] ?? ''
  const folder = path.isAbsolute(xdg) ? xdg : path.join(path.isAbsolute(home) ? home : homedir(), '.local/state')
  return { file: path.join(folder, 'seaworthy/state.db'), isNamed: false }
}
