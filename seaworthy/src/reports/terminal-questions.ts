import type { ObligationState } from '../gate/obligation.ts'
import { plainLine } from './plain-text.ts'
import type { Reported } from './reported.ts'
import type { RunReport } from './run-report.ts'
import { hanging, type Paint, type Style } from './terminal-layout.ts'
import { count, placeOf, questionStep } from './wording.ts'

/** More questions than this are counted. */
const MOST_QUESTIONS = 6

const STATE_STYLE: Record<ObligationState, Style> = {
  open: ['bold', 'yellow'],
  answered: ['bold', 'green'],
  violated: ['bold', 'red'],
  stale: ['bold', 'yellow'],
}
/** What a state means for the release. */
const SAID: Record<ObligationState, string> = {
  open: 'open',
  answered: 'no row in the way',
  violated: 'in the way',
  stale: 'stale',
}

/** What is bad first. */
const RANK: Record<ObligationState, number> = { violated: 0, stale: 1, open: 2, answered: 3 }

/** Whether a note says no more than that a question is open: the questions have a section of their own. */
export const isQuestion = ({ finding }: Reported, { obligations }: RunReport): boolean =>
  obligations.some((one) => one.code === finding.code && one.subject === finding.subject && one.state !== 'answered')

/** The questions that only production can answer, and the command that asks them. */
export function questionLines({ obligations }: RunReport, width: number, paint: Paint): string[] {
  if (obligations.length === 0) return []
  const sorted = obligations.toSorted((a, b) => RANK[a.state] - RANK[b.state])
  const shown = sorted.slice(0, MOST_QUESTIONS)
  const widest = Math.max(8, ...shown.map(({ state }) => SAID[state].length))
  const lines = shown.flatMap(({ state, question, where, answer }) => {
    const date = answer === null || state === 'open' ? '' : ` (as of ${plainLine(answer.answeredAt)})`
    const place = where === null ? '' : `, for ${plainLine(placeOf(where))}`
    const layout = {
      head: `  ${SAID[state].padEnd(widest)}  `,
      text: `${plainLine(question)}${place}${date}`,
      indent: widest + 4,
      width,
      paint,
    }
    return hanging({ ...layout, accent: SAID[state] }, [STATE_STYLE[state], []])
  })
  const more = obligations.length - MOST_QUESTIONS
  return [
    paint(['bold'], `${count(obligations.length, 'question')} for production`),
    ...lines,
    ...(more > 0 ? [`  and ${more} more (--json has all)`] : []),
    ...questionStep(obligations).flatMap((text) => hanging({ head: '  ', text, indent: 4, width, paint }, [[], []])),
  ]
}
