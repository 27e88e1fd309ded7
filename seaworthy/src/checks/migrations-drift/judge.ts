import { type Finding, cannotProve, note, refuse, warn } from '../../gate/finding.ts'
import type { Observations } from '../../gate/observation.ts'
import type { Judgement } from '../../gate/verdict.ts'
import { type CatalogueEntry, type Effects, effects } from '../../observers/effects/kind.ts'
import { type Shape, shape } from '../../observers/shape/kind.ts'
import { type Compared, type Drift, compare } from './compared.ts'
import { type OlderShape, olderShape } from './shape-age.ts'
import { type Release, type Touch, releaseOf } from './release.ts'

/** How many differences are told one by one. */
const MOST_TOLD = 50
/** How many parts of one thing a message names. */
const MOST_LINES = 4
/** How many versions, or things, one message names. */
const MOST_NAMED = 8

/** Compares production, as its shape has it, with what the migrations up to the release build. */
export function judge(observations: Observations): Judgement {
  const seen = observations.maybe(effects)
  const found = observations.maybe(shape)
  if (seen === undefined || found === undefined) return { findings: [notCompared()], proved: [] }
  const compared = compare(seen, found)
  const release = releaseOf(seen)
  const collisions = collisionsOf(seen, found, release)
  const told = new Set(collisions.map((finding) => finding.subject))
  const drifts = compared.drifts
    .filter((drift) => !told.has(drift.object) && !drift.objects.every((object) => told.has(object)))
    .map((drift) => judgeDrift(drift, release))
  const older = olderShape(observations, found)
  const refusing = drifts.filter((finding) => finding.outcome === 'fail')
  const others = drifts.filter((finding) => finding.outcome !== 'fail')
  // What a migration did after the shape was captured looks as if somebody had done it by hand: nobody is accused of it.
  const warning = older === null || drifts.length === 0 ? others : [shapeIsOlder(older, others)]
  const shown = [
    ...collisions,
    ...refusing,
    ...warning.slice(0, Math.max(0, MOST_TOLD - collisions.length - refusing.length)),
  ]
  const hidden = collisions.length + refusing.length + warning.length - shown.length
  return {
    findings: [
      ...shown,
      ...(hidden > 0 ? [notShown(hidden)] : []),
      ...judgeTrace(seen, compared),
      ...judgeServer(seen, found),
      ...judgeExtensions(seen, found),
    ],
    proved: provedBy(compared),
  }
}

const notCompared = (): Finding =>
  cannotProve({
    code: 'unproven/drift-not-compared',
    message: 'production was not compared with what the migrations build: one of the two was not observed',
    subject: 'shape',
    hint: 'Mend what stopped the rehearsal (another check says more about it), and run again.',
  })

function provedBy({ things, same }: Compared): string[] {
  if (things === 0) return ['production is empty, as its shape has it']
  return same === 0 ? [] : [`${same} of ${things} objects of production are what the migrations build`]
}

/** The name under which the server keeps a relation: a view cannot be called like a table. */
const slotOf = (object: string): string =>
  object.replace(/^(?:table|view|materialized view|foreign table|sequence|index) /, 'relation ')

/** What the release makes and production has already, although no migration before it made it. */
function collisionsOf(seen: Effects, found: Shape, release: Release): Finding[] {
  const { made } = release
  const built = new Set(seen.before.map((entry) => slotOf(entry.object)))
  const there = new Map(found.catalogue.map((entry) => [slotOf(entry.object), entry]))
  const collisions = [...made].flatMap(([object, touch]) => {
    const entry = there.get(slotOf(object))
    const isFound = entry !== undefined && !built.has(slotOf(object)) && isThing(object)
    return isFound
      ? [{ object, entry, touch: placedTouch(object, touch, release), types: typesOf(object, entry, seen) }]
      : []
  })
  const objects = new Set(collisions.map(({ object }) => object))
  return collisions
    .filter(({ entry }) => !objects.has(partOf(entry) ?? ''))
    .map(({ object, entry, touch, types }) => collision(object, entry, touch, types))
}

