import path from 'node:path'
import { z } from 'zod'
import type { ToldRun } from '../../gate/cold/looked-again.ts'
import { SeaworthyError } from '../../gate/error.ts'
import type { RolesSettings } from '../../migrations/engine.ts'
import { isFormatName } from '../../migrations/formats.ts'
import { isDecidedByGit, type Pending, pending } from '../../observers/pending/kind.ts'
import type { CheckRequest, FolderRequest, InputFiles } from '../check/request.ts'
import type { ColdInput } from './cold-inputs.ts'

const name = z.string().min(1).max(200)

/** Roles as a bundle recorded them: made by anybody, and they become names of roles on the verifier's own scratch server. */
const rolesSchema: z.ZodType<RolesSettings> = z.strictObject({
  mode: z.enum(['single', 'split']),
  isConfigured: z.boolean(),
  deployRole: name.max(63),
  ownerRole: name.max(63),
  attributes: z.array(z.enum(['createrole', 'createdb', 'bypassrls', 'replication'])).max(10),
  memberOf: z.array(name.max(63)).max(1_000),
  owns: z.array(name).max(10_000),
})

/** No limit of a run is longer than this, in milliseconds: a bundle does not say how long a verifier waits. */
const LONGEST_MS = 600_000

export interface ColdRequest {
  /** The fresh checkout. */
  readonly root: string
  readonly inputs: readonly ColdInput[]
  /** What stands for the inputs that are read from a file and were not brought, if the bundle can give them. */
  readonly shapeOfBundle: string | null
  readonly serverUrl: string | null
  readonly useCache: boolean
}

/**
 * What was asked of the run that a bundle is about, asked of a fresh checkout. No configuration is read there: it would be
 * the candidate's own word, and it would run as a program.
 * @throws SeaworthyError('config') for what no run was ever asked.
 */
export function coldRequest({ request, question }: ToldRun, cold: ColdRequest): CheckRequest {
  const roles = rolesSchema.safeParse(request.roles)
  if (!roles.success) throw strange('roles')
  const { down, major } = request
  if (down !== 'pending' && down !== 'all') throw strange('down')
  if (major !== null && (major < 12 || major > 99)) throw strange('major')
  const folders = request.folders.map((one) => folderOf(one, cold))
  const [first] = folders
  if (first === undefined) throw strange('folders')
  return {
    folders,
    isForOne: false,
    anywhere: { ...first, isNamed: false },
    since: sinceOf({ question }),
    all: request.all,
    branches: request.branches,
    roles: roles.data,
    major,
    serverUrl: cold.serverUrl,
    down,
    only: [],
    action: question.action,
    policy: question.policy,
    inputs: inputsOf(cold),
    useCache: cold.useCache,
    lockTimeoutMs: within(request.lockTimeoutMs),
    statementTimeoutMs: within(request.statementTimeoutMs),
    evidence: null,
    reports: [],
  }
}

const within = (ms: number): number => Math.min(Math.max(ms, 1), LONGEST_MS)

function folderOf(one: ToldRun['request']['folders'][number], { root, inputs }: ColdRequest): FolderRequest {
  const dir = path.resolve(root, one.dir)
  if (path.relative(root, dir).startsWith('..') || one.format === null || !isFormatName(one.format))
    throw strange('folders')
  return {
    dir,
    isNamed: true,
    format: one.format,
    isFormatGiven: false,
    baseline: one.baseline,
    ledgerFile: inputs.find(({ as }) => as === `ledger ${one.dir}`)?.file ?? null,
    ledgerUrl: null,
    ledgerTable: one.ledgerTable,
  }
}

function inputsOf({ inputs, shapeOfBundle }: ColdRequest): InputFiles {
  const file = (as: keyof InputFiles): string | null => inputs.find((one) => one.as === as)?.file ?? null
  return {
    shape: file('shape') ?? shapeOfBundle,
    workload: file('workload'),
    seedSql: file('seedSql'),
    answers: file('answers'),
  }
}

/**
 * The commit that everything was compared with; null where something else said what is live. Of bases that git found the very
 * commit is named; a ledger or a baseline goes before it, and is given as it was.
 */
function sinceOf(told: Pick<ToldRun, 'question'>): string | null {
  const found = pendingOf(told)
  return found.find(({ basis, baseCommit }) => isDecidedByGit(basis) && baseCommit !== null)?.baseCommit ?? null
}

const pendingOf = ({ question }: Pick<ToldRun, 'question'>): Pending[] =>
  question.subjects.flatMap(({ observations }) => observations.maybe(pending) ?? [])

/** What the first run compared with. */
export interface ToldBases {
  /** Every commit that was compared with, once each. */
  readonly commits: readonly string[]
  /** Whether git was there and had nothing to compare with. Such a run tells so, and its judge counts it. */
  readonly isNoneKnown: boolean
}

/** What the first run compared with. */
export function basesOf(told: Pick<ToldRun, 'question'>): ToldBases {
  const found = pendingOf(told)
  return {
    commits: [...new Set(found.flatMap(({ baseCommit }) => baseCommit ?? []))],
    isNoneKnown: found.some(({ baseProblem = null }) => baseProblem !== null),
  }
}

const strange = (part: string): SeaworthyError =>
  new SeaworthyError('config', `the bundle records a run with ${part} that this version cannot ask for again`)
