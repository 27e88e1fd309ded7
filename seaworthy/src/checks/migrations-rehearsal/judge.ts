import { sha256 } from '../../gate/canonical.ts'
import type { JudgeContext } from '../../gate/check.ts'
import { type Finding, cannotProve, refuse } from '../../gate/finding.ts'
import type { Observations } from '../../gate/observation.ts'
import type { Judgement } from '../../gate/verdict.ts'
import { type MigrationTree, migrationTree } from '../../observers/migration-tree/kind.ts'
import { type Pending, pending } from '../../observers/pending/kind.ts'
import { type Provided, type Rehearsal, rehearsal } from '../../observers/rehearsal/kind.ts'
import { judgeFailure } from './failure.ts'

/** Ways of deciding what is pending that say something about production itself, and not only about a branch. */
const ANCHORED: ReadonlySet<Pending['basis']> = new Set(['baseline', 'ledger', 'since'])

/** Judges one rehearsal. Every migration of the tree must be accounted for; what is missing is unproven. */
export function judge(observations: Observations, context: JudgeContext): Judgement {
  const tree = observations.need(migrationTree)
  const what = observations.need(pending)
  const run = observations.need(rehearsal)
  const findings = [
    ...judgeFailure(tree, run),
    ...judgeSteps(tree, what, run),
    ...judgeRoles(run),
    ...judgeEffects(run),
    ...judgeProvided(run),
    ...judgeLimits(run),
    ...judgeAnchor(what, context),
  ]
  return { findings, proved: provedBy(tree, what, run) }
}

function provedBy(tree: MigrationTree, what: Pending, run: Rehearsal): string[] {
  const applied = run.steps.filter((step) => step.outcome === 'applied').length
  if (run.failure !== null || applied === 0 || applied !== tree.migrations.length) return []
  const server = `PostgreSQL ${run.server.version}`
  const role = run.roles.migratingRole
  if (what.files.length === 0) return [`the history (${applied}) applies on ${server} as ${role}; nothing is pending`]
  const apply = applied === 1 ? 'migration applies' : 'migrations apply'
  return [`${applied} ${apply} on ${server}, ${what.files.length} of them pending and sent as ${role}`]
}

/** No step missing, none twice, none too many, all in the tree's order and of its text, and every pending one run as pending. */
function judgeSteps(tree: MigrationTree, what: Pending, run: Rehearsal): Finding[] {
  const expected = tree.migrations.map((migration) => migration.up.file)
  const actual = run.steps.map((step) => step.file)
  const isSame = expected.length === actual.length && expected.every((file, index) => file === actual[index])
  if (!isSame) return [incomplete('the rehearsal did not walk the migrations of this tree, in its order')]
  const another = tree.migrations.find((migration, index) => {
    const step = run.steps[index]
    return step?.version !== migration.version || step.sha256 !== sha256(migration.up.text)
  })
  if (another !== undefined) return [incomplete(`${another.up.file} is not the text that was rehearsed`)]
  const asPending = new Set(what.files)
  const mixedUp = run.steps.filter((step) => asPending.has(step.file) !== (step.phase === 'pending'))
  if (mixedUp.length > 0) return [incomplete(`${mixedUp[0]?.file} was rehearsed as ${mixedUp[0]?.phase}`)]
  if (run.failure !== null) return []
  return run.steps
    .filter((step) => step.outcome !== 'applied')
    .slice(0, 1)
    .map((step) => incomplete(`${step.file} was not applied (${step.outcome}), and no failure was recorded`))
}

const incomplete = (message: string): Finding =>
  cannotProve({
    code: 'unproven/rehearsal-incomplete',
    message,
    hint: 'Run the check again; if it stays, report it with the evidence folder (--evidence DIR).',
  })

/** Split roles over a baseline in which the deploy role owns everything compare a thing with itself. */
function judgeRoles(run: Rehearsal): Finding[] {
  if (run.roles.mode !== 'split' || run.failure?.phase === 'baseline') return []
  if (run.roles.foreignOwned > 0 && run.roles.migratingRole !== run.roles.owningRole) return []
  return [
    cannotProve({
      code: 'unproven/split-proves-nothing',
      message: `roles are split, but after the baseline nothing belongs to anyone else than ${run.roles.migratingRole}`,
      subject: `role ${run.roles.migratingRole}`,
      hint: 'Choose a baseline (--baseline VERSION, --since REF or a ledger) in which the owner made tables, or use --roles single.',
    }),
  ]
}

/** Who may not grant is only warned: the tool goes on, and whoever was to get the right never has it. */
const judgeEffects = (run: Rehearsal): Finding[] =>
  (run.withoutEffect ?? []).map((one) =>
    refuse({
      code: 'ownership/without-effect',
      message: `migration ${one.version} goes through without doing what it says: ${one.message} (SQLSTATE ${one.sqlstate}), since ${run.roles.migratingRole} neither owns it nor may grant on it`,
      where: { file: one.file, line: one.line, column: one.column },
      subject: one.object === null ? `migration ${one.version}` : `object ${one.object}`,
      hint: `Let ${run.roles.owningRole} run it; or GRANT … TO ${run.roles.migratingRole} WITH GRANT OPTION first; or say in roles.owns or roles.memberOf what the role has in production.`,
    }),
  )

const judgeProvided = (run: Rehearsal): Finding[] =>
  run.provided
    .filter((one) => one.isUnproven)
    .map((one) =>
      cannotProve({
        code: 'unproven/privilege-assumed',
        message: `${one.why}: whether production allows it is not proved`,
        subject: `${one.what} ${one.name}`,
        hint: hintOf(one),
      }),
    )

function hintOf({ what, name }: Provided): string {
  if (what === 'extension') {
    return `Have an administrator run CREATE EXTENSION IF NOT EXISTS ${name} in production first, and take it out of the migration; or move it below the baseline once it is live.`
  }
  if (what === 'ledger')
    return 'Name what is live (--baseline, --since or a ledger), if a runner of your own writes these rows.'
  return `If the deploy role has that right in production, say so: roles: { attributes: ['createrole'] }.`
}

const judgeLimits = (run: Rehearsal): Finding[] =>
  run.limits.map((limit) =>
    cannotProve({
      code: 'unproven/server-limit',
      message: limit,
      subject: `server ${run.server.place}`,
      hint: 'Leave --server out: a scratch server of our own has no such limit. Where it is a right of the login that is missing, another login of --server helps as well; a shape cannot be set up on a given server by any.',
    }),
  )

function judgeAnchor(what: Pending, context: JudgeContext): Finding[] {
  if (context.action !== 'deploy' || ANCHORED.has(what.basis)) return []
  return [
    cannotProve({
      code: 'unproven/pending-not-anchored',
      message: `what production still lacks was taken from git (${what.explanation}), not from production`,
      hint: 'For a deploy, name what is live: --ledger FILE or --ledger-url URL (best), --since REF, or --baseline VERSION.',
    }),
  ]
}
