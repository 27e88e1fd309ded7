import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { opendir, stat } from 'node:fs/promises'
import path from 'node:path'
import { sha256 } from '../gate/canonical.ts'
import { LARGEST_ENVELOPE_BYTES } from '../gate/certificate/dsse.ts'
import { reasonOf, SeaworthyError } from '../gate/error.ts'
import type { Manifest } from '../gate/evidence.ts'
import { textOf, valueOf, valuesIn, weigher } from './json.ts'
import {
  ALWAYS_THERE,
  FILE_NAME,
  LARGEST_FILE_BYTES,
  layoutSchema,
  manifestSchema,
  MOST_FILES,
} from './manifest-schema.ts'
import { badBundle, problemOf, shown } from './problem.ts'

/** A bundle as it was read once: nobody looks at the folder again. */
export interface ReadBundle {
  readonly dir: string
  readonly manifest: Manifest
  /** Every file that the manifest lists, in its order, and `manifest.json` as the last one. Their digests are right. */
  readonly files: ReadonlyMap<string, string>
  /** The text of `certificate.json`; null for an unsigned bundle. Nobody has looked yet whose it is. */
  readonly certificate: string | null
}

const MANIFEST = 'manifest.json'
const CERTIFICATE = 'certificate.json'
const MANIFEST_LIMIT_BYTES = 16 * 1024 * 1024
/** All files together. */
const TOTAL_LIMIT_BYTES = 512 * 1024 * 1024
/** `observations/1/KIND.json` */
const DEEPEST = 3

/**
 * Reads an evidence bundle that anybody may have written. It has to be a folder with exactly the files that its manifest
 * lists, each of the size and digest that it says, and nothing else: no link, no device, no other file. Whether it is
 * signed, and by whom, is another question. Within the limits of 512 MB, 10,000 files, 256 MB a file.
 * @throws SeaworthyError with a `BundleProblem` (`problemOf`); without one where there is nothing at that place.
 */
export async function readBundle(dir: string): Promise<ReadBundle> {
  await refuseNoFolder(dir)
  const found = await filesBelow(dir)
  if (!found.has(MANIFEST)) throw badBundle('bundle/missing', MANIFEST, `there is no ${MANIFEST} in ${shown(dir)}`)
  const manifestBytes = bytesOf(dir, MANIFEST, { atMost: MANIFEST_LIMIT_BYTES })
  refuseHeavy(MANIFEST, manifestBytes)
  const manifestText = textOf(manifestBytes, MANIFEST)
  const manifest = manifestOf(manifestText)
  compareNames(manifest, found)
  const files = textsOf(dir, manifest)
  const certificate = found.has(CERTIFICATE)
    ? textOf(bytesOf(dir, CERTIFICATE, { atMost: LARGEST_ENVELOPE_BYTES }), CERTIFICATE)
    : null
  return { dir, manifest, files: files.set(MANIFEST, manifestText), certificate }
}

async function refuseNoFolder(dir: string): Promise<void> {
  let found: Stats
  try {
    found = await stat(dir)
  } catch (error) {
    if (isForbidden(error)) throw unreadable(dir, null, error)
    throw new SeaworthyError('unreadable', `the evidence in ${shown(dir)} cannot be read: ${reasonOf(error)}`, {
      hint: 'Name the folder that seaworthy check --evidence wrote.',
      cause: error,
    })
  }
  if (!found.isDirectory()) {
    throw badBundle(
      'bundle/not-a-folder',
      null,
      `${shown(dir)} is no folder, and a bundle is one: unpack an archive first, into an empty folder`,
    )
  }
}

/** Could not look: by its whole path, for whoever has to find it. */
const unreadable = (absolute: string, file: string | null, error: unknown): SeaworthyError =>
  badBundle('bundle/unreadable', file, `${shown(absolute)} cannot be read: ${reasonOf(error)}`)

const isForbidden = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM')

