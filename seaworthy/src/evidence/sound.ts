import { sha256 } from '../gate/canonical.ts'
import { textOf, valueOf } from './json.ts'

/** Where a file of a bundle lies in the bytes of all of them. */
export interface PlacedFile {
  readonly path: string
  /** What its digest has to be. */
  readonly sha256: string
  readonly from: number
  readonly to: number
}

/** The files whose digest is right and that hold canonical JSON. Of the others whoever reads them has to say what is wrong. */
export const soundAmong = (bytes: Uint8Array, files: readonly PlacedFile[]): string[] =>
  files.filter((file) => isSound(bytes.subarray(file.from, file.to), file)).map((one) => one.path)

function isSound(content: Uint8Array, { path, sha256: digest }: PlacedFile): boolean {
  if (sha256(content) !== digest) return false
  try {
    valueOf(textOf(content, path), path)
    return true
  } catch {
    return false
  }
}
