import { createHash } from 'node:crypto'
import { lstat, readFile } from 'node:fs/promises'
import path from 'node:path'
import { loadChecks } from '../checks/index.ts'
import { runCheck } from '../gate/check.ts'
import { reasonOf, SeaworthyError } from '../gate/error.ts'
import type { Finding } from '../gate/finding.ts'
import type { Obligation } from '../gate/obligation.ts'
import { type Observation, Observations, observed } from '../gate/observation.ts'
import { DEFAULT_POLICY } from '../gate/policy.ts'
import type { CheckVerdict } from '../gate/verdict.ts'
import { effects } from '../observers/effects/kind.ts'
import { shape } from '../observers/shape/kind.ts'
import { bundleManifestSchema } from './prove-manifest.ts'

/** The check that derives them. */
export const OBLIGATIONS = 'migrations-obligations'

/** What the releases of some folders ask, and what keeps it from being known. */
export interface Questions {
  readonly obligations: readonly Obligation[]
  readonly verdicts: readonly CheckVerdict[]
  /** Findings that leave something unknown; a note is none. */
  readonly unknown: readonly Finding[]
  /** `host:port` of servers that were given for the rehearsal. */
  readonly rehearsedOn: readonly string[]
  /** The database of the shape that the rehearsal had; null where it had none. */
  readonly captured: Captured | null
}

/** Which database a shape is of. */
export interface Captured {
  /** Null where the server did not say who it is. */
  readonly witness: string | null
  readonly database: string
}

/** No file of a bundle is larger. */
const LIMIT_BYTES = 256 * 1024 * 1024

/**
 * The questions of an evidence bundle that an earlier `check --evidence` wrote. Every file is compared with the manifest's
 * digest, and the questions are derived from the observations anew. Throws SeaworthyError('config') for a broken bundle.
 */
export async function questionsOfEvidence(dir: string): Promise<Questions> {
  const parsed = bundleManifestSchema.safeParse(await jsonOf(dir, 'manifest.json', null))
  if (!parsed.success) throw broken(dir, 'its manifest.json is none')
  const manifest = parsed.data
  const digests = new Map(manifest.files.map((one) => [one.path, one.sha256]))
  const [check] = await loadChecks([OBLIGATIONS])
  if (check === undefined) throw new SeaworthyError('internal', `there is no check ${OBLIGATIONS}`)
  await check.prepare?.()
  const context = { evaluatedAt: manifest.evaluatedAt, settings: DEFAULT_POLICY.settings }
  const rehearsedOn: string[] = []
  const results = []
  let captured: Captured | null = null
  for (const subject of manifest.subjects) {
    const observations: Observation[] = []
    for (const kind of [...check.needs, shape]) {
      const file = subject.observations.find((one) => path.posix.basename(one) === `${kind.name}.json`)
      if (file === undefined) continue
      const digest = digests.get(file)
      if (digest === undefined) throw broken(dir, `its manifest does not list ${file}`)
      observations.push(await observationOf(dir, file, digest, kind))
    }
    const set = new Observations(observations)
    const found = set.maybe(shape)
    if (found !== undefined) captured = { witness: found.witness, database: found.database.name }
    const server = set.maybe(effects)?.server
    if (server?.origin === 'given') rehearsedOn.push(server.place)
    results.push(runCheck(check, set, context))
  }
  return {
    obligations: [...new Map(results.flatMap((one) => one.obligations).map((one) => [one.id, one])).values()],
    verdicts: results.map((one) => one.verdict),
    unknown: results.flatMap((one) => one.findings).filter((one) => one.outcome !== 'none'),
    rehearsedOn,
    captured,
  }
}

async function observationOf(
  dir: string,
  file: string,
  digest: string,
  kind: { readonly name: string; readonly version: number; readonly parse: (data: unknown) => Promise<unknown> },
): Promise<Observation> {
  const content = await jsonOf(dir, file, digest)
  const isObserved =
    typeof content === 'object' && content !== null && 'data' in content && 'version' in content && 'witness' in content
  if (!isObserved || content.version !== kind.version) throw broken(dir, `${file} is no observation of this version`)
  const data = await kind.parse(content.data).catch(() => {
    throw broken(dir, `${file} does not hold what it should`)
  })
  return observed(kind, String(content.witness), data)
}

/** A file of the bundle, which lies in it and is what the manifest says. */
async function jsonOf(dir: string, file: string, digest: string | null): Promise<unknown> {
  const absolute = path.resolve(dir, file)
  if (path.relative(dir, absolute).startsWith('..'))
    throw broken(dir, `its manifest names ${file}, which lies outside of it`)
  let text: string
  try {
    const stat = await lstat(absolute)
    if (!stat.isFile() || stat.size > LIMIT_BYTES) throw new Error('no file, or too large')
    text = await readFile(absolute, 'utf8')
  } catch (error) {
    throw broken(dir, `${file} cannot be read: ${reasonOf(error)}`)
  }
  if (digest !== null && createHash('sha256').update(text).digest('hex') !== digest) {
    throw broken(dir, `${file} is not what it was when the bundle was written`)
  }
  try {
    return JSON.parse(text)
  } catch {
    throw broken(dir, `${file} is no JSON`)
  }
}

const broken = (dir: string, why: string): SeaworthyError =>
  new SeaworthyError('config', `${dir} is no evidence that can be used: ${why}`, {
    hint: 'Write it anew: seaworthy check --evidence DIR. Or leave --evidence out.',
  })
