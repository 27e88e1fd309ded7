import { diesel } from './diesel.ts'
import { drizzle } from './drizzle.ts'
import { golangMigrate } from './golang-migrate.ts'
import type { FolderListing, Format, FormatName } from './model.ts'
import { numbered } from './numbered.ts'
import { prisma } from './prisma.ts'
import { sqlx } from './sqlx.ts'

/** Every format. What has the surest mark is asked first; plain numbered files are what is left. */
export const FORMATS: readonly Format[] = [drizzle, prisma, diesel, sqlx, golangMigrate, numbered]

const BY_NAME: Readonly<Record<FormatName, Format>> = {
  drizzle,
  prisma,
  diesel,
  sqlx,
  'golang-migrate': golangMigrate,
  numbered,
}

export const formatNamed = (name: FormatName): Format => BY_NAME[name]

/** Whether a text names a format, as `--format` has it. */
export const isFormatName = (text: string): text is FormatName => Object.hasOwn(BY_NAME, text)

/** The first format that knows the folder, and by what; null if none does. */
export function formatOf(listing: FolderListing): { readonly format: FormatName; readonly detectedBy: string } | null {
  for (const format of FORMATS) {
    const detectedBy = format.detect(listing)
    if (detectedBy !== null) return { format: format.name, detectedBy }
  }
  return null
}
