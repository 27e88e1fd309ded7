import { constants, open } from 'node:fs/promises'
import path from 'node:path'
import { sha256 } from '../../gate/canonical.ts'
import { placeIn, witnessIn } from '../../gate/certificate/identity.ts'
import { reasonOf, SeaworthyError } from '../../gate/error.ts'
import { type Observation, notObserved, observed } from '../../gate/observation.ts'
import type { CatalogueEntry } from '../../migrations/engine.ts'
import type { Ledger, LedgerTable } from '../../migrations/model.ts'
import { ledger } from '../ledger/kind.ts'
import { type Shape, shape } from './kind.ts'
import { shapeSchema } from './schema.ts'

/** The largest shape that is read, in bytes. A database of a thousand tables has about two million. */
export const SHAPE_LIMIT_BYTES = 64 * 1024 * 1024

/** The newest that is read here. */
const FORMAT_VERSION = 1

const HINT = 'A shape is what this writes: seaworthy capture postgresql://… -o shape.json'

/**
 * Reads production's shape. What belongs to the tool's ledger table (`schema.name`, if it is known) is taken out of the
 * catalogue, as it is in a rehearsal.
 * @throws SeaworthyError('unreadable') for a file that is not there or is no shape, 'limit' for one that is too large.
 */
export async function observeShape(file: string, ledgerTable: string | null): Promise<Observation> {
  const bytes = await readLimited(file)
  // Named by its content: two runs on one shape look at the same thing, wherever it lies.
  return shapeSeen(parsed(file, bytes), `file ${path.basename(file)} sha256:${sha256(bytes)}`, ledgerTable)
}

/** A shape as an observation: `where` it was seen, and the database that it is of. For `ledgerTable` see `observeShape`. */
export function shapeSeen(found: Shape, where: string, ledgerTable: string | null): Observation {
  const data = ledgerTable === null ? found : { ...found, catalogue: without(found.catalogue, `table ${ledgerTable}`) }
  return observed(shape, witnessIn(where, found.witness), data)
}

/**
 * What the shape says of the ledger of this folder, as an observation of it; null where it knows of no such table. One that
 * could not be read, or was captured as that of another tool, is not observed.
 */
export function ledgerOfShape(
  seen: Observation,
  table: Pick<LedgerTable, 'name' | 'style'> | null,
): Observation | null {
  if (seen.status !== 'observed' || seen.kind !== shape.name) return null
  // `observeShape` has made it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { ledger: found, unread, witness } = seen.data as Shape
  if (table === null) return null
  const unreadable = unread.find(({ part }) => part === `ledger ${table.name}`)
  if (unreadable !== undefined) {
    const reason = `the shape does not hold the ledger ${table.name}: ${unreadable.why}`
    return notObserved(
      ledger,
      seen.witness,
      reason,
      'Capture again with that right, or give the ledger with --ledger FILE.',
    )
  }
  if (found === null || found.rows === null || found.table !== table.name) return null
  if (found.style !== table.style) {
    const reason = `the shape has ${table.name} as the ledger of another tool than this folder's`
    return notObserved(ledger, seen.witness, reason, 'Capture again, with --format as this folder has it.')
  }
  const data: Ledger = { style: found.style, rows: found.rows }
  return observed(ledger, witnessIn(`${placeIn(seen.witness)} ${found.table}`, witness), data)
}

async function readLimited(file: string): Promise<Buffer> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = await handle.stat()
    if (!stat.isFile()) throw unreadable(file, 'it is no file')
    if (stat.size > SHAPE_LIMIT_BYTES) {
      throw new SeaworthyError(
        'limit',
        `the shape ${file} has ${stat.size} bytes; at most ${SHAPE_LIMIT_BYTES} are read`,
        { hint: HINT },
      )
    }
    return await handle.readFile()
  } catch (error) {
    if (error instanceof SeaworthyError) throw error
    throw unreadable(file, reasonOf(error))
  }
}

function parsed(file: string, bytes: Buffer): Shape {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw unreadable(file, `it is no JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (isNewer(json))
    throw unreadable(
      file,
      'it was written by a newer version of Seaworthy',
      'Use that version here as well, or write it again with this one: seaworthy capture postgresql://… -o shape.json',
    )
  const result = shapeSchema.safeParse(json)
  if (result.success) return result.data
  const [issue] = result.error.issues
  if (issue?.path.join('.') === 'formatVersion') throw unreadable(file, 'capture did not write it')
  const others = result.error.issues.length === 1 ? '' : ` (and ${result.error.issues.length - 1} more)`
  throw unreadable(file, `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'it is no shape'}${others}`)
}

const isNewer = (json: unknown): boolean =>
  typeof json === 'object' &&
  json !== null &&
  'formatVersion' in json &&
  typeof json.formatVersion === 'number' &&
  json.formatVersion > FORMAT_VERSION

const unreadable = (file: string, why: string, hint = HINT): SeaworthyError =>
  new SeaworthyError('unreadable', `the shape ${file} cannot be read: ${why}`, { hint })

/** The catalogue without an object and all that is a part of it. */
function without(catalogue: readonly CatalogueEntry[], object: string): readonly CatalogueEntry[] {
  const gone = new Set([object])
  const isGone = (entry: CatalogueEntry): boolean => gone.has(entry.object) || gone.has(ownerOfPart(entry) ?? '')
  for (let before = 0; before < gone.size;) {
    before = gone.size
    for (const entry of catalogue) if (isGone(entry)) gone.add(entry.object)
  }
  return catalogue.filter((entry) => !isGone(entry))
}

/** What the object is a part of, by its first facet; null if it stands for itself. */
function ownerOfPart({ definition }: CatalogueEntry): string | null {
  const [first = ''] = definition.split('\n', 1)
  return first.startsWith('of ') ? first.slice('of '.length) : null
}
