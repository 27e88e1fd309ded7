import type { TracedStatement } from '../../observers/effects/kind.ts'
import { foldText } from '../../sql/constant.ts'
import { parseSql } from '../../sql/parse.ts'
import { type Fragment, fragmentsOf } from '../../sql/plpgsql.ts'
import { as, kindOf, partsOf, walk } from '../../sql/tree.ts'
import { error, type Harm, type Harms, NONE } from './harm.ts'
import type { Scene } from './scene.ts'
import { functionText } from './trigger-function.ts'

/** What blocks do to their own transaction, and what they would do elsewhere and did not do here. */
export const judgeBlocks = (scene: Scene): Harms =>
  scene.statements.flatMap((by) =>
    bodiesOf(by, scene).flatMap((fragments) => [...takenBack(by, fragments, scene), ...notRun(by, fragments, scene)]),
  )

/** The bodies that a statement runs: its own block, and functions that it calls and the migrations show. */
function bodiesOf(by: TracedStatement, scene: Scene): (readonly Fragment[])[] {
  const node = scene.reading.ownNode(by)
  if (node === null) return []
  const texts = new Set<string>()
  const own = 'DoStmt' in node ? scene.reading.textOf(node) : null
  if (own !== null) texts.add(own)
  walk([node], 'FuncCall', (call) => {
    const called = functionText(partsOf(call.funcname), scene)
    if (called !== null) texts.add(called)
  })
  const call = as(node, 'CallStmt')?.funccall
  const procedure = call === undefined ? null : functionText(partsOf(call.funcname), scene)
  if (procedure !== null) texts.add(procedure)
  return [...texts].flatMap((text) => {
    const fragments = fragmentsOf(text)
    return fragments === null ? [] : [fragments]
  })
}

/** The trace shows what was made; that it is not there, and that nothing dropped it, shows the ROLLBACK. */
function takenBack(by: TracedStatement, fragments: readonly Fragment[], scene: Scene): Harms {
  if (!fragments.some((one) => one.role === 'transaction' && one.sql === 'ROLLBACK')) return NONE
  const dropped = new Set(
    scene.statements.flatMap((one) => one.events.flatMap((event) => (event.kind === 'dropped' ? event.object : []))),
  )
  const gone = by.events.flatMap((event) =>
    event.kind === 'created' && !scene.after.has(event.object) && !dropped.has(event.object) ? event.object : [],
  )
  if (gone.length === 0) return NONE
  return error(
    'apply/rolled-back',
    `file ${by.file}`,
    `ROLLBACK inside of the block takes back what it made: ${gone.slice(0, 3).join(', ')}`,
    {
      by,
      proof: `created in the trace, and not there: ${gone.slice(0, 3).join(', ')}`,
      hint: 'Take the ROLLBACK out.',
    },
  )
}

const AT_EXECUTE = /line (\d+) at EXECUTE/

/** A text that is put together at run time, in a branch that the rehearsal did not take: nobody can say what it does. */
function notRun(by: TracedStatement, fragments: readonly Fragment[], scene: Scene): Harms {
  const hidden = fragments.filter((one) => one.role === 'dynamic' && !one.isCertain && !isConstant(one.sql))
  if (hidden.length === 0) return NONE
  const ran = new Set(
    by.events.flatMap((event) => ('via' in event && event.via !== null ? (AT_EXECUTE.exec(event.via)?.[1] ?? []) : [])),
  )
  const written = new Set(fragments.filter((one) => one.role === 'statement').flatMap(({ sql }) => kindsOf(sql)))
  const isSeenOtherwise = by.nested.flatMap(kindsOf).some((kind) => kind !== 'SelectStmt' && !written.has(kind))
  const unseen = hidden.find((one) => !ran.has(String(one.line)))
  if (unseen === undefined || (isSeenOtherwise && ran.size === 0)) return NONE
  const harm: Harm = {
    code: 'unproven/branch-not-run',
    severity: 'error',
    subject: `file ${by.file}`,
    message: `what line ${by.line} runs puts a statement together at run time, in a branch that the rehearsal did not take: what it would do in production was not seen`,
    hint: 'Write the statement as it is, without EXECUTE; or rehearse with rows that lead into the branch: --seed-sql FILE.',
    by,
    isUnproven: true,
  }
  return scene.undone.has(by) ? NONE : [harm]
}

function isConstant(sql: string): boolean {
  const parsed = parseSql(`SELECT ${sql}`)
  const target = parsed.ok ? as(parsed.statements[0]?.node, 'SelectStmt')?.targetList?.[0] : undefined
  return foldText(as(target, 'ResTarget')?.val).isExact
}

function kindsOf(sql: string): string[] {
  const parsed = parseSql(sql)
  return parsed.ok ? parsed.statements.map((one) => kindOf(one.node)) : []
}
