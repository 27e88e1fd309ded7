import { SeaworthyError } from '../gate/error.ts'

/** A shorter reason says nothing to whoever reads the ledger later. */
const SHORTEST = 10
const LONGEST = 2_000

/**
 * A reason for the ledger, in one line.
 * @throws SeaworthyError('usage') for one of less than ten characters or more than 2,000, or that begins with `-`: then it
 * is the next flag that was taken for the reason.
 */
export function statedReason(text: string, flag: string, hint: string): string {
  const reason = text.replaceAll(/\s+/g, ' ').trim()
  if (reason.startsWith('-')) {
    throw new SeaworthyError('usage', `${flag} needs a reason, and ${JSON.stringify(reason)} looks like a flag`, {
      hint,
    })
  }
  if (reason.length >= SHORTEST && reason.length <= LONGEST) return reason
  throw new SeaworthyError(
    'usage',
    `${flag} needs a reason of ${SHORTEST} to ${LONGEST} characters, and this one has ${reason.length}`,
    { hint },
  )
}
