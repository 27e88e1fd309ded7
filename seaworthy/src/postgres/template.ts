import { join } from 'node:path'
import { sha256 } from '../gate/canonical.ts'
import { SeaworthyError } from '../gate/error.ts'
import type { Binaries } from './binaries.ts'
import { addEntry, findEntry } from './cache.ts'
import { sizeOf } from './copy-tree.ts'
import type { Places } from './places.ts'
import { runProgram } from './program.ts'
import { explainFailure } from './server-log.ts'
import type { Snapshot } from './snapshots.ts'

/** Not `postgres`: dumps hand tables to a role of that name, and here that must be a plain one. */
export const SUPERUSER = 'seaworthy'

/** Raised whenever the same binaries would make another template. */
const TEMPLATE_VERSION = 1

/**
 * Locale settings in order of preference; a build or a system that lacks one takes the next. Tried with the embedded 18.4 and
 * Debian's 15.14, on a system with the locales C, C.utf8 and POSIX only:
 * - The collations C, POSIX, C.utf8, ucs_basic, und-x-icu, en-x-icu, en-US-x-icu (and 18's unicode, pg_c_utf8) are there
 *   under every choice: initdb imports what ICU and `locale -a` know, whatever the default provider is.
 * - "en_US" is there under none of them, since it comes from `locale -a`: see ADDED_COLLATIONS.
 * - libc with C.UTF-8, and the builtin provider of 17 and later, sort by code point ("B Z _ a é"), and libc with C does
 *   not know upper case beyond ASCII; ICU sorts as a usual production database (en_US.UTF-8) does ("_ a B é Z").
 * So ICU with en-US is nearest to production. PostgreSQL 14 and older have no ICU as a default.
 */
const LOCALES: readonly (readonly string[])[] = [
  ['--locale-provider=icu', '--icu-locale=en-US', '--locale=C.UTF-8'],
  ['--locale-provider=icu', '--icu-locale=en-US', '--locale=C'],
  ['--locale=C.UTF-8'],
  ['--locale=C'],
]

/** What the official images and Debian with its usual locale have, and a small system has not. */
const ADDED_COLLATIONS = ['en_US', 'en_US.utf8'] as const

/** Segments of 1 MB and no room kept for more of them: a stopped data folder is 24 MB instead of 39. */
const SIZE_OPTIONS = ['--wal-segsize=1'] as const

/**
 * A data folder fresh from initdb, made once for each build of PostgreSQL and kept in the cache (0.7 s).
 * @throws SeaworthyError('scratch-server') with what initdb said.
 */
export async function findTemplate(binaries: Binaries, places: Places, signal: AbortSignal): Promise<Snapshot> {
  const account = places.account?.name ?? 'self'
  const identity = [TEMPLATE_VERSION, SUPERUSER, binaries.build, account, LOCALES, SIZE_OPTIONS, ADDED_COLLATIONS]
  const name = `template-${sha256(JSON.stringify(identity)).slice(0, 32)}`
  const entry =
    findEntry(places, name) ??
    (await addEntry(places, name, async (content) => {
      const locale = await initialise(binaries, content, places, signal)
      await addCollations(binaries, content, places, signal)
      return { bytes: sizeOf(content), note: { build: binaries.build, locale } }
    }))
  return { dataDir: entry.content, note: entry.note, entry: entry.name }
}

/** Returns the locale options that worked. */
async function initialise(binaries: Binaries, content: string, places: Places, signal: AbortSignal): Promise<string> {
  let output = ''
  for (const locale of LOCALES) {
    const settings = ['-U', SUPERUSER, '--no-sync', '--auth=trust', '-E', 'UTF8', ...SIZE_OPTIONS]
    const args = ['-D', content, ...settings, ...locale]
    const ended = await runProgram(join(binaries.bin, 'initdb'), args, { account: places.account, signal })
    if (ended.code === 0) return locale.join(' ')
    output = ended.output
    // initdb removes what it began, so another choice starts from nothing. Any other trouble would only repeat itself.
    if (!/locale|ICU|unrecognized option|illegal option/.test(output)) break
  }
  const { message, hint } = explainFailure('make a data folder (initdb)', output, places.cache)
  throw new SeaworthyError('scratch-server', message, { hint })
}

/** In the server's single-user mode, which also opens template0. A build without ICU cannot have them and goes without. */
async function addCollations(binaries: Binaries, content: string, places: Places, signal: AbortSignal): Promise<void> {
  const input = ADDED_COLLATIONS.map(
    (name) => `create collation if not exists pg_catalog."${name}" (provider = icu, locale = 'en-US')\n`,
  ).join('')
  for (const database of ['template1', 'template0', 'postgres']) {
    const args = ['--single', '-D', content, '-c', 'fsync=off', '-c', 'min_wal_size=2MB', database]
    const ended = await runProgram(join(binaries.bin, 'postgres'), args, { account: places.account, signal, input })
    if (ended.code === 0) continue
    const { message, hint } = explainFailure('prepare a data folder', ended.output, places.cache)
    throw new SeaworthyError('scratch-server', message, { hint })
  }
}
