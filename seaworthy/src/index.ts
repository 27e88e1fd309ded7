import type { AdmitReport, AdmitRequest } from './commands/admit/admit.ts'

export { defineConfig } from './config/define.ts'
export type {
  AcceptanceConfig,
  Config,
  MigrationsConfig,
  PolicyConfig,
  RolesConfig,
  SigningConfig,
} from './config/define.ts'
export type { Finding, Severity, Where } from './gate/finding.ts'
export type { CheckVerdict, Verdict } from './gate/verdict.ts'
export type { Action } from './gate/check.ts'
export type { AdmitReport, AdmitRequest, Compared } from './commands/admit/admit.ts'

/** What of the process `admit` is to use; by default this process's own folder and environment. */
export interface AdmitOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Ends the looks at production. */
  readonly signal?: AbortSignal
  /** Called with a short line whenever a step begins. */
  readonly progress?: (line: string) => void
}

/**
 * Decides whether an action may go on now, on the grounds of a certificate: `seaworthy admit` as a function. Only go on if
 * `isAdmitted` is true, and look again (another call) if time has passed since `compared.at`. Each call is recorded in the
 * ledger of our own; production and the checkout are only read.
 * @throws SeaworthyError where there is no decision: whoever gets an error is not admitted.
 */
export async function admit(request: AdmitRequest, options: AdmitOptions = {}): Promise<AdmitReport> {
  // A configuration imports this module for defineConfig alone, and must not load the rest.
  const [{ admit: decide }, { ownVersion }] = await Promise.all([
    import('./commands/admit/admit.ts'),
    import('./version.ts'),
  ])
  return await decide(request, {
    cwd: options.cwd ?? process.cwd(),
    env: options.env ?? process.env,
    signal: options.signal ?? new AbortController().signal,
    progress: options.progress ?? (() => undefined),
    version: ownVersion(),
  })
}