/** Every file below the folder, by its path with forward slashes. Nothing but files and folders may be there. */
async function filesBelow(dir: string): Promise<Set<string>> {
  const files = new Set<string>()
  const folders = ['']
  for (const folder of folders) {
    const isEmpty = await eachEntry(path.join(dir, folder), folder, (name, kind) => {
      const file = folder === '' ? name : `${folder}/${name}`
      if (kind === 'other')
        throw badBundle(
          'bundle/not-a-file',
          file,
          `${shown(file)} is neither a file nor a folder (links are not followed)`,
        )
      if (kind === 'file') files.add(file)
      else if (file.split('/').length < DEEPEST) folders.push(file)
      else throw badBundle('bundle/extra', file, `${shown(file)} is a folder that no bundle has`)
      if (files.size + folders.length > MOST_FILES * 2)
        throw badBundle('bundle/limit', null, `there are more than ${MOST_FILES} files`)
    })
    if (isEmpty && folder !== '') throw badBundle('bundle/extra', folder, `${shown(folder)} is a folder without a file`)
  }
  return files
}

/** Calls back for each entry; returns whether there was none. */
async function eachEntry(
  absolute: string,
  folder: string,
  take: (name: string, kind: 'file' | 'folder' | 'other') => void,
): Promise<boolean> {
  let isEmpty = true
  try {
    for await (const entry of await opendir(absolute, { bufferSize: 1_024 })) {
      isEmpty = false
      take(entry.name, entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other')
    }
  } catch (error) {
    if (problemOf(error) !== null) throw error
    throw unreadable(absolute, folder, error)
  }
  return isEmpty
}

/** The manifest, if it is one of this layout and its parts agree with each other. */
function manifestOf(text: string): Manifest {
  const value = valueOf(text, MANIFEST)
  const layout = layoutSchema.safeParse(value)
  if (!layout.success) throw badBundle('bundle/manifest', MANIFEST, `${MANIFEST} is not one of an evidence bundle`)
  if (layout.data.schemaVersion !== 2) {
    throw badBundle(
      'bundle/other-layout',
      MANIFEST,
      `the bundle has layout ${layout.data.schemaVersion}, and this version of Seaworthy reads layout 2`,
    )
  }
  const parsed = manifestSchema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = shown(issue?.path.join('.') ?? '')
    throw badBundle(
      'bundle/manifest',
      MANIFEST,
      `${MANIFEST} is none: ${where === '' ? '' : `${where}: `}${shown(issue?.message ?? '')}`,
    )
  }
  const manifest = parsed.data
  refuseContradictions(manifest)
  refuseTwice(manifest)
  return manifest
}

/** What has a claim of its own is named once: two claims of one name could not be told from each other. */
function refuseTwice({ subjects, candidate, request }: Manifest): void {
  const lists = [
    subjects.map((one) => one.name),
    candidate.migrations.map((one) => one.folder),
    request.folders.map((one) => one.dir),
    request.inputs.map((one) => one.as),
  ]
  for (const names of lists) {
    const seen = new Set<string>()
    for (const name of names) {
      if (seen.has(name)) throw badBundle('bundle/manifest', MANIFEST, `${MANIFEST} names ${shown(name)} twice`)
      seen.add(name)
    }
  }
}

function refuseContradictions({ files, subjects }: Manifest): void {
  const listed = new Set<string>()
  let total = 0
  for (const { path: name, bytes } of files) {
    if (!FILE_NAME.test(name))
      throw badBundle(
        'bundle/manifest',
        name,
        `${MANIFEST} lists ${shown(name)}, and no bundle has a file of that name`,
      )
    if (listed.has(name)) throw badBundle('bundle/manifest', name, `${MANIFEST} lists ${name} twice`)
    listed.add(name)
    total += bytes
    if (bytes > LARGEST_FILE_BYTES || total > TOTAL_LIMIT_BYTES)
      throw badBundle('bundle/limit', name, `up to ${name} the bundle has ${total} bytes, and that is too much`)
  }
  const named = new Set(subjects.flatMap((one) => one.observations))
  const isInPlace = subjects.every(({ observations }, index) =>
    observations.every((name) => name.startsWith(`observations/${index + 1}/`) && listed.has(name)),
  )
  const count = subjects.reduce((sum, one) => sum + one.observations.length, 0)
  const others = [...listed].filter((name) => name.startsWith('observations/') && !named.has(name))
  if (!isInPlace || named.size !== count || others.length > 0)
    throw badBundle('bundle/manifest', MANIFEST, `${MANIFEST} does not have each observation with one subject`)
  for (const name of ALWAYS_THERE)
    if (!listed.has(name)) throw badBundle('bundle/manifest', MANIFEST, `${MANIFEST} does not list ${name}`)
}

