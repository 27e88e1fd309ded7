import type { FolderListing } from './model.ts'

/** A version's digits without leading zeros: what tools compare, and what most ledgers hold. */
export const bareNumber = (digits: string): string =>
  digits.startsWith('0') ? digits.replace(/^0+(?=\d)/, '') : digits

/** Compares by UTF-16 code unit, the same on every machine. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Compares versions of digits as the numbers they are, whatever their width; what is no number stands after the
 * numbers, as text. Numbers may be longer than a double holds exactly.
 */
export function compareNumbers(a: string, b: string): number {
  const areNumbers = [isNumber(a), isNumber(b)]
  if (areNumbers[0] !== areNumbers[1]) return areNumbers[0] === true ? -1 : 1
  if (areNumbers[0] === false) return compareText(a, b)
  const [left, right] = [bareNumber(a), bareNumber(b)]
  return left.length - right.length || compareText(left, right)
}

export const isNumber = (text: string): boolean => /^\d+$/.test(text)

/** The largest number that fits a signed 64-bit column. */
const LARGEST = '9223372036854775807'

/** Whether the digits fit the bigint column of a ledger (and the integer type of the tool). */
export const fitsBigint = (digits: string): boolean => isNumber(digits) && compareNumbers(digits, LARGEST) <= 0

/** The words of a name as a file name holds them: lower case, letters and digits joined by `_`; `migration` if none are left. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/^_/, '')
    .slice(0, 100)
    .replace(/_$/, '')
  return slug === '' ? 'migration' : slug
}

/** Paths directly in the folder. */
export const topFiles = (listing: FolderListing): readonly string[] =>
  listing.files.filter((path) => !path.includes('/'))

/** Each folder directly in the folder that holds files, with the paths of its own files relative to itself. */
export function subfolders(listing: FolderListing): ReadonlyMap<string, readonly string[]> {
  const folders = new Map<string, string[]>()
  for (const path of listing.files) {
    const slash = path.indexOf('/')
    if (slash < 0) continue
    const folder = path.slice(0, slash)
    const files = folders.get(folder)
    if (files === undefined) folders.set(folder, [path.slice(slash + 1)])
    else files.push(path.slice(slash + 1))
  }
  return folders
}

/**
 * The first of these file names on the way from the folder itself up to the repository root. `above` holds the names
 * of the nearest ancestor first.
 */
export function nearestMarker(listing: FolderListing, names: readonly string[]): string | null {
  const own = names.find((name) => listing.files.includes(name))
  if (own !== undefined) return own
  for (const name of listing.above) if (names.includes(name)) return name
  return null
}
