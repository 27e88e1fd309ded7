import type { FormatName } from '../../migrations/model.ts'

/** What a file name says, where the file itself is not in the working tree and so was not read by its format. */
export interface UpFile {
  readonly version: string
  readonly name: string
}

/** Shapes of paths relative to the migration folder, the first that fits counts. Sources: docs/reference/formats.md. */
const SHAPES: Record<FormatName, readonly RegExp[]> = {
  'golang-migrate': [/^(?<version>\d+)_(?<name>[^/]*)\.up\.sql$/],
  numbered: [
    /^(?<version>\d{4}-\d{2}-\d{2}(?:-\d{6})?)[_ -]+(?<name>[^/]+?)(?:\.up)?\.sql$/,
    /^(?<version>\d+)(?:[_ -]+(?<name>[^/]+?))??(?:\.up)?\.sql$/,
  ],
  sqlx: [/^(?<version>\d+)_(?<name>[^/]*?)(?:\.up)?\.sql$/],
  drizzle: [/^(?<version>\d+)_(?<name>[^/]*)\.sql$/],
  diesel: [/^(?<version>\d[\d-]*)_(?<name>[^/]*)\/up\.sql$/],
  // Prisma knows a migration by its whole folder name.
  prisma: [/^(?<version>(?:\d+_)?(?<name>[^/]+))\/migration\.sql$/],
}

/**
 * The version and the name of an up file, from its path alone; null for anything else (a down file, a note, a helper).
 * It is only as exact as names are: what counts for a verdict is what the format reads from the candidate's own tree.
 */
export function upFileOf(format: FormatName, file: string): UpFile | null {
  if (/[./]down\.sql$/i.test(file)) return null
  for (const shape of SHAPES[format]) {
    const groups = shape.exec(file)?.groups
    const version = groups?.['version']
    if (version === undefined) continue
    return { version: format === 'prisma' ? version : version.replaceAll('-', ''), name: groups?.['name'] ?? '' }
  }
  return null
}
