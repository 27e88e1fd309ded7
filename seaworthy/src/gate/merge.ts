import { familyOf, type Finding, type Outcome, type Severity, type Where } from './finding.ts'

/** The findings of one check about one subject. */
export interface Told {
  readonly check: string
  readonly findings: readonly Finding[]
}

/** A finding that is told once, in another check's list. Reports explain a check's verdict by it. */
export interface Carried {
  readonly code: string
  readonly where: Where | null
  readonly subject: string | null
  /** What it makes of the verdict of the check that no longer lists it. */
  readonly outcome: Outcome
  /** The check whose list holds it. */
  readonly by: string
  /** The code under which that list tells it, where it is another one. */
  readonly under?: string
}

/** What was told, with what is left of its findings. */
export type Merged<T extends Told> = T & { readonly carried: readonly Carried[] }

const SEVERITY_RANK: Record<Severity, number> = { note: 0, warning: 1, error: 2 }
const OUTCOME_RANK: Record<Outcome, number> = { none: 0, unproven: 1, fail: 2 }

/** `table public.users` and `table users` are one object: without a schema the default one is meant. */
export const objectOf = (subject: string | null): string | null => subject?.replace(/^([a-z ]+ )public\./, '$1') ?? null

/** What a static reading writes where a name is only made when the statement runs. */
const COMPUTED = '(computed at run time)'

const isComputed = ({ subject }: Finding): boolean => subject?.includes(COMPUTED) === true

const hasProof = ({ proof }: Finding): boolean => proof !== undefined && proof !== null

/** The same object, or one whose name nobody could read and another of its sort that was observed. */
const isSameObject = (a: Finding, b: Finding): boolean =>
  objectOf(a.subject) === objectOf(b.subject) || isGuessOf(a, b) || isGuessOf(b, a)

function isGuessOf(guess: Finding, seen: Finding): boolean {
  if (guess.subject === null || seen.subject === null || !isComputed(guess) || isComputed(seen)) return false
  return hasProof(seen) && seen.subject.startsWith(guess.subject.slice(0, guess.subject.indexOf(COMPUTED)))
}

const startsIn = (inner: Where, outer: Finding): boolean => {
  if (outer.where === null || inner.file !== outer.where.file) return false
  return inner.line >= outer.where.line && inner.line <= (outer.endLine ?? outer.where.line)
}

/**
 * Whether two findings are about one harm: same code, same object, and one statement begins within the other. Two things
 * that could not be looked at for one reason are one as well.
 */
export function isSameHarm(a: Finding, b: Finding): boolean {
  if (a.cause !== undefined && b.cause !== undefined) return a.cause === b.cause && a.code === b.code
  if (isSaidByServer(a, b) || isSaidByServer(b, a)) return isOneStatement(a, b)
  return a.code === b.code && isSameObject(a, b) && isOneStatement(a, b)
}

const isOneStatement = (a: Finding, b: Finding): boolean =>
  a.where !== null && b.where !== null && (startsIn(a.where, b) || startsIn(b.where, a))

/** What a reading foresaw of a statement, and the server's own word that it does not apply. */
const isSaidByServer = (foreseen: Finding, said: Finding): boolean =>
  said.code === 'apply/migration-fails' &&
  foreseen.outcome === 'fail' &&
  familyOf(foreseen.code) === 'apply' &&
  foreseen.code !== said.code

/** What the server misses in a query, as `compat/query-stops-working` names its subject: `42703 handle`. */
const missedBy = ({ subject }: Finding): string => subject?.split(' ').slice(1).join(' ').split('.').at(-1) ?? ''

const QUERIES: ReadonlySet<string> = new Set(['compat/query-stops-working', 'compat/query-loses-privilege'])

/** Whether the statement that a query stops working by is refused for the very thing that the query misses. */
function isBrokenBy(query: Finding, harm: Finding): boolean {
  if (!QUERIES.has(query.code) || QUERIES.has(harm.code) || harm.outcome !== 'fail') return false
  if (!['compat', 'data-loss', 'security'].includes(familyOf(harm.code)) || !isOneStatement(query, harm)) return false
  const missed = missedBy(query)
  const names = [harm.subject?.split(/[ .]/).at(-1), ...harm.message.split("'").filter((_, index) => index % 2 === 1)]
  return missed !== '' && names.includes(missed)
}

/** Whether something could only not be looked at because of what the other one says, which has a place of its own. */
const isConsequence = (one: Finding, of: Finding): boolean =>
  one.outcome !== 'fail' &&
  familyOf(one.code) === 'unproven' &&
  OUTCOME_RANK[of.outcome] >= OUTCOME_RANK[one.outcome] &&
  (of.outcome === 'fail' || (of.where !== null && one.where === null)) &&
  of.cause !== undefined &&
  (one.cause === of.cause || one.cause?.startsWith(`${of.cause},`) === true)

/** How near two places of one harm are: 0 the same place, 1 the same line, 2 the same statement. */
const distance = (a: Finding, b: Finding): number =>
  a.where?.line !== b.where?.line ? 2 : a.where?.column === b.where?.column ? 0 : 1

/**
 * One finding of two about the same harm: place, message and hint of the first, the worse of what they say. A name that
 * nobody could read gives way to the one that was observed.
 */
