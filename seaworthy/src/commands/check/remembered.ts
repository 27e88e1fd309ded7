import { readFileSync, readdirSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadChecks, loadMemo } from '../../checks/index.ts'
import { sha256 } from '../../gate/canonical.ts'
import type { Check, JudgeContext, Memo } from '../../gate/check.ts'
import type { Explanation } from '../../gate/finding.ts'
import type { Observations } from '../../gate/observation.ts'
import type { Judgement } from '../../gate/verdict.ts'
import { addEntry, findEntry } from '../../postgres/cache.ts'
import { type Places, findPlaces } from '../../postgres/places.ts'

/** What is kept of a check that has judged: its judgement, and the pages behind what it can say. */
interface Remembered {
  readonly judgement: Judgement
  readonly explanations: readonly Explanation[]
}

export interface RememberRequest {
  readonly ids: readonly string[]
  readonly subjects: readonly { readonly observations: Observations }[]
  readonly context: JudgeContext
  readonly version: string
  readonly useCache: boolean
}

/**
 * The checks of a run, ready to judge. A check that judges the same observations as an earlier run of the same build is
 * not even loaded: it repeats its judgement. Everything else is as if nothing was kept.
 */
export async function checksToJudge(request: RememberRequest): Promise<Check[]> {
  return await Promise.all(request.ids.map(async (id) => await checkToJudge(id, request)))
}

async function checkToJudge(id: string, request: RememberRequest): Promise<Check> {
  const memo = request.useCache ? await loadMemo(id) : null
  if (memo === null) return await loaded(id)
  const places = findPlaces()
  const keys = new Map<Observations, string>()
  for (const { observations } of request.subjects) {
    // What cannot be judged for want of an observation is not remembered either.
    if (memo.needs.some((kind) => observations.maybe(kind) === undefined)) return await loaded(id)
    keys.set(observations, keyOf('judgement', memo, request.version, memo.identity(observations, request.context)))
  }
  const known = new Map([...keys].map(([observations, key]) => [observations, rememberedAt(places, key)]))
  const first = [...known.values()].find((one) => one !== null)
  if (first !== undefined && first !== null && ![...known.values()].includes(null)) {
    return { ...memo, explanations: first.explanations, judge: (observations) => judgementIn(known, observations) }
  }
  return remembering(withPriors(await loaded(id), memo, request, places), places, keys)
}

/** The check, given what it would make again of what is live. */
function withPriors(check: Check, memo: Memo, request: RememberRequest, places: Places): Check {
  const { prior } = check
  if (prior === undefined || memo.priorIdentity === undefined) return check
  const { priorIdentity } = memo
  return {
    ...check,
    judge: (observations, context) => {
      const key = keyOf('prior', memo, request.version, priorIdentity(observations))
      const kept = recall(places, key)
      const value = kept ?? prior(observations)
      if (kept === null) keep(places, key, value)
      return check.judge(observations, { ...context, prior: value })
    },
  }
}

async function loaded(id: string): Promise<Check> {
  const [check] = await loadChecks([id])
  if (check === undefined) throw new Error(`there is no check ${id}`)
  await check.prepare?.()
  return check
}

/** A name in the cache for what this build of the program makes of that input. */
const keyOf = (what: string, memo: Memo, version: string, identity: unknown): string =>
  // Not the canonical form: another order of keys only means that it is made anew.
  `${what}-${sha256(JSON.stringify([memo.id, memo.version, version, buildOf(), identity])).slice(0, 40)}`

/** In a checkout the rules change without a version: the time of their newest change stands for them. */
function buildOf(): string {
  const own = fileURLToPath(import.meta.url)
  // A package is told from another one of the same version by where it lies and when it was put there.
  if (!own.endsWith('.ts')) return `${own} ${statSync(own).mtimeMs}`
  const src = path.dirname(path.dirname(path.dirname(own)))
  const times = ['checks', 'gate', 'sql'].flatMap((room) =>
    readdirSync(path.join(src, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(path.join(entry.parentPath, entry.name)).mtimeMs),
  )
  return `${src} ${times.length} ${Math.max(...times)}`
}

const FILE = 'kept.json'

/** Keeps a value for later runs, beside what this one does. A cache that cannot be written to is no reason to fail. */
function keep(places: Places, key: string, value: unknown): void {
  const text = JSON.stringify(value)
  // Nobody's but ours: the account that servers run as must not be able to write a judgement.
  void addEntry({ ...places, account: null }, key, async (content) => await fill(content, text)).catch(() => undefined)
}

async function fill(content: string, text: string): Promise<{ bytes: number; note: object }> {
  await mkdir(content, { mode: 0o700 })
  await writeFile(path.join(content, FILE), text, { mode: 0o600 })
  return { bytes: Buffer.byteLength(text), note: {} }
}

/** What an earlier run of this build kept, in a folder of this user's; null if there is nothing, or nothing whole. */
function recall(places: Places, key: string): unknown {
  const entry = findEntry(places, key)
  if (entry === null) return null
  try {
    return JSON.parse(readFileSync(path.join(entry.content, FILE), 'utf8'))
  } catch {
    return null // Cut short or not readable: it is made anew.
  }
}

function rememberedAt(places: Places, key: string): Remembered | null {
  const kept = recall(places, key)
  if (typeof kept !== 'object' || kept === null || !('judgement' in kept) || !('explanations' in kept)) return null
  // Written by `remembering` under a key that names this build.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return kept as Remembered
}

function judgementIn(known: ReadonlyMap<Observations, Remembered | null>, observations: Observations): Judgement {
  const found = known.get(observations)
  if (found === undefined || found === null) throw new Error('a remembered judgement was asked for other observations')
  return found.judgement
}

/** The check itself, which keeps what it says. */
function remembering(check: Check, places: Places, keys: ReadonlyMap<Observations, string>): Check {
  return {
    ...check,
    judge: (observations, context) => {
      const judgement = check.judge(observations, context)
      const key = keys.get(observations)
      if (key !== undefined) {
        keep(places, key, { judgement, explanations: check.explanations } satisfies Remembered)
      }
      return judgement
    },
  }
}
