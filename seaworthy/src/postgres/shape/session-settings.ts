import type { Client } from 'pg'
import type { Shape } from '../../migrations/shape.ts'
import { quotedName, quotedQualified, quotedText } from '../../sql/identifier.ts'
import { nameHere } from './roles.ts'

/** What a session begins with that changes what a statement means. Time limits are the rehearsal's own. */
const SESSION_SETTINGS: ReadonlySet<string> = new Set(
  `
  array_nulls backslash_quote bytea_output check_function_bodies datestyle default_toast_compression
  default_transaction_deferrable default_transaction_isolation default_transaction_read_only
  extra_float_digits intervalstyle quote_all_identifiers row_security search_path
  standard_conforming_strings timezone transform_null_equals xmloption`
    .trim()
    .split(/\s+/),
)

/** The statement that did not go through, and why. */
export interface Unsettled {
  readonly name: string
  readonly why: string
}

/** Gives the database and the roles the settings that they have in production; those of the server count for the database. */
export async function settleSettings(admin: Client, database: string, shape: Shape): Promise<Unsettled[]> {
  const unsettled: Unsettled[] = []
  const attempt = async (what: string, target: string, name: string, value: string): Promise<void> => {
    try {
      await admin.query(`ALTER ${target} SET ${settingSql(name)} TO ${valueSql(name, value)}`)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      unsettled.push({ name: what, why: `${name} could not be set as production has it: ${why}` })
    }
  }
  const ofServer = shape.server.settings.map(({ name, value }) => `${name}=${value}`)
  for (const [name, value] of new Map(pairs([...ofServer, ...shape.database.settings]))) {
    if (!isKnown(name) || (await isKept(admin, database, name, value))) continue
    await attempt('settings of the database', `DATABASE ${quotedName(database)}`, name, value)
  }
  for (const role of shape.roles) {
    const target = `ROLE ${quotedName(nameHere(admin, role.name))}`
    for (const [name, value] of pairs(role.settings)) {
      if (name === 'role') await attempt(`settings of role ${role.name}`, target, name, nameHere(admin, value))
      else if (isKnown(name)) await attempt(`settings of role ${role.name}`, target, name, value)
    }
  }
  return unsettled
}

const pairs = (settings: readonly string[]): [string, string][] =>
  settings.map((setting) => {
    const at = setting.indexOf('=')
    return [setting.slice(0, at), setting.slice(at + 1)]
  })

/** Of settings with a dot, which a project makes up, the values are hidden in the shape; that they are there counts. */
const isKnown = (name: string): boolean => SESSION_SETTINGS.has(name.toLowerCase()) || name.split('.').length === 2

const settingSql = (name: string): string => (name.includes('.') ? quotedQualified(name) : quotedName(name))

/** A search path is a list of names, each quoted where it has to be; any other value is one text. */
function valueSql(name: string, value: string): string {
  if (name.toLowerCase() !== 'search_path') return quotedText(value)
  const names = [...value.matchAll(/"((?:[^"]|"")*)"|([^",\s]+)/g)].map(([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'),
  )
  return names.length === 0 ? "''" : names.map(quotedText).join(', ')
}

/** Whether it has that value anyway. If not, our own sessions keep theirs: what holds for the database would reach them. */
async function isKept(admin: Client, database: string, name: string, value: string): Promise<boolean> {
  // Our own sessions have no search path, and nothing of ours depends on what a project makes up.
  if (name.includes('.') || name.toLowerCase() === 'search_path') return false
  const { rows } = await admin.query<{ value: string | null }>('SELECT current_setting($1, true) AS value', [name])
  const own = rows[0]?.value ?? null
  if (own === null || own === value) return own === value
  await admin.query(
    `ALTER ROLE ${quotedName(admin.user ?? '')} IN DATABASE ${quotedName(database)} SET ${settingSql(name)} TO ${quotedText(own)}`,
  )
  return false
}