function together(first: Finding, second: Finding): Finding {
  const proof = first.proof ?? second.proof
  const cause = first.cause ?? second.cause
  const named = isComputed(first) && !isComputed(second) ? second : first
  return {
    ...first,
    message: named.message,
    subject: named.subject,
    severity: SEVERITY_RANK[first.severity] >= SEVERITY_RANK[second.severity] ? first.severity : second.severity,
    outcome: OUTCOME_RANK[first.outcome] >= OUTCOME_RANK[second.outcome] ? first.outcome : second.outcome,
    hint: first.hint ?? second.hint,
    ...(proof === undefined ? {} : { proof }),
    ...(cause === undefined ? {} : { cause }),
  }
}

/** The same words about the same place, within one check, are said once. */
function onceEach(findings: readonly Finding[]): Finding[] {
  const kept = new Map<string, Finding>()
  for (const one of findings) {
    const key = JSON.stringify([one.code, one.cause ?? [one.where, one.subject, one.message]])
    const known = kept.get(key)
    kept.set(key, known === undefined ? one : together(known, one))
  }
  return [...kept.values()]
}

interface Slot {
  readonly check: string
  finding: Finding
  /** Set when another check's list holds it. */
  carriedBy: Slot | null
}

/**
 * One harm, one finding: what several checks say about the same harm stands once, under the check that has no proof of
 * its own (a static reading, which has the place and the hint) or else under the first. Verdicts are none of its business:
 * they were computed before, and stay. `lowered` are findings that somebody has answered for; one of those and one that
 * stands are never put together, unless both are only notes.
 */
export function merge<T extends Told>(told: readonly T[], lowered: ReadonlySet<Finding> = new Set()): Merged<T>[] {
  const isLowered = new Map<Slot, boolean>()
  const lists = told.map((one) => {
    const slots = onceEach(one.findings).map((finding): Slot => {
      const slot: Slot = { check: one.check, finding, carriedBy: null }
      isLowered.set(slot, lowered.has(finding))
      return slot
    })
    return { one, slots }
  })
  const all = lists.flatMap(({ slots }) => slots)
  // Those without a proof first: they keep their place. The sort is stable, so that the order of the checks decides.
  const homes = all.toSorted((a, b) => Number(hasProof(a.finding)) - Number(hasProof(b.finding)))
  const settledIn = new Set<Slot>()
  for (const home of homes) {
    if (home.carriedBy !== null) continue
    settledIn.add(home)
    for (const { slots } of lists) {
      const free = slots.filter((one) => one.carriedBy === null && !settledIn.has(one))
      const twin = nearestTwin(home, free, isLowered)
      if (twin === undefined) continue
      home.finding = together(home.finding, twin.finding)
      twin.carriedBy = home
    }
  }
  carryConsequences(all, isLowered)
  carryBrokenQueries(all, isLowered)
  return lists.map(({ one, slots }) => ({
    ...one,
    findings: slots.filter((slot) => slot.carriedBy === null).map((slot) => slot.finding),
    carried: slots.flatMap(carriedBy),
  }))
}

/** Where a slot's finding is told: its home may be told by another one in turn. Nothing for one that is told itself. */
function carriedBy({ finding, carriedBy: next }: Slot): Carried[] {
  if (next === null) return []
  let home = next
  while (home.carriedBy !== null) home = home.carriedBy
  const { code, where, subject, outcome } = finding
  return [
    {
      code,
      where,
      subject,
      outcome,
      by: home.check,
      ...(home.finding.code === code ? {} : { under: home.finding.code }),
    },
  ]
}

/** Why something was not looked at is told once, by the finding that refuses. */
function carryConsequences(slots: readonly Slot[], isLowered: ReadonlyMap<Slot, boolean>): void {
  const told = slots.filter((one) => one.carriedBy === null)
  for (const one of told) {
    const home = told.find(
      (other) =>
        other.check !== one.check &&
        isLowered.get(other) === false &&
        isLowered.get(one) === false &&
        isConsequence(one.finding, other.finding),
    )
    if (home !== undefined) one.carriedBy = home
  }
}

/** A query that stops working is the proof of what breaks it, where that refuses the same thing at the same statement. */
function carryBrokenQueries(slots: readonly Slot[], isLowered: ReadonlyMap<Slot, boolean>): void {
  for (const one of slots) {
    if (one.carriedBy !== null || one.finding.outcome !== 'fail') continue
    const home = slots.find(
      (other) =>
        other.carriedBy === null &&
        other.check !== one.check &&
        isLowered.get(other) === isLowered.get(one) &&
        isBrokenBy(one.finding, other.finding),
    )
    if (home === undefined) continue
    const proof = [home.finding.proof ?? null, one.finding.message].filter((text) => text !== null).join('; ')
    home.finding = { ...home.finding, proof }
    one.carriedBy = home
  }
}

const isNote = ({ finding }: Slot): boolean => finding.severity === 'note' && finding.outcome === 'none'

/** Of another check's findings the one that is nearest to the same harm. */
function nearestTwin(home: Slot, others: readonly Slot[], isLowered: ReadonlyMap<Slot, boolean>): Slot | undefined {
  return others
    .filter(
      (one) =>
        one.check !== home.check &&
        (isLowered.get(one) === isLowered.get(home) || (isNote(one) && isNote(home))) &&
        isSameHarm(home.finding, one.finding),
    )
    .toSorted((a, b) => distance(home.finding, a.finding) - distance(home.finding, b.finding))[0]
}
