import { parseSql } from '../../sql/parse.ts'
import { as, walk } from '../../sql/tree.ts'

/**
 * Whether, in a statement that fires UPDATE triggers of that relation, UPDATE can only stand for a conflict: it inserts
 * there with ON CONFLICT DO UPDATE, and neither updates nor merges. Of several readings of its text all that the grammar
 * takes must say so.
 */
export function isOnlyUpsert(readings: readonly string[], relation: string): boolean {
  const said = readings.map((text) => upsertsIn(text, relation)).filter((one) => one !== null)
  return said.length > 0 && said.every((isUpsert) => isUpsert)
}

/** The same over all texts that ran, where it is not known which one fired the triggers. */
export function isUpsertAmong(texts: readonly string[], relation: string): boolean {
  let upserts = false
  for (const text of texts) {
    const found = writesIn(text, relation)
    if (found === null || found.updates) return false
    upserts ||= found.upserts
  }
  return upserts
}

function upsertsIn(text: string, relation: string): boolean | null {
  const found = writesIn(text, relation)
  return found === null ? null : found.upserts && !found.updates
}

/** Null if the grammar cannot read it. */
function writesIn(text: string, relation: string): { upserts: boolean; updates: boolean } | null {
  const parsed = parseSql(text)
  if (!parsed.ok) return null
  let [upserts, updates] = [false, false]
  for (const { node } of parsed.statements) {
    // EXECUTE hides what was prepared, and a call hides what it runs.
    if (as(node, 'ExecuteStmt') !== undefined) return null
    walk(node, 'InsertStmt', (insert) => {
      upserts ||= insert.relation?.relname === relation && insert.onConflictClause?.action === 'ONCONFLICT_UPDATE'
    })
    walk(node, 'UpdateStmt', (update) => (updates ||= update.relation?.relname === relation))
    walk(node, 'MergeStmt', (merge) => (updates ||= merge.relation?.relname === relation))
  }
  return { upserts, updates }
}
