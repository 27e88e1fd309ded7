import { SeaworthyError } from '../gate/error.ts'
import { withoutUrlCredentials } from '../gate/redaction.ts'

/** So many letters and digits: what says less, or cannot be seen, says nothing to whoever reads the ledger later. */
const SHORTEST = 10
const LONGEST = 2_000

/**
 * A reason for the ledger, in one line, without credentials of URLs.
 * @throws SeaworthyError('usage') for one of less than ten letters and digits or more than 2,000 characters, or that begins with `-`: then it
 * is the next flag that was taken for the reason.
 */
export function statedReason(text: string, flag: string, hint: string): string {
  const reason = withoutUrlCredentials(text.replaceAll(/\s+/g, ' ').trim())
  if (reason.startsWith('-')) {
    throw new SeaworthyError('usage', `${flag} needs a reason, and ${JSON.stringify(reason)} looks like a flag`, {
      hint,
    })
  }
  const said = reason.match(/[\p{L}\p{N}]/gu)?.length ?? 0
  if (said >= SHORTEST && reason.length <= LONGEST) return reason
  throw new SeaworthyError(
    'usage',
    `${flag} needs a reason of ${SHORTEST} letters and digits at least and ${LONGEST} characters at most, and this one has ${said} in ${reason.length}`,
    { hint },
  )
}
