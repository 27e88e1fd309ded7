import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { as, commandsOf, rangeParts } from '../../../sql/tree.ts'
import { error, type Harm, type Harms, NONE } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { judgeSwap, namesBefore } from './swaps.ts'
import { ownName, plain, type Thing, thingOf, wholeName } from '../thing.ts'

/**
 * What was dropped and is there again under its name: the difference does not show it, and what it held may be gone.
 */
export function judgeRecreated(scene: Scene): Harms {
  const harms: Harm[] = []
  const seen = new Set<string>()
  for (const by of scene.statements) {
    if (scene.undone.has(by)) continue
    for (const event of by.events) {
      if (event.kind !== 'dropped' || seen.has(event.object)) continue
      seen.add(event.object)
      const thing = scene.wasCalled(event.object) ? scene.after.get(event.object) : undefined
      harms.push(...(thing === undefined ? swapped(event.object, scene, by) : judgeOne(thing, scene, by)))
    }
  }
  return harms
}

function judgeOne(thing: Thing, scene: Scene, by: TracedStatement): Harms {
  const name = `${thing.sort} ${plain(thing.name)}`
  const proof = `dropped, and made again: ${thing.object}`
  switch (thing.sort) {
    case 'column':
      return dropsColumn(thing, scene, by) && scene.effects.rows.every((one) => one.object !== thing.parent)
        ? error('data-loss/drop-column', name, `drops ${thing.object} and adds it again: its values are gone`, {
            by,
            proof,
            hint: 'Add a column of another name, and keep this one.',
          })
        : NONE
    case 'table':
    case 'foreign table':
      if (isTakenBack(thing, scene)) return takenBack('data-loss/drop-table', thing, by)
      return rowsKept(thing.object, scene)
        ? judgeSwap(thing, thing.object, scene, by)
        : error('data-loss/drop-table', name, `drops ${thing.object} and makes it again: its rows are gone`, {
            by,
            proof,
            hint: 'ALTER TABLE changes it in place.',
          })
    case 'sequence':
      if (isTakenBack(thing, scene)) return takenBack('data-loss/drop-sequence', thing, by)
      return error(
        'data-loss/drop-sequence',
        name,
        `drops ${thing.object} and makes it again: it hands out numbers that are taken`,
        { by, proof, hint: 'ALTER SEQUENCE changes it in place.' },
      )
    default:
      return NONE
  }
}

/** What is there again, and nobody made it or gave it the name: the file failed behind the drop, or an exception was caught. */
const isTakenBack = (thing: Thing, scene: Scene): boolean =>
  namesBefore(ownName(thing), scene).size === 0 &&
  !scene.statements.some((one) => one.events.some((event) => event.kind === 'created' && event.object === thing.object))

const takenBack = (code: string, thing: Thing, by: TracedStatement): Harms =>
  error(code, `${thing.sort} ${plain(thing.name)}`, `drops ${thing.object}, which a rollback took back here`, {
    by,
    proof: `dropped, and taken back by a rollback: ${thing.object}`,
    hint: 'Take the drop out; a rollback in the rehearsal may be none in production.',
  })

/** A dropped default is told under the column's name as well; only the text tells them apart. */
function dropsColumn(thing: Thing, scene: Scene, by: TracedStatement): boolean {
  return scene.nodesOf(by).some((node) => {
    const alter = as(node, 'AlterTableStmt')
    const isTable = rangeParts(alter?.relation).at(-1) === plain(wholeName(thing)).split('.').at(-1)
    return (
      isTable && commandsOf(alter?.cmds).some((one) => one.subtype === 'AT_DropColumn' && one.name === ownName(thing))
    )
  })
}

/** Rows that were looked at and none of which is missing. */
const rowsKept = (table: string, scene: Scene): boolean => {
  const rows = scene.effects.seeding.tables.find((one) => one.object === table)?.rows ?? 0
  return rows > 0 && (scene.effects.rows.find((one) => one.object === table)?.lost ?? 0) === 0
}

/** A table that nobody created under the name by which it was dropped is one of before, moved out of the way. */
function swapped(object: string, scene: Scene, by: TracedStatement): Harms {
  if (!object.startsWith('table ') || scene.wasCalled(object)) return NONE
  const isMade = scene.statements.some((one) =>
    one.events.some((event) => event.kind === 'created' && event.object === object),
  )
  if (isMade) return NONE
  const from = renamedFrom(thingOf({ object, definition: '' }), scene)
  const thing = from === null ? undefined : scene.after.get(from)
  if (thing === undefined) return NONE
  return rowsKept(thing.object, scene)
    ? judgeSwap(thing, object, scene, by)
    : error(
        'data-loss/drop-table',
        `table ${plain(thing.name)}`,
        `drops the table that was ${thing.object} with its rows`,
        { by, proof: `dropped: ${object}` },
      )
}

/** Which table of before an ALTER TABLE … RENAME TO gave this name. */
function renamedFrom(thing: Thing, scene: Scene): string | null {
  const schema = thing.name.slice(0, thing.name.lastIndexOf('.'))
  for (const statement of scene.statements.toReversed()) {
    for (const node of scene.nodesOf(statement)) {
      const rename = as(node, 'RenameStmt')
      if (rename?.renameType !== 'OBJECT_TABLE' || rename.newname !== ownName(thing)) continue
      const from = `table ${schema}.${rename.relation?.relname ?? ''}`
      if (scene.wasCalled(from)) return from
    }
  }
  return null
}
