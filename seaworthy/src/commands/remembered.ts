import { readFileSync, readdirSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadChecks, loadMemo } from '../checks/index.ts'
import { sha256 } from '../gate/canonical.ts'
import type { Check, JudgeContext, Memo } from '../gate/check.ts'
import type { Explanation } from '../gate/finding.ts'
import type { Observations } from '../gate/observation.ts'
import type { Judgement } from '../gate/verdict.ts'
import { addEntry, findEntry } from '../postgres/cache.ts'
import { type Places, findPlaces } from '../postgres/places.ts'

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
    const identity = identityOf(memo, observations, request)
    if (identity === null) return await loaded(id)
    keys.set(observations, identity)
  }
  const known = new Map([...keys].map(([observations, key]) => [observations, recall(places, key)]))
  const first = [...known.values()].find((one) => one !== null)
  if (first !== undefined && first !== null && ![...known.values()].includes(null)) {
    return { ...memo, explanations: first.explanations, judge: (observations) => judgementIn(known, observations) }
  }
  return remembering(await loaded(id), places, keys)
}

async function loaded(id: string): Promise<Check> {
  const [check] = await loadChecks([id])
  if (check === undefined) throw new Error(`there is no check ${id}`)
  await check.prepare?.()
  return check
}

/** Null where something needed is missing: what cannot be judged is not remembered either. */
function identityOf(memo: Memo, observations: Observations, { context, version }: RememberRequest): string | null {
  if (memo.needs.some((kind) => observations.maybe(kind) === undefined)) return null
  const identity = [memo.id, memo.version, version, buildOf(), memo.identity(observations, context)]
  // Not the canonical form: another order of keys only means that it is judged anew.
  return `judgement-${sha256(JSON.stringify(identity)).slice(0, 40)}`
}

/** In a checkout the rules change without a version: the time of their newest change stands for them. */
function buildOf(): string {
  const own = fileURLToPath(import.meta.url)
  if (!own.endsWith('.ts')) return 'package'
  const src = path.dirname(path.dirname(own))
  const times = ['checks', 'gate', 'sql'].flatMap((room) =>
    readdirSync(path.join(src, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(path.join(entry.parentPath, entry.name)).mtimeMs),
  )
  return `${src} ${times.length} ${Math.max(...times)}`
}

const FILE = 'judgement.json'

async function fill(content: string, text: string): Promise<{ bytes: number; note: object }> {
  await mkdir(content, { mode: 0o700 })
  await writeFile(path.join(content, FILE), text, { mode: 0o600 })
  return { bytes: Buffer.byteLength(text), note: {} }
}

function recall(places: Places, key: string): Remembered | null {
  const entry = findEntry(places, key)
  if (entry === null) return null
  try {
    const kept: unknown = JSON.parse(readFileSync(path.join(entry.content, FILE), 'utf8'))
    if (typeof kept !== 'object' || kept === null || !('judgement' in kept) || !('explanations' in kept)) return null
    // Written by `remembering` under a key that names this build, into a folder of this user's.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return kept as Remembered
  } catch {
    return null // Cut short or not readable: it is judged anew.
  }
}

function judgementIn(known: ReadonlyMap<Observations, Remembered | null>, observations: Observations): Judgement {
  const found = known.get(observations)
  if (found === undefined || found === null) throw new Error('a remembered judgement was asked for other observations')
  return found.judgement
}

/** The check itself, which keeps what it says. A cache that cannot be written to is no reason to fail. */
function remembering(check: Check, places: Places, keys: ReadonlyMap<Observations, string>): Check {
  return {
    ...check,
    judge: (observations, context) => {
      const judgement = check.judge(observations, context)
      const key = keys.get(observations)
      if (key !== undefined) {
        const text = JSON.stringify({ judgement, explanations: check.explanations } satisfies Remembered)
        void addEntry(places, key, async (content) => await fill(content, text)).catch(() => undefined)
      }
      return judgement
    },
  }
}
