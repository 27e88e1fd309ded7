import { InvalidArgumentError } from 'commander'

const DAY = /^\d{4}-\d{2}-\d{2}$/
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/

/** `--since`: from the beginning of a day (UTC) on, or from a moment on. */
export const parseSince = (value: string): string => parsed(value, 'T00:00:00.000Z')

/** `--until`: to the end of a day (UTC), or up to a moment. */
export const parseUntil = (value: string): string => parsed(value, 'T23:59:59.999Z')

function parsed(value: string, timeOfDay: string): string {
  const time = new Date(DAY.test(value) ? value + timeOfDay : value)
  const isDate = (DAY.test(value) || MOMENT.test(value)) && !Number.isNaN(time.getTime())
  // The thirtieth of February is taken for the second of March otherwise.
  const isSame = new Date(`${value.slice(0, 10)}T00:00:00Z`).toJSON()?.startsWith(value.slice(0, 10)) === true
  if (isDate && isSame) return time.toISOString()
  throw new InvalidArgumentError('a day such as 2026-11-21, or a moment such as 2026-11-21T15:00Z')
}
