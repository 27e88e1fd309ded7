import { type Finding, cannotProve, note, refuse, warn } from '../../gate/finding.ts'
import type { Ledger, LedgerRow } from '../../observers/ledger/kind.ts'
import type { Migration, MigrationTree } from '../../observers/migration-tree/kind.ts'
import type { Pending } from '../../observers/pending/kind.ts'
import { labelOf, listed, topOf } from './folder.ts'
import type { ToolFacts } from './tools.ts'

/** What is compared: the ledger, the tree, and what was taken as pending. */
export interface Compared {
  readonly tree: MigrationTree
  readonly ledger: Ledger
  readonly pending: Pending
  readonly facts: ToolFacts
}

/** Everything in which production's ledger and the folder do not agree, but for the order of what is pending. */
export function againstLedger(compared: Compared): Finding[] {
  const { tree, ledger, facts } = compared
  const missing: LedgerRow[] = []
  const findings: Finding[] = []
  const checksums = checksumForm(compared)
  if (checksums !== null) findings.push(checksums)
  for (const row of ledger.rows) {
    if (row.isDirty) findings.push(dirty(row, facts))
    const candidates = tree.migrations.filter((migration) => migration.ledgerKey === row.key)
    const own = candidates.find((one) => sameName(row, one)) ?? candidates[0]
    if (own !== undefined) {
      const found = contentAgainst(row, { own, candidates }, facts, checksums !== null)
      if (found !== null) findings.push(found)
      continue
    }
    const neighbour = sameTime(row, tree)
    if (neighbour === undefined) missing.push(row)
    else findings.push(otherName(row, [neighbour], facts))
  }
  return [...findings, ...gone(missing, facts), ...againstBaseline(compared)]
}

const dirty = (row: LedgerRow, facts: ToolFacts): Finding =>
  refuse({
    code: 'ledger/dirty',
    message: `production's ledger says that ${row.key} was begun and not finished`,
    subject: `migration ${row.key}`,
    hint: facts.dirty,
  })

/** Names as words: tools write `add x`, `add_x` or `add-x` for one name. */
const words = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

const sameName = (row: LedgerRow, migration: Migration): boolean =>
  row.name === null || words(row.name) === words(migration.name)

function contentAgainst(
  row: LedgerRow,
  { own, candidates }: { readonly own: Migration; readonly candidates: readonly Migration[] },
  facts: ToolFacts,
  areChecksumsUnknown: boolean,
): Finding | null {
  const isComparable = row.checksum !== null && own.checksum !== null && !areChecksumsUnknown
  const isSame = !isComparable || row.checksum === own.checksum
  const isDrift = !isSame && row.checksum === own.checksumOtherEndings
  if (!sameName(row, own) && (facts.comparesNames || (!isSame && !isDrift))) return otherName(row, candidates, facts)
  if (isSame) return null
  const input = { where: topOf(own.up.file), subject: `migration ${own.version}` }
  if (!isDrift) {
    return refuse({
      ...input,
      code: 'ledger/checksum-mismatch',
      message: `${labelOf(own.up.file)} is applied in production with another content; ${facts.edited}`,
      hint: 'Restore the file as it was applied, and make the change in a new migration.',
    })
  }
  const drift = {
    ...input,
    code: 'ledger/line-ending-drift',
    message: `${labelOf(own.up.file)} differs from what was applied in its line endings only${facts.refusesLineEndings ? `; ${facts.edited}` : ''}`,
    hint: 'Check it out with the line endings that it was applied with: *.sql text eol=lf in .gitattributes, then git add --renormalize.',
  }
  return facts.refusesLineEndings ? refuse(drift) : warn(drift)
}

/** `candidates` are the files that take the version here: two, where it is a duplicate as well. */
function otherName(row: LedgerRow, candidates: readonly Migration[], facts: ToolFacts): Finding {
  const version = candidates[0]?.version ?? row.key
  const here = listed(candidates.map((one) => JSON.stringify(one.name)))
  const then = facts.comparesNames
    ? 'a runner that compares names stops at start-up'
    : `${facts.title} takes this one for applied, or for changed`
  return refuse({
    code: 'ledger/applied-under-another-name',
    message: `version ${version} is applied in production under another name: ${JSON.stringify(row.name ?? row.key)} there, ${here} here; ${then}`,
    where: topOf(candidates[0]?.up.file ?? ''),
    subject: `migration ${version}`,
    hint: 'Bring the file that was applied into the folder, and give this one the next free version (seaworthy reserve NAME).',
  })
}

