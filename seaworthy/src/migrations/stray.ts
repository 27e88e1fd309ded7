import type { FileReader, TreeProblem } from './model.ts'

/** Files that no tool takes for a migration and that nobody misses: notes, settings, what editors and merges leave. */
const HARMLESS = /\.(?:md|markdown|txt|json|toml|ya?ml|lock|sum|map|bak|orig|rej|swp|tmp)$|~$/i

/** Code beside migrations that is no migration: tests and type declarations. */
const NO_MIGRATION = /_test\.go$|[._](?:test|spec)\.[a-z]+$|\.d\.[cm]?ts$/i

const CODE: Readonly<Record<string, string>> = {
  go: 'Go',
  ts: 'TypeScript',
  mts: 'TypeScript',
  cts: 'TypeScript',
  js: 'JavaScript',
  mjs: 'JavaScript',
  cjs: 'JavaScript',
  py: 'Python',
  rs: 'Rust',
  rb: 'Ruby',
  php: 'PHP',
  exs: 'Elixir',
  sh: 'shell',
  java: 'Java',
  kt: 'Kotlin',
  cs: 'C#',
}

/** What the tool does with a file whose name it does not know, and what to do about it. */
export interface Misnamed {
  readonly message: string
  readonly hint: string
}

/**
 * What is to be said of a file that is none of the format's own; null if it plainly is no migration. A `.sql` file is
 * never passed over, nor is anything that begins with a version.
 */
export function strayProblem(
  path: string,
  files: FileReader,
  misnamed: (path: string) => Misnamed,
): TreeProblem | null {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name.startsWith('.') || HARMLESS.test(name) || NO_MIGRATION.test(name)) return null
  const isVersioned = /^[vV]?\d+/.test(name)
  const language = CODE[name.slice(name.lastIndexOf('.') + 1).toLowerCase()]
  if (language !== undefined) return isVersioned ? otherLanguage(path, language, files) : null
  if (!isVersioned && !/\.sql$/i.test(name)) return null
  return { kind: 'misnamed-file', file: files.place(path), ...misnamed(path), isOpaque: false }
}

/** A migration in code: what it does cannot be rehearsed from its text. */
export const otherLanguage = (path: string, language: string, files: FileReader): TreeProblem => ({
  kind: 'other-language',
  file: files.place(path),
  message: `a migration in ${language} stands between the SQL files: Seaworthy does not run it, so what follows it was tried without it`,
  hint: 'Write it as SQL, or let the rehearsal start after it (--baseline VERSION) on a server on which it has run (--server URL).',
  isOpaque: true,
})

/** So many files with one and the same problem are still named each for itself. */
const MOST_ALIKE = 3

/** Many files of which the same is to be said become one problem that names the first of them. */
export function folded(problems: readonly TreeProblem[]): TreeProblem[] {
  const alike = Map.groupBy(problems, ({ kind, message }) => `${kind} ${message}`)
  return [...alike.values()].flatMap((group) => {
    const [first, ...rest] = group
    if (first === undefined || group.length <= MOST_ALIKE) return group
    const others = rest.flatMap((one) => [one.file, ...(one.others ?? [])])
    const names = others.slice(0, 2).map((file) => file.split('/').slice(-2).join('/'))
    const more = others.length > names.length ? ` and ${others.length - names.length} more` : ''
    return [
      {
        ...first,
        others,
        message: `${first.message}; so it is with ${others.length} other files (${names.join(', ')}${more})`,
      },
    ]
  })
}

/** Marks by which other tools divide one file into an up and a down half. */
const MARKS: readonly { readonly tool: string; readonly mark: RegExp }[] = [
  { tool: 'goose', mark: /^[ \t]*--[ \t]*\+goose[ \t]+(?:Up|Down)\b/im },
  { tool: 'dbmate', mark: /^[ \t]*--[ \t]*migrate:(?:up|down)\b/im },
  { tool: 'sql-migrate', mark: /^[ \t]*--[ \t]*\+migrate[ \t]+(?:Up|Down)\b/im },
  { tool: 'node-pg-migrate', mark: /^[ \t]*--[ \t]*(?:Up|Down) Migration\b/im },
  { tool: 'play evolutions', mark: /^[ \t]*(?:#|--)[ \t]*---[ \t]*!(?:Ups|Downs)\b/im },
]

/**
 * The tool whose up and down marks divide this file; null if there are none. Sent whole, such a file would do its up
 * half and take it back at once, and everything would seem to work.
 */
export const halvedBy = (text: string): string | null =>
  text.includes('--') ? (MARKS.find(({ mark }) => mark.test(text))?.tool ?? null) : null

/** One problem for all files of a folder that another tool's marks divide. */
export function halvedProblem(tool: string, paths: readonly string[], files: FileReader): TreeProblem {
  const others = paths.length > 1 ? ` (and ${paths.length - 1} more)` : ''
  return {
    kind: 'bad-metadata',
    file: files.place(paths[0] ?? ''),
    others: paths.slice(1).map((path) => files.place(path)),
    message: `this file${others} holds an up and a down half in the format of ${tool}, which Seaworthy does not read yet: none of it was tried`,
    hint: `Nothing is proved for ${tool} folders; a command that migrates the database with ${tool} itself is the way until they are read.`,
    isOpaque: true,
  }
}
