import { type Finding, type Where, cannotProve, notApplied, refuse } from '../../gate/finding.ts'
import type { MigrationTree } from '../../observers/migration-tree/kind.ts'
import type { Failure, Rehearsal } from '../../observers/rehearsal/kind.ts'
import { engineOf, templateAt } from './foreign.ts'
import { recovery, unstick } from './recovery.ts'

type RunFailure = NonNullable<Rehearsal['failure']>

/** The finding of the first failure; there is at most one, since nothing is applied after it. */
export function judgeFailure(tree: MigrationTree, run: Rehearsal): Finding[] {
  const { failure } = run
  if (failure === null) return []
  if (failure.missingExtension !== null) return [missingExtension(run, failure, failure.missingExtension)]
  if (failure.isInfrastructure) return [interrupted(failure)]
  const template = templateAt(tree, failure)
  if (template !== null) return [templated(failure, template)]
  const isAboutRights = failure.error.sqlstate === '42501'
  if (failure.phase === 'baseline') return [isAboutRights ? baselineRights(failure, run) : historyFails(failure)]
  return [isAboutRights ? notAllowed(tree, run, failure) : fails(tree, run, failure)]
}

const whereOf = (failure: Failure): Where => ({
  file: failure.file,
  line: failure.statement?.line ?? 1,
  column: failure.statement?.column ?? 1,
})

/** `column "x" does not exist (SQLSTATE 42703)`, with the server's detail where it has one. */
function serverSaid({ error }: Failure): string {
  const code = error.sqlstate === null ? '' : ` (SQLSTATE ${error.sqlstate})`
  const detail = error.detail === null ? '' : `; ${error.detail.replace(/\.$/, '')}`
  return `${error.message}${code}${detail}`
}

const causeOf = (failure: RunFailure): string =>
  failure.cause === null
    ? ''
    : `: migration ${failure.cause.version} ${failure.cause.what} (${failure.cause.file}:${failure.cause.line})`

const half = (failure: Failure): string =>
  failure.leavesHalf ? ' The part of the file before it is already committed: production would be left half-way.' : ''

function fails(tree: MigrationTree, run: Rehearsal, failure: RunFailure): Finding {
  const cause =
    failure.cause === null
      ? ''
      : `Migration ${failure.cause.version} ${failure.cause.what}: use what is there now, or bring it back first. `
  const server = failure.error.hint === null ? '' : `The server says: ${failure.error.hint} `
  return refuse({
    code: 'apply/migration-fails',
    message: `migration ${failure.version} does not apply: ${serverSaid(failure)}${causeOf(failure)}.${half(failure)}`,
    where: whereOf(failure),
    subject: `migration ${failure.version}`,
    hint: `${cause}${server}Mend the file while it is still pending. ${unstick(tree, run, failure)}`.trim(),
    proof: `the server said: ${serverSaid(failure)}`,
    cause: notApplied(failure.version),
  })
}

function notAllowed(tree: MigrationTree, run: Rehearsal, failure: RunFailure): Finding {
  const role = run.roles.migratingRole
  const { owner } = failure
  const why = owner === null ? '' : `: ${owner.object} belongs to ${owner.owner}, and the migration runs as ${role}`
  const mend =
    owner === null
      ? isForSuperusers(failure)
        ? 'Only a superuser may do this, and no GRANT gives the right: do it where the server is managed, outside of the migrations. '
        : `Grant ${role} the right that is missing. `
      : `As ${owner.owner} or a superuser: ALTER TABLE ${owner.object} OWNER TO ${role}; or GRANT ${owner.owner} TO ${role}; or let ${owner.owner} apply this migration. `
  return refuse({
    code: 'ownership/not-allowed',
    message: `migration ${failure.version} does not apply: ${serverSaid(failure)}${why}.${half(failure)}`,
    where: whereOf(failure),
    subject: owner === null ? `migration ${failure.version}` : `relation ${owner.object}`,
    hint: `${mend}${recovery(tree, run, failure)}`,
    cause: notApplied(failure.version),
  })
}

