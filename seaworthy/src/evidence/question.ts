import path from 'node:path'
import type { z } from 'zod'
import { checkNames, loadChecks } from '../checks/index.ts'
import { policySchema } from '../config/policy-file.ts'
import type { Check } from '../gate/check.ts'
import type { Question, Subject } from '../gate/evaluate.ts'
import type { Manifest } from '../gate/evidence.ts'
import { type Kind, type Observation, Observations } from '../gate/observation.ts'
import { valueOf } from './json.ts'
import { givenSchema, observationSchema } from './observation-schema.ts'
import { badBundle, shown } from './problem.ts'
import type { ReadBundle } from './read.ts'

/**
 * The question that a bundle is the answer to: its observations parsed by their kinds, its policy, and the judges that its
 * manifest names, ready to judge. Rules of another version are never put in the place of those that judged.
 * @throws SeaworthyError with a `BundleProblem`: unproven for a judge or a kind that this version does not have.
 */
export async function questionOfBundle(bundle: ReadBundle): Promise<Question> {
  const { manifest, files } = bundle
  const checks = await judgesOf(manifest)
  const given = files.get('given.json')
  return {
    subjects: await everySubject(bundle),
    checks,
    policy: parsed(policySchema, files.get('policy.json') ?? '', 'policy.json'),
    action: manifest.action,
    evaluatedAt: manifest.evaluatedAt,
    isPartial: manifest.isPartial,
    given: given === undefined ? [] : parsed(givenSchema, given, 'given.json'),
  }
}

/** The judges that a manifest names, of exactly the versions that judged: all of them, but in a partial run. */
async function judgesOf({ checks: wanted, isPartial }: Manifest): Promise<readonly Check[]> {
  const left = checkNames.find((name) => !wanted.some(({ id }) => id === name))
  // Whoever leaves one out leaves out what it would have asked of the world as well.
  if (left !== undefined && !isPartial) {
    const message = `the check ${left} did not judge, and a whole run of this version of Seaworthy asks it`
    throw badBundle('bundle/other-judge', 'manifest.json', message)
  }
  const checks = await Promise.all(wanted.map(async ({ id, version }) => await rulesOf(id, version)))
  if (new Set(checks.map((one) => one.id)).size !== checks.length)
    throw badBundle('bundle/manifest', 'manifest.json', 'manifest.json names a check twice')
  await Promise.all(checks.map(async (check) => await check.prepare?.()))
  return checks
}

/** The rules of one version of a check. Those of earlier versions would be found here; none are kept so far. */
async function rulesOf(id: string, version: number): Promise<Check> {
  const [check] = checkNames.includes(id) ? await loadChecks([id]) : []
  if (check?.version === version) return check
  throw badBundle(
    'bundle/other-judge',
    'manifest.json',
    check === undefined
      ? `the check ${shown(id)} judged, and this version of Seaworthy does not have it`
      : `version ${version} of the check ${id} judged, and this version of Seaworthy has version ${check.version}`,
  )
}

/** The subjects with all of their observations: one that no check of this version reads cannot be judged again. */
async function everySubject(bundle: ReadBundle): Promise<Subject[]> {
  const kinds = (await loadChecks(checkNames)).flatMap((check) => [...check.needs, ...check.uses])
  const known = new Set(kinds.map((kind) => kind.name))
  for (const file of bundle.manifest.subjects.flatMap((one) => one.observations)) {
    if (known.has(kindIn(file))) continue
    throw badBundle('bundle/other-kind', file, `${file} is of a kind that this version of Seaworthy does not know`)
  }
  return await subjectsOfBundle(bundle, kinds)
}

/**
 * The subjects of a bundle with their observations of these kinds, each as its kind's schema says; others are left out.
 * @throws SeaworthyError with a `BundleProblem`.
 */
export async function subjectsOfBundle(bundle: ReadBundle, kinds: readonly Kind<unknown>[]): Promise<Subject[]> {
  const wanted = new Map(kinds.map((kind) => [kind.name, kind]))
  const subjects: Subject[] = []
  for (const { name, observations } of bundle.manifest.subjects) {
    const found: Observation[] = []
    for (const file of observations) {
      const kind = wanted.get(kindIn(file))
      if (kind !== undefined) found.push(await observationOf(file, bundle.files.get(file) ?? '', kind))
    }
    subjects.push({ name, observations: new Observations(found) })
  }
  return subjects
}

/** The kind of observation that a file of a bundle is named after. */
const kindIn = (file: string): string => path.posix.basename(file, '.json')

async function observationOf(file: string, text: string, kind: Kind<unknown>): Promise<Observation> {
  const observation = parsed(observationSchema, text, file)
  if (observation.kind !== kind.name)
    throw badBundle('bundle/content', file, `${file} holds an observation of another kind: ${shown(observation.kind)}`)
  if (observation.version !== kind.version)
    throw badBundle(
      'bundle/other-kind',
      file,
      `${file} is of version ${observation.version} of its kind, and this version of Seaworthy reads version ${kind.version}`,
    )
  if (observation.status === 'failed') return observation
  try {
    return { ...observation, data: await kind.parse(observation.data) }
  } catch {
    throw badBundle('bundle/content', file, `${file} does not hold what an observation of its kind does`)
  }
}

function parsed<T>(schema: z.ZodType<T>, text: string, file: string): T {
  const found = schema.safeParse(valueOf(text, file))
  if (found.success) return found.data
  const [issue] = found.error.issues
  const where = shown(issue?.path.join('.') ?? '')
  throw badBundle('bundle/content', file, `${file}${where === '' ? '' : `, ${where}`}: ${shown(issue?.message ?? '')}`)
}
