import type { MigrationTree } from '../../../observers/migration-tree/kind.ts'

export type FormatName = MigrationTree['format']

/** The line that parts two migrations of a hint. What follows has to commit after what stands before it. */
export const NEXT_MIGRATION = '-- next migration'
/** The line before what has to wait for a later release. */
export const NEXT_RELEASE = '-- next release'
/** The line before what is run by hand beside the migrations, since it takes long or runs many times. */
export const BY_HAND = '-- outside of the migrations'

/** One migration of a hint. */
export interface Block {
  readonly sql: string
  /** When it may run: in a migration of its own, in a later release, or not as a migration at all. */
  readonly when: 'migration' | 'release' | 'by-hand'
  /** What the line that begins it says besides. */
  readonly remark?: string
  /** Whether the server only takes it outside of any transaction. */
  readonly isAlone?: boolean
  /** A statement that takes away what an interrupted try has left over, where one can be told. */
  readonly clearing?: string
  /** What stands in for it where the tool puts a transaction around everything; it was run by hand by then. */
  readonly afterwards?: string
}

/** How each tool is told to send a file without a transaction: the first line of the file. */
const ALONE: Readonly<Record<Exclude<FormatName, 'drizzle'>, string>> = {
  numbered: '-- seaworthy:no-transaction',
  sqlx: '-- no-transaction',
  diesel: '-- run_in_transaction = false in the metadata.toml beside it',
  'golang-migrate': '-- the only statement of its file, which is then sent without a transaction',
  prisma: '-- the only statement of its file, which is then sent without a transaction',
}

const SEPARATOR: Readonly<Record<Block['when'], string>> = {
  migration: NEXT_MIGRATION,
  release: NEXT_RELEASE,
  'by-hand': BY_HAND,
}

const line = (block: Block): string =>
  block.remark === undefined ? SEPARATOR[block.when] : `${SEPARATOR[block.when]}, ${block.remark}`

/**
 * The text of a hint: SQL, and comments that say where one migration ends and how a file is to be sent. A first block
 * that is a plain migration has no line above it.
 */
export function blocksText(blocks: readonly Block[], format: FormatName | null): string {
  const shown = format === 'drizzle' ? blocks.flatMap((block, index) => forDrizzle(block, index === 0)) : blocks
  return shown
    .map((block, index) => {
      const mark = block.isAlone !== true || format === 'drizzle' ? [] : [format === null ? anyTool : markOf(format)]
      const head = index === 0 && block.when === 'migration' && block.remark === undefined ? [] : [line(block)]
      return [...head, ...mark, ...cleared(block, format), block.sql].join('\n')
    })
    .join('\n')
}

/** Before it, where the tool sends one statement after another; else by hand, when it is needed. */
function cleared({ clearing }: Block, format: FormatName | null): string[] {
  if (clearing === undefined) return []
  return [format === 'numbered' ? clearing : `-- if a try was interrupted, by hand before the next one: ${clearing}`]
}

const anyTool = '-- alone in a file that is sent without a transaction'
const markOf = (format: Exclude<FormatName, 'drizzle'>): string => ALONE[format]

/** Drizzle puts one transaction around all that is pending: nothing may run alone, and the next migration is no later one. */
function forDrizzle(block: Block, isFirst: boolean): Block[] {
  if (block.isAlone === true) {
    const byHand: Block = {
      sql: block.sql,
      ...(block.clearing === undefined ? {} : { clearing: block.clearing }),
      when: 'by-hand',
      remark: 'before the release: drizzle sends all in one transaction',
    }
    return block.afterwards === undefined ? [byHand] : [byHand, { sql: block.afterwards, when: 'migration' }]
  }
  return [block.when === 'migration' && !isFirst ? { ...block, when: 'release' } : block]
}
