import { as, commandsOf, type Node, rangeParts, stringOf } from '../../sql/tree.ts'
import { nameParts, quotedQualified } from '../../sql/identifier.ts'
import type { Wanted } from './derive/stage.ts'
import type { PendingStatement } from './statements.ts'

/** The statement that asks for it: by name, by table, by what the server reported, else the last one of the step. */
export function statementFor(wanted: Wanted, statements: readonly PendingStatement[]): PendingStatement | null {
  const byText = statements.map((one) => ({ one, rank: Math.max(0, ...one.nodes.map((node) => rankOf(node, wanted))) }))
  const best = Math.max(0, ...byText.map(({ rank }) => rank))
  if (best > 0) return byText.findLast(({ rank }) => rank === best)?.one ?? null
  const table = quotedQualified(wanted.table)
  const reported = statements.findLast((one) =>
    (one.traced?.events ?? []).some(
      (event) =>
        (event.kind === 'created' || event.kind === 'altered') &&
        [table, wanted.name].includes(quotedQualified(event.object.slice(event.object.indexOf(' ') + 1))),
    ),
  )
  return reported ?? statements.at(-1) ?? null
}

/** 3: this statement names it. 2: it does such a thing to this table. 0: it has nothing to do with it. */
function rankOf(node: Node, wanted: Wanted): number {
  const table = nameParts(wanted.table).at(-1)
  const index = as(node, 'IndexStmt')
  if (index !== undefined)
    return index.idxname === wanted.name ? 3 : isOf(index.relation, table) && index.unique === true ? 2 : 0
  const domain = as(node, 'AlterDomainStmt')
  if (domain !== undefined) {
    return domain.name === wanted.name || as(domain.def, 'Constraint')?.conname === wanted.name
      ? 3
      : stringOf(domain.typeName?.at(-1)) === nameParts(wanted.name).at(-1)
        ? 3
        : 0
  }
  const alter = as(node, 'AlterTableStmt')
  if (alter === undefined) return isOf(as(node, 'CreateStmt')?.relation, nameParts(wanted.name).at(-1)) ? 3 : 0
  const ranks = commandsOf(alter.cmds).map((command) => {
    const names = [command.name, as(command.def, 'Constraint')?.conname]
    if (command.subtype === 'AT_AttachPartition') return wanted.code === 'obligation/partition' ? 3 : 0
    if (names.includes(wanted.name) && KINDS[wanted.code]?.includes(command.subtype ?? '') === true) return 3
    return isOf(alter.relation, table) && KINDS[wanted.code]?.includes(command.subtype ?? '') === true ? 2 : 0
  })
  return Math.max(0, ...ranks)
}

const isOf = (relation: Parameters<typeof rangeParts>[0], table: string | undefined): boolean =>
  rangeParts(relation).at(-1) === table

const ADDS = [
  'AT_AddConstraint',
  'AT_AddIndexConstraint',
  'AT_ValidateConstraint',
  'AT_AlterConstraint',
  'AT_AddColumn',
]
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'obligation/unique': ADDS,
  'obligation/exclusion': ADDS,
  'obligation/check': ADDS,
  'obligation/foreign-key': ADDS,
  'obligation/not-null': ['AT_SetNotNull', 'AT_AddIdentity', ...ADDS],
  'obligation/type': ['AT_AlterColumnType'],
  'obligation/partition': ['AT_AttachPartition'],
}
