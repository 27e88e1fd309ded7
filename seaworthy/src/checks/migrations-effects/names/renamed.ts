import type { Settled } from '../../../gate/verdict.ts'
import { error, type Harm, remark } from '../harm.ts'
import { statementOf } from '../place.ts'
import { isMoved, type Rename } from './renames.ts'
import type { Scene } from '../scene.ts'
import { staticName } from '../sorts/rules.ts'
import { standIn } from './stand-in.ts'
import { ownName, plain, type Thing, valueOf, wholeName } from '../thing.ts'

export interface Judged {
  readonly harms: readonly Harm[]
  readonly settled: readonly Settled[]
}

const CODES: Readonly<Record<string, string>> = {
  schema: 'compat/rename-schema',
  table: 'compat/rename-table',
  'foreign table': 'compat/rename-table',
  view: 'compat/rename-view',
  'materialized view': 'compat/rename-view',
  sequence: 'compat/rename-sequence',
  type: 'compat/rename-type',
  domain: 'compat/rename-type',
  function: 'compat/rename-function',
  procedure: 'compat/rename-function',
  aggregate: 'compat/rename-function',
  column: 'compat/rename-column',
}
const CALLED: Readonly<Record<string, string>> = {
  'foreign table': 'table',
  'materialized view': 'view',
  domain: 'type',
  procedure: 'function',
  aggregate: 'function',
}

/** Judges what went on under another name. A view that brings a table's old name back settles it. */
export function judgeRenames(scene: Scene): Judged {
  const harms: Harm[] = []
  const settled: Settled[] = []
  for (const rename of scene.renames) {
    const thing = scene.after.get(rename.to)
    if (thing === undefined || isPartOfRenamed(rename, scene)) continue
    const by = statementOf(thing, 'altered', scene)
    const view = rename.before.sort === 'table' ? standIn(rename, thing, scene) : null
    if (view?.why === null) {
      const subject = staticName(rename.before)
      const why = `${view.object} brings the old name back, with the same columns over ${rename.to}`
      harms.push({
        ...told(rename, scene),
        severity: 'note',
        message: `renames ${rename.from} to ${rename.to}; ${why}`,
        by,
      })
      if (by !== null) {
        const where = { file: by.file, line: by.line, column: by.column }
        for (const code of ['compat/rename-table', 'compat/set-schema'])
          settled.push({ code, where, endLine: by.endLine, subject, why })
      }
      continue
    }
    const harm = told(rename, scene)
    const but = view === null ? '' : `; ${view.object} has the old name, but ${view.why ?? ''}`
    harms.push({ ...harm, message: harm.message + but, by, proof: `${rename.from} is ${rename.to} now` })
  }
  return { harms, settled }
}

/** Parts and what a table owns move with it without a word. */
function isPartOfRenamed({ before, to }: Rename, scene: Scene): boolean {
  const now = scene.after.get(to)
  const isOwnNameKept = now !== undefined && ownName(now) === ownName(before)
  if (!isOwnNameKept) return false
  return before.sort === 'index' || before.sort === 'constraint' || (now.parent !== null && before.sort === 'sequence')
}

function told({ from, to, before }: Rename, scene: Scene): Harm {
  const rename: Rename = { from, to, before }
  const { sort } = before
  const subject =
    sort === 'column' ? `column ${plain(before.name)}` : staticName({ ...before, sort: CALLED[sort] ?? sort })
  const relation = sort === 'view' || sort === 'materialized view' || sort === 'sequence'
  const name = relation ? `${CALLED[sort] ?? sort} ${plain(before.name)}` : subject
  if (isMoved(rename) && sort !== 'schema')
    return only(
      error('compat/set-schema', subject, `moves ${from} to ${to}: the running version looks in the old schema`, {
        hint: `CREATE VIEW ${to.slice(sort.length + 1)} AS SELECT * FROM ${before.name}; in place of moving it.`,
      }),
    )
  const code = CODES[sort]
  const what = `renames ${from} to ${to}`
  if (code !== undefined)
    return only(error(code, name, `${what}: the running version still uses the old name`, { hint: hintOf(before, to) }))
  const isKey = sort === 'constraint' && !/^(?:CHECK|FOREIGN)/.test(before.facets[0] ?? '')
  const subjectOfRest = sort === 'constraint' ? `table ${plain(wholeName(before))}` : `${sort} ${plain(before.name)}`
  const say = isKey || scene.isAdditive ? error : remark
  return only(
    say('compat/rename-constraint', subjectOfRest, `${what}: code that tells errors apart by name knows the old one`),
  )
}

function only(harms: readonly Harm[]): Harm {
  const [harm] = harms
  if (harm === undefined) throw new Error('a rule returned no harm')
  return harm
}

function hintOf(before: Thing, to: string): string {
  const name = to.slice(to.indexOf(' ') + 1)
  if (before.sort === 'table' || before.sort === 'view')
    return `CREATE VIEW ${name} AS SELECT * FROM ${before.name}; in place of renaming it.`
  if (before.sort === 'column')
    return `ALTER TABLE ${wholeName(before)} ADD COLUMN ${ownName({ ...before, name })} ${valueOf(before, 'type ') ?? '…'}; write both, move the readers, drop ${ownName(before)} later.`
  return 'Keep the old name, and make the new one beside it.'
}