/** Grants and comments replace what is there. */
const isThing = (object: string): boolean =>
  !/^(?:privileges on|default privileges of|comment on|security label|settings of|membership of|role) /.test(object)

function partOf({ definition }: CatalogueEntry): string | null {
  const [first = ''] = definition.split('\n', 1)
  return first.startsWith('of ') ? first.slice('of '.length) : null
}

/** A part that no statement names (ADD COLUMN alters its table) has the place of what was done to the table. */
function placedTouch(object: string, touch: Touch, { touched }: Release): Touch {
  if (touch.where !== null) return touch
  const name = object.slice(object.indexOf(' ') + 1)
  for (const [whole, other] of touched) {
    const table = whole.slice(whole.indexOf(' ') + 1)
    if (other.where !== null && (name.startsWith(`${table}.`) || name.endsWith(` on ${table}`))) return other
  }
  return touch
}

/** For a column: its type in the release, and in production. */
function typesOf(object: string, entry: CatalogueEntry, seen: Effects): string {
  const made = seen.difference.added.find((one) => one.object === object)
  const [here, there] = [made === undefined ? null : typeIn(made), typeIn(entry)]
  if (!object.startsWith('column ') || here === null || there === null) return ''
  return here === there ? ` (${here} in both)` : ` (${here} in the release, ${there} in production)`
}

const typeIn = ({ definition }: CatalogueEntry): string | null =>
  definition
    .split('\n')
    .find((facet) => facet.startsWith('type '))
    ?.slice('type '.length) ?? null

const collision = (object: string, entry: CatalogueEntry, { where, endLine }: Touch, types: string): Finding =>
  refuse({
    code: 'drift/release-collides',
    message: `the release makes ${object}, and production has ${entry.object === object ? 'it' : entry.object} already, although no migration before made it${types}`,
    where,
    endLine,
    subject: object,
    hint: 'It fails there, or does nothing with IF NOT EXISTS. If somebody made it by hand, write a migration that says what is there and record it as applied; if the release is applied already, capture the shape again.',
  })

function judgeDrift(drift: Drift, { touched, made }: Release): Finding {
  const reached = [drift.object, ...drift.objects].flatMap((object) => {
    const touch = touched.get(object)
    return touch === undefined ? [] : [{ object, touch }]
  })[0]
  // A new column or index alters its table, whether the trace says so of the table or of the part alone.
  const part = reached ?? partMade(drift, made)
  if (part === undefined) return untouched(drift)
  return refuse({
    code: 'drift/release-touches',
    message: `the release ${part.touch.what} ${part.object}, and in production it is not what was rehearsed: ${saidOf(drift)}`,
    where: part.touch.where,
    endLine: part.touch.endLine,
    subject: drift.object,
    hint: 'Bring both together first: a migration that makes what production has, or a change of production to what the migrations say. Then capture the shape again.',
  })
}

function partMade(drift: Drift, made: Release['made']): { object: string; touch: Touch } | undefined {
  const name = drift.object.slice(drift.object.indexOf(' ') + 1)
  for (const [object, touch] of made) {
    const isOfIt = object.startsWith(`column ${name}.`) || object.endsWith(` on ${name}`)
    if (isOfIt) return { object, touch }
  }
  return undefined
}

function saidOf({ sort, object, lines }: Drift): string {
  if (sort === 'missing') return `production has no ${object}`
  if (sort === 'only-in-production') return `no migration makes ${object}`
  const more = lines.length > MOST_LINES ? `; and ${lines.length - MOST_LINES} more` : ''
  return `${lines.slice(0, MOST_LINES).join('; ')}${more}`
}

const SAID: Record<Drift['sort'], { code: string; hint: string }> = {
  missing: {
    code: 'drift/missing',
    hint: 'Somebody dropped it by hand, a migration was recorded without being run, or the shape is older than the migrations that are taken as live.',
  },
  'only-in-production': {
    code: 'drift/only-in-production',
    hint: 'If it belongs to the application, write it into a migration; if to something else (monitoring, a report), it may stay.',
  },
  different: {
    code: 'drift/different',
    hint: 'Find out who changed it, and bring both together: in a migration, or in production.',
  },
}

