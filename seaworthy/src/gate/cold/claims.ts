import { digestOf } from '../canonical.ts'
import { couldNotLook, seenBy } from './claim.ts'
import type { Finding } from '../finding.ts'
import type { Check } from '../check.ts'
import type { Evaluation } from '../evaluate.ts'
import type { Json } from '../chain/chain.ts'
import { commitClaims } from './commit-claims.ts'
import { type ClaimToCheck, lookAt, type RunSeen, type ToldRun } from './looked-again.ts'

/** Everything that a bundle says and somebody else can look at again, in the order in which a person would ask. Pure. */
export function claimsOf(told: ToldRun): ClaimToCheck[] {
  const { question, witness } = told
  const { evaluatedAt, action, policy } = question
  const about = { evaluatedAt, action, settings: policy.settings, witness }
  return [
    ...commitClaims(told),
    ...inputClaims(told),
    besidesClaim(told),
    ...readClaims(told),
    ...question.subjects.flatMap(({ name, observations }) =>
      question.checks.flatMap((check) => check.claims?.(observations, { ...about, subject: name }) ?? []),
    ),
    ...runClaims(told),
  ]
}

/** What inputs are called, and the flags that name them; by texts of a bundle, which may be any. */
const INPUTS: ReadonlyMap<string, string> = new Map([
  ['configuration', 'the configuration'],
  ['shape', "production's shape"],
  ['workload', 'the queries of the running version'],
  ['seedSql', 'the rows of the rehearsal'],
  ['answers', "production's answers"],
  ['ledger', "the snapshot of production's ledger"],
])

const FLAGS: ReadonlyMap<string, string> = new Map([
  ['shape', '--shape'],
  ['workload', '--workload'],
  ['seedSql', '--seed-sql'],
  ['answers', '--answers'],
  ['ledger', '--ledger'],
])

/** Where these were not brought, the bundle's own observation stands for them, and that has to be known. */
const IN_BUNDLE: ReadonlySet<string> = new Set(['configuration', 'shape', 'answers', 'ledger'])

/** Files that were given beside the migrations, each by its digest. */
function inputClaims({ request, witness }: ToldRun): ClaimToCheck[] {
  return request.inputs.map(({ as: named, file, sha256 }, index) => {
    const [as = ''] = named.split(' ', 1)
    const flag = FLAGS.get(as)
    return {
      claim: {
        id: `input/${named}`,
        kind: 'input',
        says: `${INPUTS.get(as) ?? as} is ${file ?? 'a file outside of the repository'} ${sha256 === null ? 'that nobody could read' : `with the SHA-256 ${sha256}`}`,
        source: 'certificate',
        severity: 'blocking',
        unchecked: IN_BUNDLE.has(as) ? 'discrepancy' : 'blocking',
        comparison: 'equal',
        expected: sha256,
        witness,
        needs:
          flag === undefined
            ? 'Ask the builder for that file, and look at its SHA-256.'
            : `Get that file from where it is kept, not from the builder, and run again with ${flag} FILE.`,
      },
      look: (again) => {
        if (sha256 === null) return couldNotLook('it could not be read when the bundle was made')
        const tried = again.inputs[index]
        return tried === undefined ? couldNotLook('nobody looked') : lookAt(tried, (seen) => seen)
      },
    }
  })
}

/** What a verifier brings and the run had not: judges are milder without it. */
const besidesClaim = ({ witness }: ToldRun): ClaimToCheck => ({
  claim: {
    id: 'input/besides',
    kind: 'input',
    says: 'nothing that a verifier brings was kept from the run',
    source: 'certificate',
    severity: 'blocking',
    unchecked: 'blocking',
    comparison: 'equal',
    expected: [],
    witness,
    needs: 'Run again with the files that production is known by.',
  },
  look: (again) =>
    seenBy(
      "the verifier's own files",
      again.besides.map(({ as, what }) => `${INPUTS.get(as) ?? as} (${what}): the run was made without it`),
    ),
})

/** Kinds of observation that are read from such files as they stand. */
const READ_FROM_FILES: ReadonlySet<string> = new Set(['ledger', 'shape', 'answers'])

