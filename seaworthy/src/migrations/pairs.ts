import type { FileReader, TreeProblem } from './model.ts'

/** A migration file whose name was understood. */
export interface NamedFile {
  readonly path: string
  /** As written. */
  readonly version: string
  /** As the tool stores it. */
  readonly key: string
  readonly name: string
}

export interface Pair {
  readonly up: NamedFile
  readonly down: NamedFile | null
}

/**
 * Gives each up file its down file. Tools pair by version alone; where two files share a version, the one with the
 * up's own name goes first. A down file with another name than its up, and one without any up, are said.
 */
export function pair(
  ups: readonly NamedFile[],
  downs: readonly NamedFile[],
  tool: { readonly title: string; readonly orphanDown: string },
  files: FileReader,
): { readonly pairs: readonly Pair[]; readonly problems: readonly TreeProblem[] } {
  const left = new Map<string, NamedFile[]>()
  for (const down of downs) left.set(down.key, [...(left.get(down.key) ?? []), down])
  const take = (key: string, name: string | null): NamedFile | null => {
    const waiting = left.get(key) ?? []
    const index = name === null ? 0 : waiting.findIndex((one) => one.name === name)
    return index < 0 ? null : (waiting.splice(index, 1)[0] ?? null)
  }
  const byName = ups.map((up) => ({ up, down: take(up.key, up.name) }))
  const problems: TreeProblem[] = []
  const pairs = byName.map(({ up, down }) => {
    if (down !== null) return { up, down }
    const other = take(up.key, null)
    if (other !== null) problems.push(otherName(up, other, tool.title, files))
    return { up, down: other }
  })
  const orphans = [...left.values()].flat()
  problems.push(...orphans.map((down) => orphan(down, tool.orphanDown, files)))
  return { pairs, problems }
}

const otherName = (up: NamedFile, down: NamedFile, title: string, files: FileReader): TreeProblem => ({
  kind: 'misnamed-file',
  file: files.place(down.path),
  message: `the down file of ${up.version} has another name than its up file ${up.path}; ${title} pairs them by version and would run it`,
  hint: `If they belong together, give it the name of ${up.path}; else give it its own version.`,
  isOpaque: false,
})

const orphan = (down: NamedFile, message: string, files: FileReader): TreeProblem => ({
  kind: 'orphan-down',
  file: files.place(down.path),
  message,
  hint: 'Add the up file that it takes back, or remove it.',
  isOpaque: false,
})
