import type { Settled } from '../../../gate/verdict.ts'
import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { as, commandsOf, type Node, type NodeOf, objectParts, rangeParts } from '../../../sql/tree.ts'
import { bodiesOf } from './bodies.ts'
import type { Scene } from '../scene.ts'
import { ownName, plain, RELATIONS, ROUTINES, type Thing, thingOf } from '../thing.ts'

/** What a statement would do by its words, and why it does nothing; `null` where it may do it. */
interface Claim {
  readonly codes: readonly string[]
  /** As the static rules name it. */
  readonly subject: string
  readonly why: string | null
}

/**
 * What is written under a guard (`IF EXISTS`, `IF NOT EXISTS`, a question to the catalogue in a block) and does nothing:
 * it takes away or renames what was never there, or makes what is there already. Production, where the same migrations
 * are live, is no other; what only its rows decide is not settled here.
 */
export function settledGuards(scene: Scene): Settled[] {
  if (scene.effects.traceUnproven !== null || scene.tree.problems.some((one) => one.isOpaque)) return []
  const known = new Known(scene)
  return scene.statements.flatMap((by) => {
    const claims = new Map<string, { code: string; subject: string; why: string | null }>()
    for (const node of guardedNodes(by, scene)) {
      for (const { codes, subject, why } of claimsOf(node, known)) {
        for (const code of codes) {
          const key = `${code} ${subject}`
          // Of two that are called the same, one that does something counts.
          const isVoid = why !== null && claims.get(key)?.why !== null
          claims.set(key, { code, subject, why: isVoid ? why : null })
        }
      }
    }
    return [...claims.values()].flatMap(({ code, subject, why }) =>
      why === null ? [] : settled(by, code, subject, why),
    )
  })
}

const settled = (by: TracedStatement, code: string, subject: string, why: string): Settled => ({
  code,
  where: { file: by.file, line: by.line, column: by.column },
  endLine: by.endLine,
  subject,
  why,
  isWhole: true,
})

/** The statement itself, if it carries its own guard, and those of the blocks and functions that it runs. */
function guardedNodes(by: TracedStatement, scene: Scene): Node[] {
  const node = scene.reading.ownNode(by)
  if (node === null) return []
  const own = isGuarded(node) ? [node] : []
  if (!('DoStmt' in node || 'SelectStmt' in node || 'CallStmt' in node)) return own
  const { bodies, unread } = bodiesOf(by, scene)
  return unread === null ? [...own, ...bodies.flatMap((body) => body.statements.map((inner) => inner.node))] : own
}

function isGuarded(node: Node): boolean {
  const alter = as(node, 'AlterTableStmt')
  return (
    as(node, 'DropStmt')?.missing_ok === true ||
    as(node, 'RenameStmt')?.missing_ok === true ||
    as(node, 'IndexStmt')?.if_not_exists === true ||
    (alter !== undefined &&
      (alter.missing_ok === true || commandsOf(alter.cmds).every((one) => one.missing_ok === true)))
  )
}

/** Names of before, of the release, and of production as it was captured. */
class Known {
  readonly scene: Scene
  readonly #old: readonly Thing[]
  readonly #renamed: ReadonlySet<string>
  readonly #touched: ReadonlySet<string>

