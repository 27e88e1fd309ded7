import { InvalidArgumentError } from 'commander'

const DAY = /^\d{4}-\d{2}-\d{2}$/
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/

/** `--since`: from the beginning of a day (UTC) on, or from a moment on. */
export const parseSince = (value: string): string => parsed(value, 'T00:00:00.000Z')

/** `--until`: to the end of a day (UTC), or up to a moment. */
export const parseUntil = (value: string): string => parsed(value, 'T23:59:59.999Z')

function parsed(value: string, timeOfDay: string): string {
  const time = new Date(DAY.test(value) ? value + timeOfDay : value)
  const isWritten = DAY.test(value) || MOMENT.test(value)
  if (isWritten && !Number.isNaN(time.getTime()) && isOfCalendar(value.slice(0, 10))) return time.toISOString()
  throw new InvalidArgumentError('a day such as 2026-11-21, or a moment such as 2026-11-21T15:00Z')
}

/** The thirtieth of February would be taken for the second of March. */
function isOfCalendar(day: string): boolean {
  const time = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(day)
}
