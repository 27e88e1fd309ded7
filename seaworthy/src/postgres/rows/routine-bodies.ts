import type { Client } from 'pg'
import type { RoutineBody } from '../../migrations/engine.ts'
import { isNoExtensionMember, isUserSchema } from '../catalogue/scope.ts'

const BODIES_SQL = `SELECT p.proname AS name, l.lanname AS language,
    coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) || coalesce(' ' || array_to_string(p.proconfig, ' '), '') AS text
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
 WHERE p.prokind IN ('f', 'p') AND ${isUserSchema('n')} AND ${isNoExtensionMember('pg_proc', 'p.oid')}`

/** The texts of functions and procedures, but those of extensions. */
export async function readRoutineBodies(admin: Client): Promise<RoutineBody[]> {
  return (await admin.query<RoutineBody>(BODIES_SQL)).rows
}
