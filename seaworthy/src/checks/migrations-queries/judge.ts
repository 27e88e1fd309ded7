import type { JudgeContext } from '../../gate/check.ts'
import { type Finding, cannotProve, warn } from '../../gate/finding.ts'
import type { Observations } from '../../gate/observation.ts'
import type { Judgement } from '../../gate/verdict.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { type Queries, queries } from '../../observers/queries/kind.ts'
import { judgeChanges } from './changes.ts'
import { shortQuery } from './wording.ts'

const MOST_NAMED = 5

/** Judges what became of each query. Evidence that does not add up proves nothing. */
export function judge(observations: Observations, { settings }: JudgeContext): Judgement {
  const seen = observations.need(queries)
  const { migrations } = observations.need(migrationTree)
  const files = observations.need(pending).files
  const asked = migrations.filter((migration) => files.includes(migration.up.file))
  if (seen.total === 0 && seen.sources.some((source) => source.isForbidden)) {
    return { findings: judgePartial(seen), proved: [] }
  }
  if (!fits(seen, files)) return { findings: [incomplete()], proved: [] }
  return {
    findings: [
      ...judgeChanges(seen.changes, asked),
      ...judgeStale(seen, settings.staleQueriesPercent),
      ...judgeUnknown(seen),
      ...judgeOverLimit(seen),
      ...judgeRoles(seen),
      ...judgePartial(seen),
    ],
    proved: provedBy(seen),
  }
}

/** Every query is counted once, and every change has a before, another after, and a pending migration. */
function fits(seen: Queries, files: readonly string[]): boolean {
  const { total, overLimit, same, stale, unknown, changes, sources, unavailable } = seen
  const given = sources.reduce((sum, source) => sum + source.queries, 0)
  const counted = overLimit + same + stale.length + unknown.length + changes.length
  return (
    unavailable === null &&
    total > 0 &&
    total === given &&
    total === counted &&
    changes.every(
      (change) =>
        change.files.length > 0 &&
        change.files.every((file) => files.includes(file)) &&
        (change.after.works || !change.after.isInfrastructure) &&
        (change.meaning !== null || JSON.stringify(change.before) !== JSON.stringify(change.after)),
    )
  )
}

function judgeStale({ stale, total, sources }: Queries, limitPercent: number): Finding[] {
  const percent = (stale.length / total) * 100
  if (percent <= limitPercent) return []
  const named = stale.slice(0, MOST_NAMED).map(({ query, error }) => `${shortQuery(query)} (${error.message})`)
  return [
    cannotProve({
      code: 'unproven/stale-queries',
      message: `${stale.length} of ${total} queries (${shown(percent)} %) do not work before the pending migrations either, and the policy allows ${limitPercent} %: ${named.join('; ')}`,
      subject: 'stale queries',
      hint: `${sources.map(({ kind }) => STALE_IN[kind]).join(' ')} \`policy.staleQueriesPercent\` sets the limit.`,
    }),
  ]
}

/** What was sent once stays in pg_stat_statements until somebody resets it: capturing again does not take it away. */
const STALE_IN = {
  workload:
    'Take out of the workload what no running version sends. If production differs from what its migrations build, that is drift: rehearse with --shape.',
  shape:
    'What somebody typed into psql counts too, until production runs pg_stat_statements_reset(): reset it, let the running version serve for a while, and capture again.',
} as const

const shown = (percent: number): string => String(Math.round(percent * 10) / 10)

function judgeUnknown({ unknown }: Queries): Finding[] {
  const [first] = unknown
  if (first === undefined) return []
  const others = unknown.length === 1 ? '' : ` and ${unknown.length - 1} more`
  return [
    cannotProve({
      code: 'unproven/query-not-planned',
      message: `${shortQuery(first.query)}${others} could not be planned: ${first.error.message}`,
      subject: 'queries that were not planned',
      hint: 'Nothing is known of them. Run again; where a function that is called while planning takes too long, look at it.',
    }),
  ]
}

const judgeOverLimit = ({ overLimit, total }: Queries): Finding[] =>
  overLimit === 0
    ? []
    : [
        cannotProve({
          code: 'unproven/query-not-planned',
          message: `${overLimit} of ${total} queries were not planned: there are too many, and these are called least`,
          subject: 'queries beyond the limit',
          hint: 'Queries that differ in their constants alone count as several: capture again after pg_stat_statements_reset().',
        }),
      ]

/** Who was played by another role: what that role may do says nothing about what the real one may. */
function judgeRoles({ roles, sources }: Queries): Finding[] {
  const played = roles.filter((role) => role.why !== null && role.name !== role.as)
  if (played.length === 0) return []
  const named = played.slice(0, MOST_NAMED).map(({ name, as, why }) => `${name} by ${as} (${why})`)
  const more = played.length > MOST_NAMED ? ` and ${played.length - MOST_NAMED} more` : ''
  return [
    warn({
      code: 'unproven/query-role-played',
      message: `roles were played by another one, so that nothing is known of what they may do: ${named.join(', ')}${more}`,
      subject: sources.map((source) => source.file).join(', '),
      hint: 'Rehearse with --shape FILE, which brings production’s roles and grants, or name a role that the migrations make.',
    }),
  ]
}

/** With queries of a workload beside them there is something that was proved. */
function judgePartial({ sources, total }: Queries): Finding[] {
  return sources.flatMap(({ file, isPartial, isForbidden }) => {
    if (isPartial === null) return []
    if (isForbidden && total === 0) {
      return [
        cannotProve({
          code: 'unproven/queries-not-captured',
          message: `${file} does not hold the queries that production serves: ${isPartial}`,
          subject: file,
          hint: 'Capture as a member of pg_read_all_stats, or list the queries in a file for --workload.',
        }),
      ]
    }
    return [
      warn({
        code: 'unproven/queries-partly-known',
        message: `${file} does not hold all queries that production serves: ${isPartial}`,
        subject: file,
        hint: 'Capture as a member of pg_read_all_stats, or add the queries that are missing by --workload FILE.sql.',
      }),
    ]
  })
}

function provedBy({ same, changes, stale, total }: Queries): string[] {
  const planned = same + changes.length
  if (planned === 0) return []
  const aside = stale.length === 0 ? '' : `; ${stale.length} of ${total} are stale (they do not work before either)`
  return [`${same} of ${planned} queries that work before the pending migrations are answered alike after them${aside}`]
}

const incomplete = (): Finding =>
  cannotProve({
    code: 'unproven/queries-incomplete',
    message: 'what was observed of the queries does not add up',
    subject: 'queries',
    hint: 'Run again. If it stays, please report it with the evidence folder (--evidence DIR).',
  })
