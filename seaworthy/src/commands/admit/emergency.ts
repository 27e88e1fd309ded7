import type { Command } from 'commander'
import { SeaworthyError } from '../../gate/error.ts'

/** A shorter reason says nothing to whoever reads the ledger later. */
const SHORTEST_REASON = 10
const LONGEST_REASON = 2_000

const HINT = 'Say what happened and who decided: --emergency "login is down since 02:10, decided by Ada".'

/**
 * The reason of an emergency, in one line.
 * @throws SeaworthyError('usage') for one of less than ten characters or more than 2,000, or that begins with `-`.
 */
export function emergencyReason(text: string): string {
  const reason = text.replaceAll(/\s+/g, ' ').trim()
  if (reason.startsWith('-')) {
    throw new SeaworthyError('usage', `--emergency needs a reason, and ${JSON.stringify(reason)} looks like a flag`, {
      hint: HINT,
    })
  }
  if (reason.length >= SHORTEST_REASON && reason.length <= LONGEST_REASON) return reason
  throw new SeaworthyError(
    'usage',
    `--emergency needs a reason of ${SHORTEST_REASON} to ${LONGEST_REASON} characters, and this one has ${reason.length}`,
    { hint: HINT },
  )
}

/** Adds `--emergency "reason"` in the one form that it has for every command that acts on a certificate. */
export const withEmergency = (command: Command): Command =>
  command.option(
    '--emergency <reason>',
    'go on without a pass: recorded before anything else, and told in every report until a passing certificate is there',
    // At once: a flag that was taken for the reason is missed elsewhere, and that would be said instead.
    emergencyReason,
  )
