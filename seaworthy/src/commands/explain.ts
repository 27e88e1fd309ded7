import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { SeaworthyError } from '../gate/error.ts'

/** The pages of the findings: beside dist/ in the package, at the root of a checkout. */
function pagesFolder(): string {
  const here = path.dirname(fileURLToPath(import.meta.url))
  const candidates = ['../../docs/findings', '../../../docs/findings'].map((one) => path.resolve(here, one))
  const found = candidates.find((folder) => existsSync(folder))
  if (found === undefined)
    throw new SeaworthyError('internal', `the pages of the findings are not in ${candidates.join(' or ')}`)
  return found
}

/** So many are suggested, and only those that are this near: a third of the letters may differ. */
const MOST_NEAR = 5
const FARTHEST = 1 / 3
const LONGEST_CODE = 100

/** The codes that hold what was asked for, then those that differ by a few letters, the nearest first. */
function nearest(asked: string, codes: readonly string[]): string[] {
  const wanted = asked.toLowerCase().slice(0, LONGEST_CODE)
  const holding = codes.filter((one) => wanted !== '' && (one.includes(wanted) || wanted.includes(nameOf(one))))
  const close = codes
    .map((one) => ({
      one,
      far: Math.min(edits(wanted, one) / one.length, edits(wanted, nameOf(one)) / nameOf(one).length),
    }))
    .filter(({ far }) => far <= FARTHEST)
    .toSorted((a, b) => a.far - b.far)
  return [...new Set([...holding, ...close.map(({ one }) => one)])].slice(0, MOST_NEAR)
}

/** What stands behind the slash. */
const nameOf = (code: string): string => code.slice(code.indexOf('/') + 1)

/** How many letters have to be put in, taken out or replaced (Levenshtein). */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1]
    for (const [j, other] of b.split('').entries()) {
      next.push(Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** `seaworthy explain CODE`: the page of a finding. Throws SeaworthyError('usage') with near codes for one that is none. */
export function explain(code: string): string {
  const folder = pagesFolder()
  const codes = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => name.slice(0, -3).replaceAll(path.sep, '/'))
  // Only a code that is on the list is read, so that no other file can be asked for.
  if (codes.includes(code)) return readFileSync(path.join(folder, `${code}.md`), 'utf8')
  const near = nearest(code, codes)
  throw new SeaworthyError('usage', `there is no finding ${code}`, {
    hint:
      near.length > 0
        ? `Perhaps: ${near.join(', ')}`
        : 'A code looks like data-loss/drop-table; check prints it in brackets.',
  })
}