/** Prisma's key is the whole folder name: the same time stamp with other words is the same slot under another name. */
function sameTime(row: LedgerRow, tree: MigrationTree): Migration | undefined {
  if (tree.format !== 'prisma') return undefined
  const stamp = /^\d{14}(?=_)/.exec(row.key)?.[0]
  return stamp === undefined
    ? undefined
    : tree.migrations.find((migration) => migration.version.startsWith(`${stamp}_`))
}

function gone(missing: readonly LedgerRow[], facts: ToolFacts): Finding[] {
  const labels = missing.map((row) =>
    row.name === null || row.name === '' || row.key.endsWith(row.name) ? row.key : `${row.key} ${row.name}`,
  )
  const describe = (what: string, subject: string): Finding =>
    refuse({
      code: 'ledger/applied-but-missing',
      message: `${what} applied in production and not in the folder; ${facts.missing}`,
      subject,
      hint: 'Merge the branch that brought it, or restore its files: the folder must hold everything that is live.',
    })
  if (missing.length > 5) return [describe(`${missing.length} migrations are (${listed(labels)})`, 'the ledger')]
  return missing.map((row, index) => describe(`migration ${labels[index]} is`, `migration ${row.key}`))
}

/**
 * A runner of one's own may fill its checksum column in a way we do not know. If not one of several rows agrees, it is
 * the form that differs and not every file; then nothing can be said about edits.
 */
function checksumForm({ tree, ledger, facts }: Compared): Finding | null {
  if (!facts.comparesNames) return null
  const byKey = new Map(tree.migrations.map((migration) => [migration.ledgerKey, migration]))
  const both = ledger.rows.flatMap((row) => {
    const own = byKey.get(row.key)
    return own === undefined || row.checksum === null || own.checksum === null ? [] : [{ row, own }]
  })
  const agrees = both.some(({ row, own }) => row.checksum === own.checksum || row.checksum === own.checksumOtherEndings)
  if (agrees || both.length < 3) return null
  return cannotProve({
    code: 'ledger/unknown-checksums',
    message: `none of the ${both.length} checksums in the ledger is the SHA-256 of its file, so whether a live file was edited is not known`,
    subject: 'the ledger',
    hint: 'Export the ledger without its checksum column, or read a view without it: ledgerTable may name a view.',
  })
}

/** Where a baseline or a commit says what is live, the ledger has to agree. */
function againstBaseline({ tree, ledger, pending }: Compared): Finding[] {
  if (pending.basis === 'ledger' || pending.basis === 'all' || pending.basis === 'outside-git') return []
  const isLost = ledger.style === 'high-water' && !tree.migrations.some((one) => one.ledgerKey === ledger.rows[0]?.key)
  if (isLost && ledger.rows.length > 0) return []
  const applied = appliedFiles(tree, ledger)
  const isPending = new Set(pending.files)
  const notApplied = tree.migrations.filter((one) => !isPending.has(one.up.file) && !applied.has(one.up.file))
  // One that is applied under another name is no migration that was applied.
  const isItself = (one: Migration): boolean =>
    ledger.rows.every((row) => row.key !== one.ledgerKey || sameName(row, one))
  const already = tree.migrations.filter(
    (one) => isPending.has(one.up.file) && applied.has(one.up.file) && isItself(one),
  )
  const findings: Finding[] = []
  if (notApplied.length > 0) {
    const names = listed(notApplied.map((one) => labelOf(one.up.file)))
    findings.push(
      refuse({
        code: 'ledger/baseline-not-applied',
        message: `${names} ${notApplied.length === 1 ? 'is' : 'are'} taken as live (${pending.explanation}), and production's ledger does not list ${notApplied.length === 1 ? 'it' : 'them'}`,
        where: topOf(notApplied[0]?.up.file ?? ''),
        subject: 'the baseline',
        hint: 'Name the newest version that is really applied, or leave the baseline out: the ledger says what is live.',
      }),
    )
  }
  if (already.length > 0) {
    const names = listed(already.map((one) => labelOf(one.up.file)))
    findings.push(
      note({
        code: 'ledger/already-applied',
        message: `${names} ${already.length === 1 ? 'was' : 'were'} judged as pending, and production's ledger lists ${already.length === 1 ? 'it' : 'them'} as applied`,
        subject: 'the baseline',
      }),
    )
  }
  return findings
}

/** Up files that the ledger counts as applied, finished or not. */
export function appliedFiles(tree: MigrationTree, ledger: Ledger): ReadonlySet<string> {
  if (ledger.style === 'rows') {
    const keys = new Set(ledger.rows.map((row) => row.key))
    return new Set(tree.migrations.filter((one) => keys.has(one.ledgerKey)).map((one) => one.up.file))
  }
  const newest = tree.migrations.findLastIndex((one) => one.ledgerKey === ledger.rows[0]?.key)
  return new Set(tree.migrations.slice(0, newest + 1).map((one) => one.up.file))
}
