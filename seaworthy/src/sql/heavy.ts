/** Characters of which PostgreSQL's scanner takes as many as it finds for one operator. */
const OPERATOR = new Set(Buffer.from('~!@#^&|`?+-*/%<>='))

/** A shorter run is read in no time: no ruler of a comment is longer. */
const SHORT_RUN = 256
/** The sum of the squares of the longer runs: some tens of milliseconds a reading. */
const MOST_WORK = 64_000_000

/**
 * Whether a text would keep the scanner busy for seconds or more. Inside of a comment, and before every operator, it looks at
 * all operator characters that follow, and then goes on behind the first one or two of them: a run of n is n² of work
 * (`xcstart` and `operator` in PostgreSQL's scan.l). Nothing that a person writes has one of thousands.
 */
export function isHeavy(text: string): boolean {
  if (text.length * text.length <= MOST_WORK) return false
  let work = 0
  let run = 0
  for (let at = 0; at <= text.length; at += 1) {
    if (at < text.length && OPERATOR.has(text.charCodeAt(at))) {
      run += 1
      continue
    }
    if (run > SHORT_RUN) work += run * run
    if (work > MOST_WORK) return true
    run = 0
  }
  return false
}
