import type { Settled } from '../../../gate/verdict.ts'
import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { as, commandsOf, type Node, objectParts, rangeParts } from '../../../sql/tree.ts'
import { settledGuards } from '../code/guarded.ts'
import type { Scene } from '../scene.ts'
import { settledUniques } from '../sorts/constraints.ts'
import { ownName, RELATIONS, thingOf } from '../thing.ts'

/** What was written and took nothing away: another one keeps the same, or nothing was there. */
export const settledDrops = (scene: Scene): Settled[] => [...settledUniques(scene), ...settledGuards(scene)]

/** What a statement takes away or calls otherwise, as the static rules name it. */
interface Taken {
  readonly codes: readonly string[]
  readonly subject: string
  /** Sorts of objects that a name of this kind may mean. */
  readonly sorts: ReadonlySet<string>
  readonly own: string
}

const TABLES: ReadonlySet<string> = new Set([...RELATIONS, 'sequence'])
const INDEXES: ReadonlySet<string> = new Set(['index', ...TABLES])
const COLUMNS: ReadonlySet<string> = new Set(['column'])
const SCHEMAS: ReadonlySet<string> = new Set(['schema'])

/** ALTER INDEX renames tables as well; one that named an index of before, or of the release, renamed no table. */
export const settledIndexNames = (scene: Scene): Settled[] =>
  scene.effects.traceUnproven === null
    ? settle(scene, indexNames, ({ own }) => `${own} is the name of no table, view or sequence`)
    : []

/**
 * Where the whole history is pending nothing was there that it could take away: only the static rules, which do not know
 * the names that the server gives, take a thing for an old one.
 */
export function settledFromTheStart(scene: Scene, pendingFiles: readonly string[]): Settled[] {
  const pending = new Set(pendingFiles)
  const isAll = scene.tree.migrations.every((one) => pending.has(one.up.file))
  if (!isAll || scene.effects.traceUnproven !== null) return []
  const isLess = [...scene.removed, ...scene.renames.map((one) => one.before)].some(
    (one) => INDEXES.has(one.sort) || COLUMNS.has(one.sort),
  )
  return isLess ? [] : settle(scene, taken, ({ subject }) => `nothing is live yet, and ${subject} was not there before`)
}

const settle = (scene: Scene, read: (node: Node) => readonly Taken[], why: (one: Taken) => string): Settled[] =>
  scene.statements.flatMap((by) =>
    scene
      .nodesOf(by)
      .flatMap(read)
      .filter((one) => one.own !== '' && !wasThere(one, scene))
      .flatMap((one) => one.codes.map((code) => settled(by, code, one.subject, why(one)))),
  )

const settled = (by: TracedStatement, code: string, subject: string, why: string): Settled => ({
  code,
  where: { file: by.file, line: by.line, column: by.column },
  endLine: by.endLine,
  subject,
  why,
})

/** Whether something of that name was there before, in whatever schema, or took the name during the release. */
const wasThere = ({ sorts, own }: Taken, scene: Scene): boolean =>
  [...scene.effects.before.map((one) => one.object), ...scene.renames.map((one) => one.to)]
    .map((object) => thingOf({ object, definition: '' }))
    .some((one) => sorts.has(one.sort) && ownName(one) === own)

const named = (sort: string, parts: readonly string[]): string =>
  `${sort} ${parts.length > 1 ? '' : 'public.'}${parts.join('.')}`

function indexNames(node: Node): Taken[] {
  const rename = as(node, 'RenameStmt')
  if (rename?.renameType !== 'OBJECT_INDEX') return []
  const parts = rangeParts(rename.relation)
  return [{ codes: ['compat/rename-table'], subject: named('table', parts), sorts: TABLES, own: parts.at(-1) ?? '' }]
}

function taken(node: Node): Taken[] {
  const drop = as(node, 'DropStmt')
  if (drop?.removeType === 'OBJECT_TABLE')
    return (drop.objects ?? []).map((object) => {
      const parts = objectParts(object)
      return { codes: ['data-loss/drop-table'], subject: named('table', parts), sorts: TABLES, own: parts.at(-1) ?? '' }
    })
  if (drop?.removeType === 'OBJECT_INDEX')
    return (drop.objects ?? []).map((object) => {
      const parts = objectParts(object)
      const codes = ['compat/drop-index', 'lock/drop-index']
      return { codes, subject: named('index', parts), sorts: INDEXES, own: parts.at(-1) ?? '' }
    })
  if (drop?.removeType === 'OBJECT_SCHEMA')
    return (drop.objects ?? []).flatMap(objectParts).map((own) => {
      return { codes: ['data-loss/drop-schema'], subject: `schema ${own}`, sorts: SCHEMAS, own }
    })
  const alter = as(node, 'AlterTableStmt')
  const table = rangeParts(alter?.relation)
  return commandsOf(alter?.cmds).flatMap((command) =>
    command.subtype === 'AT_DropColumn'
      ? [
          {
            codes: ['data-loss/drop-column'],
            subject: `${named('column', table)}.${command.name ?? ''}`,
            sorts: COLUMNS,
            own: command.name ?? '',
          },
        ]
      : [],
  )
}
