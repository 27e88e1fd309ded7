import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import type { BinariesPackage } from './binaries.ts'
import { addEntry, findEntry } from './cache.ts'
import { sizeOf } from './copy-tree.ts'
import { canReach, findPlaces } from './places.ts'

/** One link that the package's install script would make; both paths are relative to the package's folder. */
interface Link {
  readonly source: string
  readonly target: string
}

/**
 * The package's `native` folder in a state in which it runs: with its library links, which npm does not pack and which we
 * make ourselves, since install scripts are often disabled; and where the server's account can reach it. In place if
 * that can be, else in a copy in the cache (60 MB, once a version).
 */
export async function reachablePackage(found: BinariesPackage): Promise<string> {
  const places = findPlaces()
  const native = join(found.folder, 'native')
  const links = readLinks(found.folder)
  if (canReach(join(native, 'bin'), places.account) && completeInPlace(found.folder, links)) return native
  const name = `binaries-${found.version}-${process.platform}-${process.arch}`
  const entry =
    findEntry(places, name) ??
    (await addEntry(places, name, async (content) => {
      cpSync(native, join(content, 'native'), { recursive: true, verbatimSymlinks: true })
      makeLinks(content, links)
      openToReaders(content)
      return { bytes: sizeOf(content), note: { version: found.version } }
    }))
  return join(entry.content, 'native')
}

/** Whether every link is there, or could be made. */
function completeInPlace(folder: string, links: readonly Link[]): boolean {
  const missing = links.filter((link) => !existsSync(join(folder, link.target)))
  if (missing.length === 0) return true
  try {
    accessSync(join(folder, 'native', 'lib'), constants.W_OK)
    makeLinks(folder, missing)
    return true
  } catch {
    return false
  }
}

/** Two processes may do so at once: a link that is there already is as good. */
function makeLinks(folder: string, links: readonly Link[]): void {
  for (const { source, target } of links) {
    const path = join(folder, target)
    try {
      symlinkSync(basename(source), path)
    } catch (error) {
      if (!existsSync(path)) throw error
    }
  }
}

/** Nothing in the package is private, and the account must be able to read it whatever our umask is. */
function openToReaders(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) chmodSync(path, 0o755)
    else if (entry.isFile()) chmodSync(path, statSync(path).mode | 0o444)
  }
}

/** The package's own list. A link to another folder, or out of the package, is none that we make. */
function readLinks(folder: string): Link[] {
  const file = join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(file)) return []
  const list: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (!Array.isArray(list)) return []
  return list.filter((link): link is Link => {
    if (typeof link !== 'object' || link === null || !('source' in link) || !('target' in link)) return false
    const { source, target } = link
    if (typeof source !== 'string' || typeof target !== 'string') return false
    return dirname(source) === dirname(target) && join(target).startsWith(`native${sep}`)
  })
}
