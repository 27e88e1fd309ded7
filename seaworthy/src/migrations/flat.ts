import type { Checksums } from './checksums.ts'
import type { FileReader, FolderListing, Migration, ReadFolder, SendMode, TreeProblem } from './model.ts'
import { compareNumbers, compareText, topFiles } from './naming.ts'
import { type NamedFile, type Pair, pair } from './pairs.ts'
import { type Misnamed, halvedBy, halvedProblem, strayProblem } from './stray.ts'

/** What sets one tool with all its files in one folder apart from another. */
export interface FlatTool {
  readonly title: string
  /** What the tool does with a down file that has no up file, in one sentence. */
  readonly orphanDown: string
  /** The parts of a file's name; null if it is none of the tool's. */
  readonly parse: (name: string) => (NamedFile & { readonly direction: 'up' | 'down' }) | null
  /** Asked before anything else of each file that the tool would read, though it should not be there. */
  readonly refuse?: (name: string, files: FileReader) => TreeProblem | null
  readonly misnamed: (path: string) => Misnamed
  readonly send: (text: string) => SendMode
  readonly checksums: (text: string) => Checksums
  /** Whether files with another tool's up and down marks are refused. */
  readonly refusesHalves: boolean
}

/** Reads a folder in which every migration is a file, or a pair of files, directly in it. */
export async function readFlat(listing: FolderListing, files: FileReader, tool: FlatTool): Promise<ReadFolder> {
  const { ups, downs, problems } = sortOut(listing, files, tool)
  const paired = pair(ups, downs, tool, files)
  problems.push(...paired.problems)
  const migrations: Migration[] = []
  const halved = new Map<string, string[]>()
  for (const one of paired.pairs) {
    const read = await readPair(one, files, tool)
    problems.push(...read.problems)
    if (read.halvedBy !== null) halved.set(read.halvedBy, [...(halved.get(read.halvedBy) ?? []), one.up.path])
    else if (read.migration !== null) migrations.push(read.migration)
  }
  for (const [by, paths] of halved) problems.push(halvedProblem(by, paths, files))
  return { transaction: 'per-file', migrations, problems }
}

function sortOut(
  listing: FolderListing,
  files: FileReader,
  tool: FlatTool,
): { readonly ups: NamedFile[]; readonly downs: NamedFile[]; readonly problems: TreeProblem[] } {
  const ups: NamedFile[] = []
  const downs: NamedFile[] = []
  const problems: TreeProblem[] = []
  for (const path of topFiles(listing)) {
    const refused = tool.refuse?.(path, files) ?? null
    const named = refused === null ? tool.parse(path) : null
    if (named !== null) (named.direction === 'up' ? ups : downs).push(named)
    const problem = named === null ? (refused ?? strayProblem(path, files, tool.misnamed)) : null
    if (problem !== null) problems.push(problem)
  }
  return { ups: ups.sort(inOrder), downs: downs.sort(inOrder), problems }
}

/** By number; two files of one version stay side by side, in the order of their names. */
const inOrder = (a: NamedFile, b: NamedFile): number => compareNumbers(a.key, b.key) || compareText(a.path, b.path)

interface ReadPair {
  readonly migration: Migration | null
  readonly halvedBy: string | null
  readonly problems: readonly TreeProblem[]
}

async function readPair({ up, down }: Pair, files: FileReader, tool: FlatTool): Promise<ReadPair> {
  const upText = await files.text(up.path)
  const downText = down === null ? null : await files.text(down.path)
  const problems = [upText, downText].flatMap((read) => (read !== null && 'problem' in read ? [read.problem] : []))
  if ('problem' in upText) return { migration: null, halvedBy: null, problems }
  const halves = tool.refusesHalves ? halvedBy(upText.text) : null
  if (halves !== null) return { migration: null, halvedBy: halves, problems }
  const migration: Migration = {
    version: up.version,
    name: up.name,
    ledgerKey: up.key,
    up: { file: files.place(up.path), text: upText.text, send: tool.send(upText.text), pieces: null },
    down:
      down === null || downText === null || 'problem' in downText
        ? null
        : { file: files.place(down.path), text: downText.text, send: tool.send(downText.text), pieces: null },
    ...tool.checksums(upText.text),
  }
  return { migration, halvedBy: null, problems }
}
