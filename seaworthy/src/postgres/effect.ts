import type { Client } from 'pg'
import type { WithoutEffect } from '../migrations/engine.ts'
import type { Migration } from '../migrations/model.ts'
import type { Statement } from '../sql/parse.ts'
import { locatedAt, statementsOf } from './locate.ts'
import type { Warning } from './session.ts'

/** `users` out of `no privileges could be revoked for column "id" of relation "users"` (English: lc_messages is C). */
const objectOf = ({ message }: Warning): string | null => /"([^"]+)"$/.exec(message)?.[1] ?? null

/**
 * Which GRANT and REVOKE of a migration went through and did nothing. Left out: what belongs to an extension, which is
 * nobody's to grant, and what everybody may do anyway.
 */
export async function withoutEffect(
  admin: Client,
  migration: Migration,
  warnings: readonly Warning[],
): Promise<WithoutEffect[]> {
  const found: WithoutEffect[] = []
  const statements = warnings.length === 0 ? [] : (statementsOf(migration.up) ?? [])
  for (const warning of warnings) {
    const object = objectOf(warning)
    const index = statements.findIndex(({ parsed }) => isAbout(parsed, object))
    const parsed = statements[index]?.parsed
    const { line, column } = parsed === undefined ? { line: 1, column: 1 } : locatedAt(migration.up, parsed, index + 1)
    // REVOKE warns of every column as well.
    if (found.some((one) => one.object === object && one.line === line)) continue
    if (object !== null && (await isHarmless(admin, object, isUseOfSchema(parsed)))) continue
    const { file } = migration.up
    found.push({ file, version: migration.version, line, column, object, ...warning })
  }
  return found
}

/** A GRANT on all that a schema holds names no object, and may mean any. */
function isAbout({ node }: Statement, object: string | null): boolean {
  if (!('GrantStmt' in node)) return false
  const { targtype, objects } = node.GrantStmt
  return object === null || targtype !== 'ACL_TARGET_OBJECT' || JSON.stringify(objects).includes(JSON.stringify(object))
}

/** GRANT USAGE ON SCHEMA, and nothing else. */
function isUseOfSchema(statement: Statement | undefined): boolean {
  if (statement === undefined || !('GrantStmt' in statement.node)) return false
  const { is_grant: isGrant, objtype, privileges } = statement.node.GrantStmt
  const names = (privileges ?? []).map((one) => ('AccessPriv' in one ? one.AccessPriv.priv_name : undefined))
  return isGrant === true && objtype === 'OBJECT_SCHEMA' && names.length > 0 && names.every((name) => name === 'usage')
}

/** What belongs to an extension is nobody's to grant, and a schema that PUBLIC may use is open to everybody already. */
const HARMLESS_SQL = `
  SELECT EXISTS (
    SELECT FROM pg_depend d
     WHERE d.deptype = 'e'
       AND (d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM pg_class WHERE relname = $1)
         OR d.classid = 'pg_proc'::regclass AND d.objid IN (SELECT oid FROM pg_proc WHERE proname = $1))
  ) OR $2 AND EXISTS (
    SELECT FROM pg_namespace n, aclexplode(n.nspacl) a
     WHERE n.nspname = $1 AND a.grantee = 0 AND a.privilege_type = 'USAGE'
  ) AS harmless`

async function isHarmless(admin: Client, object: string, isUse: boolean): Promise<boolean> {
  const { rows } = await admin.query<{ harmless: boolean }>(HARMLESS_SQL, [object, isUse])
  return rows[0]?.harmless === true
}
