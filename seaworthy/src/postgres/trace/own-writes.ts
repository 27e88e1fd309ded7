import type { ObjectName, OwnWrite } from '../../migrations/effects.ts'
import type { Report } from './channel.ts'
import { documentsIn, numberIn, textIn } from './documents.ts'
import { CLASS, type Known } from './known.ts'
import { writesIn } from './writes.ts'

/** The server numbers the schema of a session's temporary tables. */
const TEMPORARY = / pg_temp_\d+\./
const RELATIONS: ReadonlySet<string> = new Set(['table', 'view', 'foreign table'])

/** Follows writes to relations that the release made. */
export class OwnWrites {
  readonly #known: Known
  /** Every name that a relation of the release had, by its OID: what was hung on it goes by that of then. */
  readonly #names = new Map<number, Set<ObjectName>>()

  constructor(known: Known) {
    this.#known = known
  }

  /** Those among the reports of a statement, each once under each name that the relation had. */
  of(reports: readonly Report[]): OwnWrite[] {
    for (const { document } of reports) {
      for (const command of documentsIn(document, 'commands')) {
        const [type, identity] = [textIn(command, 'type'), textIn(command, 'identity')]
        if (numberIn(command, 'class') === CLASS.relation && type !== null && RELATIONS.has(type))
          this.#name(numberIn(command, 'oid') ?? 0, `${type} ${identity ?? ''}`)
      }
    }
    const found = new Map<string, OwnWrite>()
    for (const { report, oid, operation } of writesIn(reports)) {
      const now = textIn(report.document, 'own')?.replace(TEMPORARY, ' pg_temp.')
      if (now === undefined || this.#known.relations.has(oid)) continue
      for (const object of this.#name(oid, now)) found.set(`${operation} ${object}`, { operation, object })
    }
    return [...found.values()]
  }

  #name(oid: number, name: ObjectName): ReadonlySet<ObjectName> {
    const names = this.#names.get(oid) ?? new Set()
    this.#names.set(oid, names.add(name))
    return names
  }
}
