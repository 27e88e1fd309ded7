import { as, commandsOf, kindOf, type Node, type NodeKind } from '../../sql/tree.ts'
import type { RuleContext } from './context.ts'
import type { AnyHandler, CommandHandlers, Harm, Profile, Rule } from './rule.ts'

type CommandHandler = NonNullable<CommandHandlers['AT_AddColumn']>

/** A rule's harm, with its rule. */
export interface Found {
  readonly rule: Rule
  readonly harm: Harm
}

/** The rules of one profile, by the kind of statement and of ALTER TABLE command they look at. */
export class Dispatch {
  readonly #statements = new Map<string, { rule: Rule; handle: AnyHandler }[]>()
  readonly #commands = new Map<string, { rule: Rule; handle: CommandHandler }[]>()

  constructor(rules: readonly Rule[], profile: Profile) {
    for (const rule of rules) {
      if (!rule.profiles.includes(profile)) continue
      for (const [kind, handle] of Object.entries(rule.statements ?? {})) {
        // Each handler is filed under the kind whose node it takes, and only ever gets that node.
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion
        add(this.#statements, kind, { rule, handle: handle as unknown as AnyHandler })
      }
      for (const [kind, handle] of Object.entries(rule.commands ?? {})) add(this.#commands, kind, { rule, handle })
    }
  }

  /** What the rules say about one statement. */
  judge(node: Node, context: RuleContext): Found[] {
    const kind = kindOf(node)
    const found: Found[] = []
    const handlers = this.#statements.get(kind)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `kindOf` names one of the node's own keys
    const inner = handlers === undefined ? undefined : as(node, kind as NodeKind)
    for (const { rule, handle } of handlers ?? []) {
      for (const harm of handle(inner, context)) found.push({ rule, harm })
    }
    const table = kind === 'AlterTableStmt' ? as(node, 'AlterTableStmt') : undefined
    if (table === undefined) return found
    for (const command of commandsOf(table.cmds)) {
      for (const { rule, handle } of this.#commands.get(command.subtype ?? '') ?? []) {
        for (const harm of handle(command, context, table)) found.push({ rule, harm })
      }
    }
    return found
  }
}

function add<T>(map: Map<string, T[]>, kind: string, entry: T): void {
  const known = map.get(kind)
  if (known === undefined) map.set(kind, [entry])
  else known.push(entry)
}
