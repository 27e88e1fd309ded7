import { textOf, valueOf } from './json.ts'

/** Where a file of a bundle lies in the bytes of all of them. */
export interface PlacedFile {
  readonly path: string
  readonly from: number
  readonly to: number
}

/** The files that hold canonical JSON. Of the others whoever reads them has to say what is wrong. */
export const soundAmong = (bytes: Uint8Array, files: readonly PlacedFile[]): string[] =>
  files.filter(({ path, from, to }) => isSound(bytes.subarray(from, to), path)).map((one) => one.path)

function isSound(content: Uint8Array, path: string): boolean {
  try {
    valueOf(textOf(content, path), path)
    return true
  } catch {
    return false
  }
}
