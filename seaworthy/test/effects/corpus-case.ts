import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { FormatName } from '../../src/migrations/model.ts'
import { isFormatName } from '../../src/migrations/formats.ts'

/** The corpus: what is live, migrations that must be refused, and migrations that must pass without a word. */
export const CORPUS = join(import.meta.dirname, '../fixtures/effects')

/** One migration (or several that are pending together) of the corpus, as its file says. */
export interface Case {
  /** The file's name without `.sql`. */
  readonly name: string
  /** What production would suffer; of a harmless one, why it is good practice. */
  readonly why: string
  /** Families or codes of findings, one of which has to be there at error. */
  readonly families: readonly string[]
  /** What a refusing finding has to name. */
  readonly names: string
  /** What its proof has to tell of what was observed; empty where any will do. */
  readonly proof: string
  readonly verdict: 'fail' | 'unproven'
  readonly format: FormatName
  readonly roles: 'single' | 'split'
  readonly profile: 'online' | 'additive'
  /** Majors of PostgreSQL that know the syntax. */
  readonly minVersion: number
  /** Further live files. */
  readonly given: readonly string[]
  /** Pending files, in order. */
  readonly pending: readonly string[]
}

const KEYS = new Set([
  'harm',
  'good',
  'family',
  'names',
  'proof',
  'verdict',
  'because',
  'format',
  'roles',
  'profile',
  'min-version',
])

/** Every case of one half of the corpus, by name. */
export const casesIn = (folder: 'harmful' | 'harmless'): Case[] =>
  readdirSync(join(CORPUS, folder))
    .toSorted()
    .map((file) => parseCase(basename(file, '.sql'), readFileSync(join(CORPUS, folder, file), 'utf8'), folder))

/** The live migrations, in order: name and text. */
export const liveFiles = (): { name: string; text: string }[] =>
  readdirSync(join(CORPUS, 'live'))
    .toSorted()
    .map((file) => ({ name: basename(file, '.sql'), text: readFileSync(join(CORPUS, 'live', file), 'utf8') }))

/**
 * Reads a case: lines `-- key: value` up to the first blank line; then the pending migration, or several parts that each
 * begin with a line `-- given:` (a further live file) or `-- pending:`. Throws for anything it does not know.
 */
export function parseCase(name: string, text: string, folder: 'harmful' | 'harmless'): Case {
  const end = text.indexOf('\n\n')
  const header = readHeader(name, text.slice(0, end).split('\n'))
  const isHarmful = folder === 'harmful'
  const need = (key: string): string => {
    const value = header.get(key)
    if (value === undefined || value === '') throw new Error(`${name}: the header lacks "${key}"`)
    return value
  }
  const { given, pending } = partsOf(text.slice(end + 2))
  const verdict = oneOf(['fail', 'unproven'], header.get('verdict') ?? 'fail')
  if (verdict === 'unproven') need('because')
  return {
    name,
    why: need(isHarmful ? 'harm' : 'good'),
    families: isHarmful ? need('family').split(/,\s*/) : [],
    names: isHarmful ? need('names') : '',
    proof: header.get('proof') ?? '',
    verdict,
    format: formatOf(header.get('format') ?? 'golang-migrate'),
    roles: oneOf(['single', 'split'], header.get('roles') ?? 'single'),
    profile: oneOf(['online', 'additive'], header.get('profile') ?? 'online'),
    minVersion: Number(header.get('min-version') ?? '0'),
    given,
    pending,
  }
}

function readHeader(name: string, lines: readonly string[]): Map<string, string> {
  const header = new Map<string, string>()
  for (const line of lines) {
    const [, key = '', value = ''] = /^-- ([a-z-]+): (.+)$/.exec(line) ?? []
    if (!KEYS.has(key)) throw new Error(`${name}: this line of its header is not understood: ${line}`)
    header.set(key, value.trim())
  }
  return header
}

function partsOf(body: string): { given: string[]; pending: string[] } {
  const [first = '', ...rest] = body.split(/^-- (given|pending):\n/m)
  const parts = { given: [] as string[], pending: first.trim() === '' ? [] : [first] }
  for (let at = 0; at + 1 < rest.length; at += 2)
    parts[oneOf(['given', 'pending'], rest[at] ?? '')].push(rest[at + 1] ?? '')
  return parts
}

function oneOf<T extends string>(choices: readonly T[], value: string): T {
  const found = choices.find((one) => one === value)
  if (found === undefined) throw new Error(`${value} is none of ${choices.join(', ')}`)
  return found
}

function formatOf(name: string): FormatName {
  if (!isFormatName(name)) throw new Error(`there is no format ${name}`)
  return name
}
