import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { as, type Node } from '../../../sql/tree.ts'
import { type Bodies, bodiesOf, type Reached } from './bodies.ts'
import { isGivenUnknown, NOTHING, textsGiven } from './body.ts'
import { hole } from './choices.ts'
import { chosenSetting } from './chosen-settings.ts'
import { error, type Harm, type Harms, NONE } from '../harm.ts'
import type { Fragment } from '../../../sql/plpgsql.ts'
import { ACTING, type Unseen, wouldDo } from './not-run.ts'
import { Ran } from './ran.ts'
import { type Callers, textsOf, variablesOf } from './texts.ts'
import { callsIn } from './routines.ts'
import type { Scene } from '../scene.ts'
import { tableName } from '../rows/writes.ts'

/** What blocks do to their own transaction, and what they would do elsewhere and did not do here. */
export const judgeBlocks = (scene: Scene): Harms =>
  scene.statements.flatMap((by) => {
    const reached = bodiesOf(by, scene)
    const taken = reached.bodies.flatMap((body) => takenBack(by, body.fragments, scene))
    return scene.undone.has(by) ? taken : [...taken, ...notRun(by, reached, scene)]
  })

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

/** What stands in a body, or in a text that is handed to the server, and that the trace does not show to have run. */
function notRun(by: TracedStatement, { bodies, unread }: Bodies, scene: Scene): Harms {
  const ran = new Ran(by, scene)
  const node = scene.reading.ownNode(by)
  const harms: Harm[] = bodies.flatMap((body) => [
    ...unseenIn(body, by, ran, scene),
    ...notChosen(body, by, ran, { node, bodies }, scene),
  ])
  if (node !== null) harms.push(...handedOver(node, by, ran, scene))
  harms.push(...settingsChosen(by, { node, bodies }))
  if (unread !== null) harms.push(unproven(by, unread, ''))
  return harms
}

function unseenIn(body: Reached, by: TracedStatement, ran: Ran, scene: Scene): Harms {
  if (body.isUsual) return unusualIn(body, by, ran, scene)
  const isCertain = body.isCertain && body.name === null
  const harms: Harm[] = []
  if (!ran.hasDynamic(body)) harms.push(unproven(by, 'it puts a statement together at run time'))
  if (!isCertain) {
    for (const inner of body.statements)
      if (!ran.has(inner, body)) harms.push(...wouldDo(inner.node, scene).map((one) => harmOf(one, by)))
    for (const called of body.expressions.flatMap(callsIn))
      if (ACTING.test(called)) harms.push(unproven(by, `it calls ${called}()`))
  }
  const nodes = [...body.statements.map((one) => one.node), ...body.expressions]
  if (nodes.some(isGivenUnknown)) harms.push(unproven(by, 'it hands over a text that is put together at run time'))
  return harms
}

/** What an EXECUTE would run if a value were another one. */
function notChosen(body: Reached, by: TracedStatement, ran: Ran, callers: Callers, scene: Scene): Harms {
  if (body.isUsual) return NONE
  const { chosen, unknown } = textsOf(body, callers)
  const harms = chosen
    .filter((inner) => !ran.has(inner, body))
    .flatMap((inner) => wouldDo(inner.node, scene).map((one) => harmOf(one, by)))
  return unknown === null ? harms : [...harms, unproven(by, unknown, '')]
}

/** `set_config('search_path', CASE … END, true)`: what follows was seen under one of the values only. */
function settingsChosen(by: TracedStatement, callers: Callers): Harms {
  const { node, bodies } = callers
  const own = node === null ? null : chosenSetting([node], () => [hole('rows')])
  const name = bodies
    .filter((body) => !body.isUsual)
    .reduce(
      (found, body) =>
        found ??
        chosenSetting([...body.statements.map((one) => one.node), ...body.expressions], variablesOf(body, callers)),
      own,
    )
  return name === null
    ? NONE
    : [unproven(by, `it sets ${name} to what a value decides, under which what follows runs`, '')]
}

/** What no trigger does day by day. */
const UNUSUAL: ReadonlySet<string> = new Set(['data-loss/delete-all', 'data-loss/truncate'])

function unusualIn(body: Reached, by: TracedStatement, ran: Ran, scene: Scene): Harms {
  return body.statements
    .filter((inner) => !ran.has(inner, body))
    .flatMap((inner) =>
      wouldDo(inner.node, scene)
        .filter((one) => 'DropStmt' in inner.node || UNUSUAL.has(one.code ?? ''))
        .map((one) => harmOf(one, by)),
    )
}

/** `query_to_xml('DELETE …')`, and large objects that are removed for each row of a query. */
function handedOver(node: Node, by: TracedStatement, ran: Ran, scene: Scene): Harms {
  const harms = textsGiven(node)
    .filter((inner) => inner.text !== null && !ran.has(inner, TOP))
    .flatMap((inner) => wouldDo(inner.node, scene).map((one) => harmOf(one, by)))
  if (isGivenUnknown(node)) harms.push(unproven(by, 'it hands over a text that is put together at run time'))
  const isForRows = (as(node, 'SelectStmt')?.fromClause ?? []).length > 0
  if (isForRows && callsIn(node).includes('lo_unlink')) harms.push(unproven(by, 'it calls lo_unlink() for rows'))
  return harms
}

const TOP: Reached = { ...NOTHING, isUsual: false }

const harmOf = ({ code, table, what }: Unseen, by: TracedStatement): Harm =>
  code === null || table === null
    ? unproven(by, `it ${what}`)
    : {
        code,
        severity: 'error',
        subject: tableName(table),
        message: `${what}, in a branch that the rehearsal did not take; in production it may`,
        proof: `line ${by.line} holds the statement, and the trace does not show that it ran`,
        hint: 'Take it out of the migration; or rehearse with rows that lead into the branch: --seed-sql FILE.',
        by,
      }

const unproven = (
  by: TracedStatement,
  what: string,
  where = ', in a branch that the rehearsal did not take',
): Harm => ({
  code: 'unproven/branch-not-run',
  severity: 'error',
  subject: `file ${by.file}`,
  message: `what line ${by.line} runs was not seen whole: ${what}${where}`,
  hint: 'Write the statement as it is, outside of the branch; or rehearse with rows that lead into it: --seed-sql FILE.',
  by,
  isUnproven: true,
})
