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

/** `seaworthy explain CODE`: the page of a finding. Throws SeaworthyError('usage') with near codes for one that is none. */
export function explain(code: string): string {
  const folder = pagesFolder()
  const codes = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => name.slice(0, -3).replaceAll(path.sep, '/'))
  // Only a code that is on the list is read, so that no other file can be asked for.
  if (codes.includes(code)) return readFileSync(path.join(folder, `${code}.md`), 'utf8')
  const near = codes.filter((one) => one.includes(code) || code.includes(one.split('/')[1] ?? one)).slice(0, 5)
  throw new SeaworthyError('usage', `there is no finding ${code}`, {
    hint:
      near.length > 0
        ? `Perhaps: ${near.join(', ')}`
        : 'A code looks like data-loss/drop-table; check prints it in brackets.',
  })
}
