import type { ObjectName } from '../../migrations/effects.ts'
import { quoteName } from '../../sql/tree.ts'

/** An object as event triggers and pg_identify_object name it. */
export interface Identified {
  readonly type: string
  /** Quoted by the server where needed. */
  readonly identity: string
  /** Of `pg_identify_object_as_address`, unquoted. */
  readonly names: readonly string[]
  readonly args: readonly string[]
}

/** Those whose catalogue name is the server's type and identity; with another word for the type where it has one. */
const SAME: Readonly<Record<string, string>> = {
  table: 'table',
  view: 'view',
  'materialized view': 'materialized view',
  'foreign table': 'foreign table',
  sequence: 'sequence',
  index: 'index',
  'table constraint': 'constraint',
  'domain constraint': 'constraint',
  'table column': 'column',
  'view column': 'column',
  'materialized view column': 'column',
  'foreign table column': 'column',
  type: 'type',
  'composite type': 'type',
  schema: 'schema',
  extension: 'extension',
  language: 'language',
  'event trigger': 'event trigger',
  trigger: 'trigger',
  rule: 'rule',
  policy: 'policy',
  collation: 'collation',
  conversion: 'conversion',
  'text search configuration': 'text search configuration',
  'text search dictionary': 'text search dictionary',
  'statistics object': 'statistics',
  publication: 'publication',
  subscription: 'subscription',
  'foreign-data wrapper': 'foreign-data wrapper',
  server: 'server',
}

/** The name under which the catalogue lists an object; one that it does not list goes by the server's own words. */
export function objectName(object: Identified): ObjectName {
  const { type, identity } = object
  const same = SAME[type]
  if (same !== undefined) return `${same} ${identity}`
  switch (type) {
    case 'function':
    case 'procedure':
    case 'aggregate':
    case 'operator':
      return `${type} ${withPlainArguments(object)}`
    case 'cast':
      return `cast (${plainType(object.names[0] ?? '')} AS ${plainType(object.args[0] ?? '')})`
    case 'default value':
      return `column ${identity.replace(/^for /, '')}`
    case 'composite type column':
      return `type ${identity.slice(0, identity.lastIndexOf('.'))}`
    case 'operator class':
    case 'operator family':
      return `${type} ${usingOf(identity)}`
    case 'operator of access method':
    case 'function of access method':
      return `operator family ${usingOf(identity.slice(identity.indexOf(' of ') + ' of '.length))}`
    case 'publication relation':
    case 'publication namespace':
      return `publication ${afterLast(identity, ' in publication ')}`
    case 'user mapping':
      return userMapping(object)
    case 'default acl':
      return defaultPrivileges(identity)
    default:
      return `${type} ${identity}`
  }
}

const afterLast = (text: string, mark: string): string => text.slice(text.lastIndexOf(mark) + mark.length)

/** The catalogue leaves the server's own schema out of a type's name, and identities never do. */
const plainType = (type: string): string => type.replace(/^pg_catalog\./, '')

function withPlainArguments({ identity, args }: Identified): string {
  const name = identity.slice(0, identity.length - args.join(',').length - '()'.length)
  return `${name}(${args.map(plainType).join(',')})`
}

/** The server quotes nothing in the identity of a user mapping. */
function userMapping({ names: [user = ''], args: [server = ''] }: Identified): string {
  return `user mapping for ${user === 'public' ? 'PUBLIC' : quoteName(user)} on server ${quoteName(server)}`
}

function usingOf(identity: string): string {
  const at = identity.lastIndexOf(' USING ')
  return `${identity.slice(0, at)} using ${identity.slice(at + ' USING '.length)}`
}

/** `for role deploy in schema public on tables`, as the server says it. */
function defaultPrivileges(identity: string): string {
  const [, role = '', schema, kind = ''] = /^for role (.+?)(?: in schema (.+))? on ([a-z ]+)$/.exec(identity) ?? []
  return `default privileges of ${role} on ${kind}${schema === undefined ? '' : ` in schema ${schema}`}`
}
