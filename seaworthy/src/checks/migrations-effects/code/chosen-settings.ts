import { as, type Node, partsOf, walk } from '../../../sql/tree.ts'
import { type Choice, choicesOf, type Resolve } from './choices.ts'

/** They decide which table a name means, whose rights count, and what fires. */
const DECIDING: ReadonlySet<string> = new Set([
  'search_path',
  'role',
  'session_authorization',
  'session_replication_role',
  'row_security',
])
const STORED = ['CreateFunctionStmt', 'ViewStmt', 'RuleStmt', 'CreateTrigStmt']

/** The first setting that decides what follows means, and whose own value is only known at run time; null if none is. */
export function chosenSetting(nodes: readonly Node[], resolve: Resolve): string | null {
  let found: string | null = null
  const running = nodes.filter((node) => !STORED.some((kind) => kind in node))
  walk(running, 'FuncCall', ({ funcname, args = [] }) => {
    if (partsOf(funcname).at(-1) !== 'set_config') return
    const name = as(args[0], 'A_Const')?.sval?.sval?.toLowerCase()
    if (name !== undefined && !DECIDING.has(name)) return
    if (name === undefined || isChosen(choicesOf(args[1], resolve))) found ??= name ?? 'a setting'
  })
  return found
}

/** What is there already may be set again, with constants beside it and names of the catalogue. */
const isChosen = (choices: readonly Choice[]): boolean =>
  choices.length > 1 ||
  choices.flat().some((part) => typeof part !== 'string' && (part.from === 'rows' || part.from === 'opaque'))
