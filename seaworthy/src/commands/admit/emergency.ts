import type { Command } from 'commander'
import { statedReason } from '../stated-reason.ts'

/**
 * The reason of an emergency, in one line.
 * @throws SeaworthyError('usage') as `statedReason` does.
 */
export const emergencyReason = (text: string): string =>
  statedReason(
    text,
    '--emergency',
    'Say what happened and who decided: --emergency "login is down since 02:10, decided by Ada".',
  )

/** Adds `--emergency "reason"` in the one form that it has for every command that acts on a certificate. */
export const withEmergency = (command: Command): Command =>
  command.option(
    '--emergency <reason>',
    'go on without a pass: recorded before anything else, and told in every report until the candidate has passed',
    // At once: a flag that was taken for the reason is missed elsewhere, and that would be said instead.
    emergencyReason,
  )
