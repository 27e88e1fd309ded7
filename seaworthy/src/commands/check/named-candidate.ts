import path from 'node:path'
import { digestOf } from '../../gate/canonical.ts'
import type { BuildInfo, CandidateImage } from '../../gate/certificate/candidate.ts'
import { SeaworthyError } from '../../gate/error.ts'
import { readInput } from '../input-file.ts'

/** No build information is larger. */
const BUILD_INFO_LIMIT_BYTES = 1024 * 1024

/** Name without tag, digest. Source of the name: the OCI distribution specification 1.1, with a registry in front. */
const IMAGE = /^([a-z0-9]+(?:[._:/-]+[a-z0-9]+)*)@(sha256:[0-9a-f]{64})$/

/**
 * Images as `--image` names them: by digest, each name once, sorted.
 * @throws SeaworthyError('usage') for one without a digest (a tag can be moved) and for two digests of one name.
 */
export function namedImages(texts: readonly string[]): CandidateImage[] {
  const images = texts.map((text): CandidateImage => {
    const [, name, digest] = IMAGE.exec(text) ?? []
    if (name !== undefined && digest !== undefined) return { name, digest }
    throw new SeaworthyError('usage', `--image ${JSON.stringify(text)} does not name an image by its digest`, {
      hint: 'It looks like registry.example/app@sha256:…; docker image inspect prints it under RepoDigests.',
    })
  })
  if (new Set(images.map(({ name }) => name)).size < images.length) {
    throw new SeaworthyError('usage', '--image names one image twice', { hint: 'Give each image once.' })
  }
  return images.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * The build information in a JSON file: a digest of the whole document, and the commit that it names as `commit`.
 * @throws SeaworthyError('config') for a file that is not there or is no JSON object.
 */
export async function readBuildInfo(file: string, cwd: string): Promise<BuildInfo> {
  const absolute = path.resolve(cwd, file)
  const text = await readInput(absolute, BUILD_INFO_LIMIT_BYTES, '--build-info')
  const document = objectIn(text)
  if (document === null) {
    throw new SeaworthyError('config', `${file} holds no JSON object`, {
      hint: 'Give --build-info the file that the build wrote, or what GET /health/build-info answers.',
    })
  }
  const digest = digestIn(document, file)
  const { commit } = document
  if (commit === undefined || commit === null) return { digest, commit: null }
  if (typeof commit === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) return { digest, commit }
  // A short or otherwise written commit must not count as none: it may be another one.
  throw new SeaworthyError('config', `${file} names a commit that is not written as git writes a whole one`, {
    hint: 'Let the build write all 40 digits, in lower case: git rev-parse HEAD.',
  })
}

function digestIn(document: object, file: string): string {
  try {
    return digestOf(document)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new SeaworthyError('config', `${file} cannot be taken for build information: ${error.message}`, {
      hint: 'Give --build-info the file that the build wrote, or what GET /health/build-info answers.',
      cause: error,
    })
  }
}

function objectIn(text: string): { readonly commit?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
