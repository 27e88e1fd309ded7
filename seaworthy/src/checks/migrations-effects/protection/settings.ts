import type { TracedStatement, TraceEvent } from '../../../observers/effects/kind.ts'
import { as, partsOf, walk } from '../../../sql/tree.ts'
import { error, type Harm, type Harms, NONE, warning } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { FROM_ROWS } from '../rows/sequence-moves.ts'
import { plain } from '../thing.ts'

type Setting = Extract<TraceEvent, { kind: 'setting' }>

/** Judges what the release set for its session, and what it set for the server; roles and functions stand in the catalogue. */
export function judgeSettings(scene: Scene): Harms {
  return scene.statements.flatMap((by) =>
    by.events.flatMap((event): Harm[] =>
      event.kind === 'setting'
        ? judgeOne(event, by, scene).map((harm) => ({ ...harm, by, proof: proofOf(event) }))
        : [],
    ),
  )
}

const proofOf = ({ name, value, scope }: Setting): string => `${name} = ${value ?? 'default'} for the ${scope}`

function judgeOne(event: Setting, by: TracedStatement, scene: Scene): Harms {
  const { name, value, scope } = event
  if (scope === 'system')
    return error('security/alter-server', 'the server', `changes ${name} of the whole server`, {
      hint: 'SET LOCAL for this migration, or the configuration of the server.',
    })
  if (scope === 'database')
    return error(
      'security/alter-server',
      databaseOf(by, scene),
      `changes ${name} for every new connection to the database`,
      { hint: 'SET LOCAL for this migration, or the configuration of the server.' },
    )
  if (scope === 'role') return ofRole(event, scene)
  if (scope === 'function' || value === null) return NONE
  switch (name) {
    case 'role':
    case 'session_authorization':
      return ['none', 'default'].includes(value.toLowerCase())
        ? NONE
        : error('security/set-role', name, `becomes ${value} for what follows`, {
            hint: 'Connect as the role that is needed.',
          })
    case 'session_replication_role':
      return value === 'origin'
        ? NONE
        : error('security/session-replication-role', name, 'switches triggers and foreign keys off for the session', {
            hint: 'Leave it out.',
          })
    case 'standard_conforming_strings':
      return ['on', 'true', '1', 'yes'].includes(value)
        ? NONE
        : error(
            'parse/standard-conforming-strings',
            name,
            'changes what a backslash means in every string that follows',
            { hint: "Leave it on, and write E'…' where a backslash is to escape." },
          )
    case 'search_path':
      return scope === 'session' && !isAlone(by, scene) ? persists(value) : NONE
    default:
      return NONE
  }
}

function ofRole({ name, subject }: Setting, scene: Scene): Harms {
  const role = subject ?? 'every role'
  if (role.startsWith('role ') && !scene.isOld(role) && scene.after.has(role)) return NONE
  return error('security/alter-role', plain(role), `changes ${name} of ${role}`, {
    hint: 'Manage roles where the server is managed.',
  })
}

/** `database app`, as the statement writes it: the rehearsal's database has another name. */
function databaseOf(by: TracedStatement, scene: Scene): string {
  const names = scene.nodesOf(by).flatMap((node) => as(node, 'AlterDatabaseSetStmt')?.dbname ?? [])
  return names[0] === undefined ? 'database' : `database ${names[0]}`
}

const persists = (value: string): Harms =>
  warning(
    'compat/search-path-persists',
    'search_path',
    `sets search_path to ${value} for the whole session: the migrations after it, and the tool's own record, are looked for there`,
    {
      hint: `SET LOCAL search_path = ${value}; holds for this transaction only.`,
    },
  )

/** Whether no other migration follows in the session, or the file sets the path back itself. */
function isAlone(by: TracedStatement, scene: Scene): boolean {
  const later = scene.statements.slice(scene.statements.indexOf(by) + 1)
  const isSetBack = later.some(
    (one) =>
      one.file === by.file && one.events.some((event) => event.kind === 'setting' && event.name === 'search_path'),
  )
  return isSetBack || later.every((one) => one.file === by.file)
}

/** A sequence's position is data: only the statement shows that it was moved. */
export function judgePositions(scene: Scene): Harms {
  return scene.statements
    .filter((by) => !scene.undone.has(by))
    .flatMap((by) =>
      [...setvals(by, scene), ...restarts(by, scene)].map((harm) => ({
        ...harm,
        by,
        proof: `position set by ${by.text.slice(0, 100)}`,
      })),
    )
}

function setvals(by: TracedStatement, scene: Scene): Harms {
  const harms: Harm[] = []
  walk(scene.nodesOf(by), 'FuncCall', (call) => {
    if (partsOf(call.funcname).at(-1) !== 'setval') return
    let isComputed = false
    walk(call.args?.slice(1), 'SubLink', () => (isComputed = true))
    walk(call.args?.slice(1), 'ColumnRef', () => (isComputed = true))
    const argument = as(call.args?.[0], 'TypeCast')?.arg ?? call.args?.[0]
    const text = as(argument, 'A_Const')?.sval?.sval
    const sequence = text === undefined ? undefined : sequenceNamed(text.split('.'), scene)
    const isNew = sequence !== undefined && !scene.isOld(sequence)
    if (isComputed || isNew) return
    const subject = sequence === undefined ? 'sequence (computed at run time)' : plain(sequence)
    harms.push(
      ...error(
        'compat/restart-sequence',
        subject,
        `sets ${subject} to a fixed number, which rows in production may have taken`,
        { hint: FROM_ROWS },
      ),
    )
  })
  return harms
}

const sequenceNamed = (parts: readonly string[], scene: Scene): string | undefined => {
  const all = [...scene.after.keys(), ...scene.before.keys()].filter((one) => one.startsWith('sequence '))
  const wanted = parts.map((one) => one.replaceAll('"', '')).join('.')
  return (
    all.find((one) => plain(one.slice('sequence '.length)) === wanted) ??
    all.find((one) => plain(one).endsWith(`.${wanted}`))
  )
}

function restarts(by: TracedStatement, scene: Scene): Harms {
  const harms: Harm[] = []
  walk(scene.nodesOf(by), 'DefElem', (option) => {
    if (option.defname !== 'restart') return
    for (const event of by.events) {
      if (event.kind !== 'altered' || !(scene.wasCalled(event.object) || scene.isOld(event.object))) continue
      if (event.object.startsWith('sequence '))
        harms.push(
          ...error(
            'compat/restart-sequence',
            plain(event.object),
            `restarts ${event.object} at a fixed number, which rows in production may have taken`,
            { hint: FROM_ROWS },
          ),
        )
      else harms.push(...ofIdentity(event.object, by, scene))
    }
  })
  return harms.filter((one, index) => harms.findIndex((two) => two.subject === one.subject) === index)
}

function ofIdentity(object: string, by: TracedStatement, scene: Scene): Harms {
  const columns = new Set<string>()
  walk(scene.nodesOf(by), 'AlterTableCmd', (command) => {
    if (command.subtype === 'AT_SetIdentity' && command.name !== undefined) columns.add(command.name)
  })
  return [...columns].flatMap((column) => {
    const subject = `column ${plain(object.slice(object.indexOf(' ') + 1))}.${column}`
    return error(
      'compat/restart-sequence',
      subject,
      `restarts the numbers of ${subject}, which rows in production may have taken`,
      { hint: FROM_ROWS },
    )
  })
}