  constructor(scene: Scene) {
    this.scene = scene
    const entries = [...scene.effects.before, ...(scene.shape?.catalogue ?? [])]
    this.#old = [...entries.map(thingOf), ...scene.before.values()]
    this.#renamed = new Set(scene.renames.map((one) => ownName(thingOf({ object: one.to, definition: '' }))))
    this.#touched = new Set(
      scene.statements.flatMap((one) =>
        one.events.flatMap((event) => (event.kind === 'created' || event.kind === 'dropped' ? event.object : [])),
      ),
    )
  }

  /** Whether something of that name was there before, in whatever schema, or took the name during the release. */
  wasThere(sorts: ReadonlySet<string>, own: string): boolean {
    return this.#renamed.has(own) || this.#old.some((one) => sorts.has(one.sort) && ownName(one) === own)
  }

  /** The same for a part of a table. */
  hadPart(sort: string, table: string, own: string): boolean {
    if (this.#renamed.has(own) || this.#renamed.has(table)) return true
    return this.#old.some((one) => one.sort === sort && ownName(one) === own && isOn(one, table))
  }

  /** What was there before and stayed all the time, of exactly this relation (`public.users`). */
  stayed(sort: string, relation: string, own: string): Thing | null {
    const found = [...this.scene.before.values()].find(
      (one) =>
        one.sort === sort &&
        ownName(one) === own &&
        RELATIONS.has(sortOf(one.parent)) &&
        plain((one.parent ?? '').slice(sortOf(one.parent).length + 1)) === relation,
    )
    return found !== undefined && this.scene.after.has(found.object) && !this.#touched.has(found.object) ? found : null
  }
}

const sortOf = (parent: string | null): string => thingOf({ object: parent ?? '', definition: '' }).sort
const isOn = (thing: Thing, table: string): boolean =>
  ownName(thingOf({ object: thing.parent ?? '', definition: '' })) === table

const whole = (parts: readonly string[]): string => `${parts.length > 1 ? '' : 'public.'}${parts.join('.')}`

function claimsOf(node: Node, known: Known): Claim[] {
  const drop = as(node, 'DropStmt')
  if (drop !== undefined)
    return (drop.objects ?? []).flatMap((one) => dropped(drop.removeType, objectParts(one), known))
  const rename = as(node, 'RenameStmt')
  if (rename !== undefined) return renamed(rename, known)
  const index = as(node, 'IndexStmt')
  if (index !== undefined) {
    const table = whole(rangeParts(index.relation))
    return [made(['lock/create-index'], `table ${table}`, 'index', table, index.idxname, known)]
  }
  const alter = as(node, 'AlterTableStmt')
  return alter === undefined ? [] : commandsOf(alter.cmds).flatMap((one) => commanded(one, alter, known))
}

/** Sorts of relations share their names with one another. */
const NAMED: ReadonlySet<string> = new Set([...RELATIONS, 'sequence', 'index'])
const TYPES: ReadonlySet<string> = new Set([...NAMED, 'type', 'domain'])
const DROPS: Readonly<Record<string, { codes: readonly string[]; word: string; sorts: ReadonlySet<string> }>> = {
  OBJECT_TABLE: { codes: ['data-loss/drop-table'], word: 'table', sorts: NAMED },
  OBJECT_VIEW: { codes: ['compat/drop-view'], word: 'view', sorts: NAMED },
  OBJECT_MATVIEW: { codes: ['data-loss/drop-materialized-view'], word: 'materialized view', sorts: NAMED },
  OBJECT_SEQUENCE: { codes: ['data-loss/drop-sequence'], word: 'sequence', sorts: NAMED },
  OBJECT_INDEX: { codes: ['compat/drop-index', 'lock/drop-index'], word: 'index', sorts: NAMED },
  OBJECT_TYPE: { codes: ['compat/drop-type'], word: 'type', sorts: TYPES },
  OBJECT_DOMAIN: { codes: ['compat/drop-type'], word: 'type', sorts: TYPES },
  OBJECT_FUNCTION: { codes: ['compat/drop-function'], word: 'function', sorts: ROUTINES },
  OBJECT_PROCEDURE: { codes: ['compat/drop-function'], word: 'procedure', sorts: ROUTINES },
}
const PARTS: Readonly<Record<string, { code: string; sort: string }>> = {
  OBJECT_TRIGGER: { code: 'compat/drop-trigger', sort: 'trigger' },
  OBJECT_POLICY: { code: 'security/drop-policy', sort: 'policy' },
}

function dropped(kind: string | undefined, parts: readonly string[], known: Known): Claim[] {
  const own = parts.at(-1) ?? ''
  const part = PARTS[kind ?? '']
  if (part !== undefined) {
    const subject = `${part.sort} ${whole(parts.slice(0, -1))}.${own}`
    const isThere = known.hadPart(part.sort, parts.at(-2) ?? '', own)
    return [gone([part.code], subject, isThere)]
  }
  const one = DROPS[kind ?? '']
  return one === undefined ? [] : [gone(one.codes, `${one.word} ${whole(parts)}`, known.wasThere(one.sorts, own))]
}

