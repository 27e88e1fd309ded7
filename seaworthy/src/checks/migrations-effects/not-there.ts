import type { Settled } from '../../gate/verdict.ts'
import { as, objectParts } from '../../sql/tree.ts'
import type { Scene } from './scene.ts'
import { plain } from './thing.ts'

/** `DROP INDEX IF EXISTS` of one that was not there did nothing: it clears the way for building it again. */
export const settledDrops = (scene: Scene): Settled[] =>
  scene.statements.flatMap((by) => {
    const node = scene.reading.ownNode(by)
    const drop = node === null ? undefined : as(node, 'DropStmt')
    if (drop?.removeType !== 'OBJECT_INDEX' || drop.missing_ok !== true) return []
    if (scene.effects.traceUnproven !== null || by.events.some((event) => event.kind === 'dropped')) return []
    return (drop.objects ?? []).flatMap((object) => {
      const parts = objectParts(object)
      const own = parts.at(-1) ?? ''
      const isThere = scene.effects.before.some(
        (one) => one.object.startsWith('index ') && plain(one.object).endsWith(`.${own}`),
      )
      if (isThere || own === '') return []
      const where = { file: by.file, line: by.line, column: by.column }
      const subject = `index ${parts.length > 1 ? (parts[0] ?? '') : 'public'}.${own}`
      const why = `${subject} was not there, and nothing was dropped`
      return ['compat/drop-index', 'lock/drop-index'].map((code) => ({
        code,
        where,
        endLine: by.endLine,
        subject,
        why,
      }))
    })
  })
