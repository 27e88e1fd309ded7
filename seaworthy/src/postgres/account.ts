import { readFileSync } from 'node:fs'
import { SeaworthyError } from '../gate/error.ts'

/** The OS user that runs a scratch server where we are root ourselves. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** In this order: `postgres` is made for it; `nobody` is there on every Linux. */
const PREFERRED = ['postgres', '_postgres', 'nobody'] as const

/** Where PostgreSQL's own rule comes from: `check_root()` in src/backend/main/main.c. */
const GIVE_ANOTHER =
  'Run Seaworthy as an ordinary user, allow this container another user (setuid and chown), or name a server with --server URL.'

/**
 * PostgreSQL refuses to run as root. As root this is the user to run it as; null means "run it as ourselves".
 * @throws SeaworthyError('scratch-server') if we are root and there is no other user.
 */
export function serverAccount(): Account | null {
  if (process.geteuid?.() !== 0) return null
  const account = chooseAccount(readFileSync('/etc/passwd', 'utf8'))
  if (account === null) {
    throw new SeaworthyError(
      'scratch-server',
      'PostgreSQL refuses to run as root, and this system has no user "postgres" or "nobody" to run it as',
      { hint: GIVE_ANOTHER },
    )
  }
  return account
}

/** The preferred account in the text of a passwd file, or null. */
export function chooseAccount(passwd: string): Account | null {
  const accounts = passwd.split('\n').flatMap((line): Account[] => {
    const [name, , uid, gid] = line.split(':')
    if (name === undefined || uid === undefined || gid === undefined) return []
    if (!/^-?\d+$/.test(uid) || !/^-?\d+$/.test(gid)) return []
    // macOS writes nobody's ids as -2; the kernel counts them unsigned.
    return [{ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }]
  })
  for (const name of PREFERRED) {
    const found = accounts.find((account) => account.name === name && account.uid !== 0)
    if (found !== undefined) return found
  }
  return null
}

/** The part of spawn's options that makes a child run as the account. */
export const asAccount = (account: Account | null): { uid?: number; gid?: number } =>
  account === null ? {} : { uid: account.uid, gid: account.gid }

/** Whether an error means that this process may not act as another user (no capability, or one that is not mapped here). */
export const isNotPermitted = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EPERM' || error.code === 'EINVAL')

/** The error for it. */
export const cannotChangeUser = (account: Account, cause: unknown): SeaworthyError =>
  new SeaworthyError(
    'scratch-server',
    `PostgreSQL refuses to run as root, and this container does not permit running it as "${account.name}" (uid ${account.uid})`,
    { hint: GIVE_ANOTHER, cause },
  )