const gone = (codes: readonly string[], subject: string, isThere: boolean): Claim => ({
  codes,
  subject,
  why: isThere ? null : `no ${subject} was there before, so that there is nothing to take away`,
})

const RENAMES: Readonly<Record<string, { code: string; word: string }>> = {
  OBJECT_TABLE: { code: 'compat/rename-table', word: 'table' },
  OBJECT_VIEW: { code: 'compat/rename-view', word: 'view' },
  OBJECT_SEQUENCE: { code: 'compat/rename-sequence', word: 'sequence' },
}

function renamed(node: NodeOf<'RenameStmt'>, known: Known): Claim[] {
  const parts = rangeParts(node.relation)
  if (node.renameType === 'OBJECT_COLUMN') {
    const own = node.subname ?? ''
    const isThere = known.hadPart('column', parts.at(-1) ?? '', own)
    return [gone(['compat/rename-column'], `column ${whole(parts)}.${own}`, isThere)]
  }
  const one = RENAMES[node.renameType ?? '']
  if (one === undefined) return []
  return [gone([one.code], `${one.word} ${whole(parts)}`, known.wasThere(NAMED, parts.at(-1) ?? ''))]
}

const made = (
  codes: readonly string[],
  subject: string,
  sort: string,
  table: string,
  own: string | undefined,
  known: Known,
): Claim => {
  const found = own === undefined ? null : known.stayed(sort, table, own)
  return { codes, subject, why: found === null ? null : `${found.object} is there already, and nothing is made` }
}

const ADDED_COLUMN = [
  'compat/add-required-column',
  'lock/add-column-rewrite',
  'lock/add-check',
  'lock/add-unique',
  'lock/add-foreign-key',
]
const ADDED: Readonly<Record<string, string>> = {
  CONSTR_CHECK: 'lock/add-check',
  CONSTR_FOREIGN: 'lock/add-foreign-key',
  CONSTR_UNIQUE: 'lock/add-unique',
  CONSTR_PRIMARY: 'lock/add-unique',
}

function commanded(
  command: ReturnType<typeof commandsOf>[number],
  alter: NodeOf<'AlterTableStmt'>,
  known: Known,
): Claim[] {
  const parts = rangeParts(alter.relation)
  const table = whole(parts)
  const column = `column ${table}.${as(command.def, 'ColumnDef')?.colname ?? command.name ?? ''}`
  switch (command.subtype) {
    case 'AT_DropColumn':
      return [gone(['data-loss/drop-column'], column, known.hadPart('column', parts.at(-1) ?? '', command.name ?? ''))]
    case 'AT_AddColumn':
      return [made(ADDED_COLUMN, column, 'column', table, as(command.def, 'ColumnDef')?.colname, known)]
    case 'AT_AddConstraint': {
      const constraint = as(command.def, 'Constraint')
      const code = ADDED[constraint?.contype ?? '']
      return code === undefined ? [] : [made([code], `table ${table}`, 'constraint', table, constraint?.conname, known)]
    }
    case 'AT_DropIdentity':
      return [plainColumn(column, command.name, table, 'generated ', known)]
    case 'AT_DropExpression':
      return [plainColumn(column, command.name, table, 'generated ', known)]
    default:
      return []
  }
}

/** `DROP IDENTITY IF EXISTS`, `DROP EXPRESSION IF EXISTS` on a column that has neither. */
function plainColumn(subject: string, own: string | undefined, table: string, facet: string, known: Known): Claim {
  const found = own === undefined ? null : known.stayed('column', table, own)
  const isPlain = found !== null && !found.facets.some((one) => one.startsWith(facet))
  return { codes: ['compat/drop-identity'], subject, why: isPlain ? `${subject} is generated by nothing` : null }
}
