import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { CONFIG_NAMES, findConfig } from '../../config/load.ts'
import { notHere, type NotHere, type WorldChange } from '../../gate/drill/drill.ts'
import type { Observations } from '../../gate/observation.ts'
import { commitDetached } from '../../git/working-copy.ts'
import { JOURNAL, withoutEntries } from '../../migrations/drizzle-journal.ts'
import { formatNamed } from '../../migrations/formats.ts'
import type { MigrationTree } from '../../migrations/model.ts'
import { branches } from '../../observers/branches/kind.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import type { CheckRequest } from '../check/request.ts'
import { type ProjectCopy, within } from './copy.ts'
import type { BadWorld } from '../check/judged-run.ts'
import { takenInLedger, takenOnBranches } from '../reserve/taken.ts'

/** What is known of the project in which a bad world is made. */
export interface WorldPlace {
  readonly copy: ProjectCopy
  /** Of the folder, as the control observed it. */
  readonly observations: Observations
  /** Where a configuration is looked for; absolute, in the copy. */
  readonly configStart: string
  /** The one that the user named, absolute; null where it is found. */
  readonly configFile: string | null
  /** Whether there is a commit that a release could be made on. */
  readonly hasHistory: boolean
  readonly env: NodeJS.ProcessEnv
}

/** What every run of a drill asks: what the user asks, without anything that is written. */
export const drilled = (asked: CheckRequest): CheckRequest => ({ ...asked, evidence: null, reports: [] })

/** Makes the change in the copy, and says what the run has to be asked besides. Nothing outside of the copy is written. */
export async function makeWorld(
  change: WorldChange,
  place: WorldPlace,
  serverUrl: string | null,
): Promise<BadWorld | NotHere> {
  const { copy, observations } = place
  const { query, action, inputs = [], configuration } = change
  const isAlone = change.isReleaseTakenOut === true
  const { tree, files } = isAlone
    ? await withoutRelease(observations, copy)
    : { tree: observations.need(migrationTree), files: [] }
  const written = [
    ...files,
    ...(change.migration === undefined ? [] : migrationFiles(change.migration, tree, observations)),
    ...(change.files ?? []),
  ]
  for (const { file, text } of written) await copy.write(file, text)
  if (configuration !== undefined) {
    const brought = await bringConfiguration(configuration, place)
    if (!Array.isArray(brought)) return brought
    const kept = written.filter(({ text }) => text !== null).map(({ file }) => file)
    await commitDetached(copy.root, [...new Set([...brought, ...kept])], place.env)
  }
  return {
    inputs,
    request: (asked) => ({
      ...drilled(asked),
      action: action ?? asked.action,
      serverUrl: serverUrl ?? asked.serverUrl,
      inputs: query === undefined ? asked.inputs : { ...asked.inputs, workload: path.join(copy.beside, WORKLOAD) },
    }),
  }
}

const WORKLOAD = 'workload.sql'

/** Puts a query beside those of the user; `workload` is their text, if there is one. */
export const writeWorkload = async (copy: ProjectCopy, workload: string | null, query: string): Promise<void> =>
  await writeFile(path.join(copy.beside, WORKLOAD), `${workload?.trimEnd() ?? ''}\n${query};\n`)

/** The tree that is left when nothing is pending any more, and the files that this takes. New ones get a slot behind the release's. */
async function withoutRelease(
  observations: Observations,
  copy: ProjectCopy,
): Promise<{ readonly tree: MigrationTree; readonly files: NonNullable<WorldChange['files']> }> {
  const tree = observations.need(migrationTree)
  const files = new Set(observations.need(pending).files)
  const release = tree.migrations.filter(({ up }) => files.has(up.file))
  // For these a folder is a migration, with whatever else lies in it.
  const isFolder = tree.format === 'diesel' || tree.format === 'prisma'
  const removed = await Promise.all(
    release.map(async ({ up, down }) =>
      isFolder ? await copy.filesIn(path.posix.dirname(up.file)) : [up.file, ...(down === null ? [] : [down.file])],
    ),
  )
  const gone = removed.flat().map((file) => ({ file, text: null }))
  if (tree.journal === undefined) return { tree, files: gone }
  const journal = withoutEntries(tree.journal, new Set(release.map(({ ledgerKey }) => ledgerKey)))
  return {
    tree: { ...tree, journal },
    files: [...gone, { file: inFolder(tree, JOURNAL), text: journal }],
  }
}

const inFolder = ({ folder }: MigrationTree, file: string): string => (folder === '.' ? file : `${folder}/${file}`)

/** The files of a new migration, as its tool would name them. */
function migrationFiles(
  { name, up, down }: NonNullable<WorldChange['migration']>,
  tree: MigrationTree,
  observations: Observations,
): NonNullable<WorldChange['files']> {
  const [applied, others] = [observations.find(ledger), observations.find(branches)]
  const taken = [
    ...(applied?.status === 'observed' ? takenInLedger(applied, tree) : []),
    ...(others?.status === 'observed' ? takenOnBranches(others, () => undefined) : []),
  ]
  const slot = formatNamed(tree.format).nextSlot(tree, taken, name, new Date())
  return slot.files.map((file) => ({
    file: inFolder(tree, file.path),
    text: /(?:^|[./])down\.sql$/.test(file.path)
      ? (down ?? 'SELECT 1;\n')
      : file.path.endsWith('.sql')
        ? up
        : file.text,
  }))
}

/** Writes the release's own configuration in the place of the user's, and returns its files: it has to be committed with the release. */
async function bringConfiguration(
  settings: Readonly<Record<string, unknown>>,
  { copy, configStart, configFile, hasHistory }: WorldPlace,
): Promise<string[] | NotHere> {
  if (!hasHistory) return notHere('without git nothing tells what came with a release')
  const found = configFile ?? findConfig(configStart, copy.root)
  const file = found === null ? (CONFIG_NAMES.at(-1) ?? null) : within(copy.root, found)
  if (file === null) return notHere('the configuration lies outside of the project, so no release can bring one')
  const before = await copy.read(file)
  if (file.endsWith('.json')) {
    const configured: unknown = before === null ? {} : JSON.parse(before)
    await copy.write(file, `${JSON.stringify(over(isRecord(configured) ? configured : {}, settings), null, 2)}\n`)
    return [file]
  }
  const name = `before-the-release-${path.posix.basename(file)}`
  const beside = path.posix.join(path.posix.dirname(file), name)
  await copy.write(beside, before)
  await copy.write(file, importing(name, settings))
  return [file, beside]
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Settings over others: a section keeps what it has, a list grows. */
function over(
  before: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...before }
  for (const [name, value] of Object.entries(settings)) {
    const old = before[name]
    if (isRecord(old) && isRecord(value)) merged[name] = over(old, value)
    else merged[name] = Array.isArray(old) && Array.isArray(value) ? [...old, ...value] : value
  }
  return merged
}

/** The same as a module, which takes the user's own configuration as it is. */
const importing = (name: string, settings: Readonly<Record<string, unknown>>): string => `import before from './${name}'

const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const over = (old, value) => {
  if (isRecord(old) && isRecord(value)) {
    return { ...old, ...Object.fromEntries(Object.entries(value).map(([key, one]) => [key, over(old[key], one)])) }
  }
  return Array.isArray(old) && Array.isArray(value) ? [...old, ...value] : value
}

export default over(before, ${JSON.stringify(settings)})
`

/** A server on this machine that hangs up on everybody. Closed with `using`. */
export async function refusingServer(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `postgresql://drill@127.0.0.1:${port}/drill`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}
