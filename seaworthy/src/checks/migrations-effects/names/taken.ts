import { eachNode, memberOf, treeOf } from '../../../sql/plpgsql.ts'
import { as } from '../../../sql/tree.ts'
import { type Body, type Routine, routineBody } from '../code/body.ts'
import { routinesCalled } from '../code/routines.ts'
import { error, type Harm, type Harms, NONE } from '../harm.ts'
import { statementOf } from '../place.ts'
import type { Scene } from '../scene.ts'
import { ownName, plain, RELATIONS, type Thing, thingOf, wholeName } from '../thing.ts'
import { columnsOf, type Gain, isNamed, type Taken } from './gains.ts'
import { type Bare, bareNames, type Source } from './scopes.ts'
import { judgeRetyped, retypedIn } from './retyped.ts'
import { judgeWidths } from './widths.ts'

const CODE = 'compat/function-answers-differently'
const CAST = 'Cast in the body first, by CREATE OR REPLACE, and change the type in the next release.'
const hintFor = (column: string): string =>
  `Give the column another name than ${column}; or write the table in front of the names in the body first, by CREATE OR REPLACE, and add the column in the next release.`

/**
 * Functions of before, as they were, in whose body a new column takes over a name, or no longer fits. The server checks
 * a body only when it is made: it tells nothing of this at the release.
 */
export function judgeTaken(scene: Scene): Harms {
  const gains = scene.added.flatMap((thing): Gain[] =>
    thing.sort === 'column' && scene.isOld(thing.parent) && isRelation(thing.parent)
      ? [{ relation: wholeName(thing), column: ownName(thing), thing }]
      : [],
  )
  const retyped = retypedIn(scene)
  if (gains.length === 0 && retyped.length === 0) return NONE
  const harms: Harm[] = gains.flatMap((gain) => asField(gain, scene))
  for (const { routine, thing } of liveRoutines(scene)) {
    const body = routineBody(routine)
    if (typeof body === 'string') {
      harms.push(...notRead(routine, body, gains, scene))
      continue
    }
    const other = judgeRetyped(body, routine, retyped)
    if (other !== null) {
      const by = statementOf(other.change.after, 'altered', scene)
      harms.push(...error(CODE, thing.object, `${thing.object} ${other.what}`, { by, hint: CAST }))
      continue
    }
    const harm = ofNames(body, routine, gains, scene) ?? judgeWidths(body, routine, gains, scene)
    if (harm === null) continue
    const { gain, what } = harm
    harms.push(
      ...error(CODE, thing.object, `${thing.object} ${what}`, {
        by: statementOf(gain.thing, 'created', scene),
        hint: hintFor(gain.column),
      }),
    )
  }
  return harms
}

/** A body that nobody can read, and in which the name of a relation stands that has a new column. */
function notRead({ text, name }: Routine, why: string, gains: readonly Gain[], scene: Scene): Harms {
  const gain = gains.find(({ thing }) =>
    text.includes(ownName(thingOf({ object: thing.parent ?? '', definition: '' }))),
  )
  if (gain === undefined) return NONE
  const column = `column ${plain(gain.relation)}.${gain.column}`
  return error(
    'compat/function-not-read',
    `function ${name}`,
    `whether ${name}() goes on answering the same beside the new ${column} is not known: ${why}`,
    {
      by: statementOf(gain.thing, 'created', scene),
      hint: 'Read the function by hand: a name in it that is that of the new column, and every SELECT *; then accept this finding (policy.accept) with the reason.',
    },
  )
}

const isRelation = (parent: string | null): boolean =>
  parent !== null && RELATIONS.has(thingOf({ object: parent, definition: '' }).sort)

/** Functions that the release leaves as they are, where the migrations show their text. */
function liveRoutines(scene: Scene): { readonly routine: Routine; readonly thing: Thing }[] {
  const touched = new Set([...scene.changed.map(({ after }) => after.object), ...scene.added.map((one) => one.object)])
  const pending = new Set(scene.statements.map((one) => one.file))
  const texts = scene.tree.migrations.filter(({ up }) => pending.has(up.file)).map(({ up }) => up.text)
  const found = new Map<Routine, Thing>()
  for (const thing of scene.before.values()) {
    if (thing.sort !== 'function' && thing.sort !== 'procedure') continue
    if (!scene.after.has(thing.object) || touched.has(thing.object)) continue
    for (const routine of routinesCalled(ownName(thing), scene))
      if (!found.has(routine) && !texts.some((text) => text.includes(routine.text))) found.set(routine, thing)
  }
  return [...found].map(([routine, thing]) => ({ routine, thing }))
}

/** `row.name` means the function `name(row)` as long as there is no column of that name. */
function asField(gain: Gain, scene: Scene): Harms {
  const taken = [...scene.before.values()].find((one) => {
    if (one.sort !== 'function' || ownName(one) !== gain.column || !scene.after.has(one.object)) return false
    return isNamed(gain.relation, plain(one.name.slice(one.name.indexOf('(') + 1, -1)))
  })
  if (taken === undefined) return NONE
  return error(
    CODE,
    taken.object,
    `${taken.object} is no longer what a column of that name means: column ${plain(gain.relation)}.${gain.column} is read in its place`,
    { by: statementOf(gain.thing, 'created', scene), hint: hintFor(gain.column) },
  )
}

function ofNames(body: Body, routine: Routine, gains: readonly Gain[], scene: Scene): Taken | null {
  const isVariablesOwn = saysOf(routine).includes('use_variable')
  const isLoud = body.source !== null && !saysOf(routine).includes('use_column')
  const variables = new Set(body.source === null ? namesGiven(routine) : variablesIn(body.source))
  for (const bare of [...body.statements.map((one) => one.node), ...body.expressions].flatMap(bareNames)) {
    const gain = gains.find((one) => one.column === bare.name && takes(bare, one, scene))
    if (gain === undefined) continue
    const isVariable = variables.has(bare.name)
    if (isVariable && isVariablesOwn) continue
    const column = `column ${plain(gain.relation)}.${gain.column}`
    if (!isVariable) return { gain, what: `names ${bare.name} and meant something else by it: now that is ${column}` }
    return {
      gain,
      what: isLoud
        ? `fails from now on: ${bare.name} is its variable and ${column} (SQLSTATE 42702)`
        : `means ${column} where it meant its own ${bare.name}`,
    }
  }
  return null
}

/** Whether the new column is what the name means now, by the innermost query that has one of that name. */
function takes({ levels }: Bare, { relation, column }: Gain, scene: Scene): boolean {
  for (const level of levels) {
    if (level.some((one) => isNamed(relation, one.name))) return true
    if (level.some((one) => mayHave(one, column, scene))) return false
  }
  return false
}

function mayHave({ name }: Source, column: string, scene: Scene): boolean {
  const columns = name === null ? null : columnsOf(name, scene.before)
  return columns === null || columns.includes(column)
}

/** What `#variable_conflict` says. */
const saysOf = ({ text }: Routine): string =>
  text.split('\n').find((line) => line.trim().startsWith('#variable_conflict')) ?? ''

const namesGiven = ({ node }: Routine): string[] =>
  (node.parameters ?? []).flatMap((one) => as(one, 'FunctionParameter')?.name ?? [])

function variablesIn(source: string): string[] {
  const found: string[] = []
  eachNode(treeOf(source), (_kind, node) => {
    const name = memberOf(node, 'refname')
    if (typeof name === 'string') found.push(name)
  })
  return found
}