/** Whether the server says that it asks for a superuser, and not for a privilege. */
const isForSuperusers = ({ error }: Failure): boolean =>
  [error.message, error.hint, error.detail].some((text) => FOR_SUPERUSERS.test(text ?? ''))
/** The catalogue's own tables and triggers belong to nobody else, although the server does not say so. */
const FOR_SUPERUSERS =
  /superuser|is a system trigger$|^permission denied for table pg_(?:attrdef|attribute|authid|class|constraint|database|depend|enum|index|namespace|proc|rewrite|trigger|type)$/i

function historyFails(failure: RunFailure): Finding {
  const engine = engineOf(failure)
  return engine === null ? baselineFails(failure) : otherEngine(failure, engine)
}

const baselineFails = (failure: RunFailure): Finding =>
  refuse({
    code: 'apply/baseline-fails',
    message: `the history does not apply from the start: migration ${failure.version}: ${serverSaid(failure)}${causeOf(failure)}`,
    where: whereOf(failure),
    subject: `migration ${failure.version}`,
    hint: 'A new database cannot be built from these files. Mend the history, or start it from a dump as its first migration.',
    cause: notApplied(failure.version),
  })

const baselineRights = (failure: RunFailure, run: Rehearsal): Finding =>
  cannotProve({
    code: 'unproven/baseline-rights',
    message: `the baseline needs more rights than ${run.roles.owningRole} has: migration ${failure.version}: ${serverSaid(failure)}`,
    where: whereOf(failure),
    subject: `migration ${failure.version}`,
    hint: isForSuperusers(failure)
      ? 'Only a superuser may do this, and the rehearsal never is one: what comes after it is not proved. Start the history from a dump of what production has now as its first migration.'
      : 'Give the role what production gives it (roles: { attributes, memberOf }), or let --server name a server that is set up like production.',
    cause: notApplied(failure.version),
  })

const otherEngine = (failure: Failure, engine: string): Finding =>
  cannotProve({
    code: 'unproven/other-engine',
    message: `the history does not apply, and it reads as if it were written for ${engine}: migration ${failure.version}: ${serverSaid(failure)}`,
    where: whereOf(failure),
    subject: `migration ${failure.version}`,
    hint: 'Name the folders that are for PostgreSQL: seaworthy check DIR. If the program rewrites these files before it sends them, check what it sends.',
    cause: notApplied(failure.version),
  })

const templated = (failure: Failure, marker: string): Finding =>
  cannotProve({
    code: 'unproven/templated',
    message: `the file is a template (${marker}), so what the tool would send is not known, and nothing from migration ${failure.version} on was rehearsed`,
    where: whereOf(failure),
    subject: `migration ${failure.version}`,
    hint: 'Render the files first and check the rendered folder.',
    cause: notApplied(failure.version),
  })

const missingExtension = (run: Rehearsal, failure: Failure, extension: string): Finding =>
  cannotProve({
    code: 'unproven/extension-missing',
    message: `the scratch server has no extension ${extension}, so nothing from migration ${failure.version} on was rehearsed`,
    where: whereOf(failure),
    subject: `extension ${extension}`,
    hint: `Install ${extension} for a PostgreSQL of this machine and use --pg ${run.server.major} (Debian: postgresql-${run.server.major}-${packageOf(extension)}), or give --server URL of a server that has it.`,
    cause: notApplied(failure.version),
  })

/** Debian names most packages like the extension; these it does not. */
const packageOf = (extension: string): string =>
  ({ vector: 'pgvector', postgis: 'postgis-3', pg_cron: 'cron', pg_partman: 'partman', plpython3u: 'plpython3' })[
    extension
  ] ?? extension

const interrupted = (failure: Failure): Finding =>
  cannotProve({
    code: 'unproven/interrupted',
    message: `migration ${failure.version} was not finished: ${serverSaid(failure)}`,
    where: whereOf(failure),
    subject: `migration ${failure.version}`,
    hint: 'If the migration is slow by nature, raise timeouts.statementTimeoutMs in the configuration; else look at the server.',
  })