const untouched = (drift: Drift): Finding =>
  warn({
    code: SAID[drift.sort].code,
    message: untouchedText(drift),
    subject: drift.object,
    hint: SAID[drift.sort].hint,
  })

const untouchedText = (drift: Drift): string =>
  drift.sort === 'different'
    ? `production has another ${drift.object} than the migrations build: ${saidOf(drift)}`
    : `production is not what the migrations build: ${saidOf(drift)}`

function shapeIsOlder({ capturedAt, versions, isByLedger }: OlderShape, drifts: readonly Finding[]): Finding {
  const lacks = `the ledger in it does not have ${versionsOf(versions)}`
  const live = isByLedger ? "which production's ledger has now" : 'which the run takes as live'
  const names = drifts.map(({ subject }) => subject).filter((one) => one !== null)
  const what = names.length === 0 ? '' : `; so these differences say nothing of production: ${listed(names)}`
  return warn({
    code: 'drift/shape-older',
    message: `the shape is older than what is live: it was captured at ${capturedAt}, and ${lacks}, ${live}${what}`,
    subject: 'shape',
    hint: isByLedger
      ? 'Capture the shape again: seaworthy capture URL -o shape.json. Then what is left is a difference.'
      : 'Once they are applied, capture the shape again; or give the ledger (--ledger, --ledger-url), so that what production lacks is pending.',
  })
}

const versionsOf = (versions: readonly string[]): string =>
  `version${versions.length === 1 ? '' : 's'} ${listed(versions)}`

const listed = (names: readonly string[]): string =>
  names.length > MOST_NAMED
    ? `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`
    : names.join(', ')

const notShown = (hidden: number): Finding =>
  warn({
    code: 'drift/not-shown',
    message: `${hidden} more objects differ between production and what the migrations build`,
    subject: 'shape',
    hint: 'So many mostly mean that the shape is of another database, or that another version is taken as live. The evidence folder has both catalogues (--evidence DIR).',
  })

/** Without a trace it is not known what the release touches, so no drift can be called harmless. */
const judgeTrace = ({ traceUnproven }: Effects, { drifts }: Compared): Finding[] =>
  traceUnproven === null || drifts.length === 0
    ? []
    : [
        cannotProve({
          code: 'unproven/drift-not-traced',
          message: `production differs from what the migrations build, and what the release touches was not traced: ${traceUnproven}`,
          subject: 'shape',
          hint: 'Let the rehearsal run on a scratch server of our own, where everything can be traced.',
        }),
      ]

const judgeServer = (seen: Effects, found: Shape): Finding[] =>
  seen.server.major === found.server.major
    ? []
    : [
        warn({
          code: 'drift/server-version',
          message: `production is PostgreSQL ${found.server.version}, and the rehearsal ran on ${seen.server.version}; the texts of views and names of NOT NULL constraints were not compared`,
          subject: 'server',
          hint: `Rehearse on production's major version: seaworthy check --pg ${found.server.major}`,
        }),
      ]

/** Extensions by their versions; what comes with the server is left out. */
function judgeExtensions(seen: Effects, found: Shape): Finding[] {
  const built = new Map(
    seen.before
      .filter((entry) => entry.object.startsWith('extension '))
      .map((entry) => [unquoted(entry.object.slice('extension '.length)), versionIn(entry)]),
  )
  return found.extensions.flatMap(({ name, version }) => {
    const here = built.get(name)
    if (name === 'plpgsql' || here === version) return []
    return [
      note({
        code: 'drift/extension-version',
        message:
          here === undefined
            ? `production has the extension ${name} ${version}, which no migration makes`
            : `production has the extension ${name} ${version}, and the rehearsal ${here}`,
        subject: `extension ${name}`,
      }),
    ]
  })
}

const versionIn = ({ definition }: CatalogueEntry): string =>
  definition
    .split('\n')
    .find((facet) => facet.startsWith('version '))
    ?.slice('version '.length) ?? ''

const unquoted = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name)