/** What was read from those files, where that is an observation of its own: by its digest. */
function readClaims({ question, request, witness }: ToldRun): ClaimToCheck[] {
  const given = new Set(request.inputs.map((one) => one.as))
  return question.subjects.flatMap(({ name, observations }) =>
    [...observations].flatMap((told): ClaimToCheck[] => {
      const isGiven = READ_FROM_FILES.has(told.kind) && (given.has(told.kind) || given.has(`${told.kind} ${name}`))
      if (!isGiven || told.status !== 'observed') return []
      return [
        {
          claim: {
            id: `input/read ${told.kind} ${name}`,
            kind: 'input',
            says: `what was read of ${INPUTS.get(told.kind)} for ${name} is what the bundle has`,
            source: 'certificate',
            severity: 'blocking',
            unchecked: 'discrepancy',
            comparison: 'equal',
            expected: digestOf(told.data),
            witness,
            needs: `Get that file from where it is kept, not from the builder, and run again with ${FLAGS.get(told.kind)} FILE.`,
          },
          look: (again) => {
            const seen = [...(again.brought.get(name) ?? [])].find((one) => one.kind === told.kind)
            return seen?.status === 'observed' ? seenBy(seen.witness, digestOf(seen.data)) : couldNotLook(NOT_BROUGHT)
          },
        },
      ]
    }),
  )
}

/** Why something is only what the bundle says it is. */
export const NOT_BROUGHT = 'taken from the bundle, not looked at again: nobody brought that very file'

/** What every check said of every folder, what the policy said, and the verdict. */
function runClaims({ question, evaluation, rehearsed, witness }: ToldRun): ClaimToCheck[] {
  const common = {
    severity: 'blocking',
    unchecked: 'blocking',
    comparison: 'equal',
    witness,
    needs: 'Make it possible to run the gate at that commit: see why it could not, and run again.',
  } as const
  const results = evaluation.results.map(({ check, subject, verdict: told }): ClaimToCheck => {
    const isRehearsed = question.checks.some((one) => one.id === check && asksRehearsal(one, rehearsed))
    const kind = isRehearsed ? 'rehearsal' : 'reading'
    const result = resultOf(evaluation, check, subject)
    const says = `${check} of ${subject}: ${told}, with the same findings`
    return {
      claim: { ...common, id: `${kind}/${check} ${subject}`, kind, says, source: check, expected: result },
      look: (again) =>
        lookAt(
          again.run,
          (seen) =>
            unprovenNow(seen.evaluation, evaluation, check, subject) ?? resultOf(seen.evaluation, check, subject),
        ),
    }
  })
  const verdict: ClaimToCheck = {
    claim: {
      ...common,
      id: 'rehearsal/verdict',
      kind: 'rehearsal',
      says: `the verdict of the whole gate is ${evaluation.verdict}`,
      source: 'certificate',
      expected: wholeOf({ evaluation, subjects: question.subjects }),
    },
    look: (again) => lookAt(again.run, (seen) => unprovenNow(seen.evaluation, evaluation) ?? wholeOf(seen)),
  }
  return [...results, verdict]
}

const asksRehearsal = (check: Pick<Check, 'needs' | 'uses'>, rehearsed: ReadonlySet<string>): boolean =>
  [...check.needs, ...check.uses].some((kind) => rehearsed.has(kind.name))

/** Why the second look proves less than the first one did: it was not looked at as well, and contradicts nothing. */
function unprovenNow(
  now: Evaluation,
  then: Evaluation,
  check?: string,
  subject?: string,
): { readonly unseen: string } | null {
  const isAsked = (one: Evaluation['results'][number]): boolean =>
    check === undefined || (one.check === check && one.subject === subject)
  const verdicts = [now, then].map((one) =>
    check === undefined ? one.verdict : one.results.find((result) => isAsked(result))?.verdict,
  )
  if (verdicts[0] !== 'unproven' || verdicts[1] === 'unproven') return null
  const findings = now.results.filter((one) => isAsked(one)).flatMap((one) => one.findings)
  const why = findings.find((one) => one.outcome === 'unproven')?.message ?? 'it proved nothing'
  return { unseen: `the second look is unproven: ${why}` }
}

function resultOf({ results }: Evaluation, check: string, subject: string): Json {
  const found = results.find((one) => one.check === check && one.subject === subject)
  if (found === undefined) return { verdict: 'it did not run', findings: [] }
  return { verdict: found.verdict, findings: found.findings.map(shownFinding).toSorted() }
}

/** The verdict, the folders, and what the policy itself had to say, without its notes. */
const wholeOf = ({ evaluation, subjects }: RunSeen): Json => ({
  verdict: evaluation.verdict,
  folders: subjects.map((one) => one.name).toSorted(),
  policy: evaluation.policyFindings
    .filter((one) => one.severity !== 'note')
    .map(shownFinding)
    .toSorted(),
})

/** A finding by what it is about: its code, what it makes of the verdict, subject and place. Its words may differ. */
const shownFinding = ({ code, outcome, severity, subject, where }: Finding): string =>
  `${code} (${severity}, ${outcome}) of ${subject ?? 'the run'}${where === null ? '' : ` at ${where.file}:${where.line}:${where.column}`}`