/** Exactly the files of the manifest, itself, and perhaps the certificate. */
function compareNames({ files }: Manifest, found: ReadonlySet<string>): void {
  const expected = new Set(files.map((one) => one.path))
  for (const name of expected)
    if (!found.has(name)) throw badBundle('bundle/missing', name, `${name} is not there, and the manifest lists it`)
  for (const name of found)
    if (!expected.has(name) && name !== MANIFEST && name !== CERTIFICATE)
      throw badBundle('bundle/extra', name, `${shown(name)} is there, and the manifest does not list it`)
}

/**
 * The text of each listed file, whose size and digest are what the manifest says. One after the other into one buffer:
 * waiting for a thousand small files takes more than reading them.
 */
function textsOf(dir: string, { files }: Manifest): Map<string, string> {
  const weigh = weigher(files.reduce((sum, one) => sum + one.bytes, 0))
  const buffer = Buffer.allocUnsafe(files.reduce((most, one) => Math.max(most, one.bytes), 0) + 1)
  const texts = new Map<string, string>()
  for (const { path: name, bytes, sha256: digest } of files) {
    const content = bytesOf(dir, name, { exactly: bytes }, buffer)
    if (sha256(content) !== digest)
      throw badBundle('bundle/digest', name, `${name} is not what it was when the bundle was written`)
    weigh(name, content)
    if (!name.startsWith('observations/') && name !== 'findings.json') refuseHeavy(name, content)
    texts.set(name, textOf(content, name))
  }
  return texts
}

/** Ten thousand files with their observations, a long policy: an honest one has not half as many. */
const MOST_LISTED = 200_000

/** Of what is wrong in a list each item is told by itself: in a list of millions that would take minutes and gigabytes. */
function refuseHeavy(name: string, content: Uint8Array): void {
  if (valuesIn(content) > MOST_LISTED)
    throw badBundle('bundle/limit', name, `${shown(name)} holds more than ${MOST_LISTED} values`)
}

/** How many bytes a file has to have, or may have. */
type Size = { readonly exactly: number } | { readonly atMost: number }

/**
 * All bytes of a file of the bundle, in the given buffer if there is one. A link is not followed, a pipe is not waited
 * for, and nothing larger is read.
 */
function bytesOf(dir: string, name: string, size: Size, given?: Uint8Array): Uint8Array {
  try {
    const file = openSync(path.join(dir, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const found = fstatSync(file)
      if (!found.isFile()) throw badBundle('bundle/not-a-file', name, `${name} is no file`)
      refuseSize(name, found.size, size)
      // One byte more than it should have, to see whether it grows while it is read.
      const buffer = (given ?? Buffer.allocUnsafe(found.size + 1)).subarray(0, found.size + 1)
      let length = 0
      for (let read = -1; read !== 0 && length <= found.size; length += read)
        read = readSync(file, buffer, length, buffer.length - length, null)
      if (length !== found.size) throw badBundle('bundle/size', name, `${name} changed while it was read`)
      return buffer.subarray(0, length)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (problemOf(error) !== null) throw error
    const isLink = error instanceof Error && 'code' in error && error.code === 'ELOOP'
    if (isLink) throw badBundle('bundle/not-a-file', name, `${name} is a symbolic link, and links are not followed`)
    throw unreadable(path.join(dir, name), name, error)
  }
}

function refuseSize(name: string, bytes: number, size: Size): void {
  if ('exactly' in size && bytes !== size.exactly)
    throw badBundle('bundle/size', name, `${name} has ${bytes} bytes, and the manifest says ${size.exactly}`)
  if ('atMost' in size && bytes > size.atMost)
    throw badBundle('bundle/limit', name, `${name} has ${bytes} bytes, and at most ${size.atMost} are read`)
}
