import { randomUUID } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { SeaworthyError } from '../gate/error.ts'
import type { Config } from './define.ts'

/** The names under which a configuration is found by itself, in this order. */
export const CONFIG_NAMES = [
  'seaworthy.config.ts',
  'seaworthy.config.js',
  'seaworthy.config.mjs',
  'seaworthy.config.json',
]

const LARGEST_CONFIG_BYTES = 1_000_000

/** A configuration with the place from which its relative paths count. */
export interface LoadedConfig {
  readonly config: Config
  /** Where it was read from, for people: a path, or `REF:path`. Null when there is none. */
  readonly source: string | null
  /** Absolute folder that its relative paths start from. */
  readonly base: string
}

/** Finds a configuration in `folder` or above, up to and including `root`. Null if there is none. */
export function findConfig(folder: string, root: string): string | null {
  for (let at = folder; ; at = path.dirname(at)) {
    for (const name of CONFIG_NAMES) if (existsSync(path.join(at, name))) return path.join(at, name)
    if (at === root || at === path.dirname(at)) return null
  }
}

/** Loads a configuration file. TypeScript is run as it is. Throws SeaworthyError('config') with every complaint. */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  if (!existsSync(file)) {
    throw new SeaworthyError('config', `there is no configuration at ${file}`, {
      hint: 'Mend --config, or leave it out.',
    })
  }
  // A pipe would keep whoever loads it waiting for ever.
  if (!statSync(file).isFile()) {
    throw new SeaworthyError('config', `the configuration ${file} is no regular file`, {
      hint: 'Remove what lies there, or name another file with --config.',
    })
  }
  const content = file.endsWith('.json') ? await readJson(file) : await importDefault(file, file)
  return { config: await parsed(content, file), source: file, base: path.dirname(file) }
}

/**
 * Loads a configuration whose text comes from a base revision (`--config-from`), so that a candidate cannot loosen its
 * own gate. Its own imports would come from the candidate's tree, so it may import nothing but `seaworthy`.
 * `file` is where the text would lie in the checkout.
 */
export async function loadConfigText(text: string, file: string, source: string): Promise<LoadedConfig> {
  const base = path.dirname(file)
  if (file.endsWith('.json')) return { config: await parsed(parseJson(text, source), source), source, base }
  const folder = await mkdtemp(path.join(tmpdir(), 'seaworthy-config-'))
  try {
    const copy = path.join(folder, `${randomUUID()}${path.extname(file)}`)
    await mkdir(folder, { recursive: true })
    await writeFile(copy, text, { mode: 0o600 })
    return { config: await parsed(await importDefault(copy, source), source), source, base }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8')
  if (text.length > LARGEST_CONFIG_BYTES) throw new SeaworthyError('config', `${file} is too large for a configuration`)
  return parseJson(text, file)
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new SeaworthyError('config', `${source} is not JSON: ${messageOf(error)}`, { cause: error })
  }
}

async function importDefault(file: string, source: string): Promise<unknown> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'seaworthy' ? { url: OWN_INDEX, shortCircuit: true } : next(specifier, context),
  })
  try {
    const module: unknown = await import(pathToFileURL(file).href)
    if (typeof module === 'object' && module !== null && 'default' in module) return module.default
    throw new SeaworthyError('config', `${source} has no default export`, {
      hint: "Write: import { defineConfig } from 'seaworthy'; export default defineConfig({ … })",
    })
  } catch (error) {
    if (error instanceof SeaworthyError) throw error
    throw new SeaworthyError('config', `${source} could not be loaded: ${messageOf(error)}`, {
      hint: 'Mend the file. With --config-from it may import nothing but seaworthy.',
      cause: error,
    })
  } finally {
    hooks.deregister()
  }
}

/** This package's own entry, so that a configuration loads without an installed copy (npx). */
const OWN_INDEX = new URL(import.meta.url.endsWith('.ts') ? '../index.ts' : '../index.js', import.meta.url).href

async function parsed(content: unknown, source: string): Promise<Config> {
  const { parseConfig } = await import('./schema.ts')
  const result = parseConfig(content)
  if ('config' in result) return result.config
  throw new SeaworthyError('config', `${source} is not a valid configuration:\n  ${result.complaints.join('\n  ')}`, {
    hint: 'docs/reference/configuration.md lists every key.',
  })
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
