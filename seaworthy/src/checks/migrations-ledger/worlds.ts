import { notHere, type NotHere, type World, type WorldChange } from '../../gate/drill/drill.ts'
import { type Observations, observed } from '../../gate/observation.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { type Migration, migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { leftOut } from '../left-out.ts'

/** Bad worlds in which the folder, production's ledger and the history do not agree. */
export const worlds: readonly World[] = [
  {
    name: 'two-files-one-version',
    title: 'two files have the same version',
    why: 'two people wrote migration 123, and the runner stopped at the next start (story 1)',
    refusedBy: ['ledger/duplicate-version'],
    build: (observations) => {
      const twin = secondFile(observations)
      return typeof twin === 'string' ? { files: [{ file: twin, text: 'SELECT 1;\n' }] } : twin
    },
  },
  {
    name: 'ledger-knows-another-name',
    title: "production's ledger knows the newest version under another name",
    why: 'the name check of the runner failed at the next deploy, and the site was offline (story 1)',
    refusedBy: ['ledger/applied-under-another-name'],
    build: otherName,
  },
  {
    name: 'live-file-edited',
    title: 'a migration that is live is edited',
    why: 'production keeps what it has applied, and every new database gets something else',
    refusedBy: ['ledger/baseline-edited', 'ledger/checksum-mismatch'],
    build: (observations) => {
      const newest = liveMigrations(observations).at(-1)
      if (newest === undefined) return notHere('no migration is live')
      const { file, text } = newest.up
      return { files: [{ file, text: `${text.trimEnd()}\n-- edited after it went live\n` }] }
    },
  },
  leftOut('migrations-ledger'),
]

function liveMigrations(observations: Observations): readonly Migration[] {
  const asPending = new Set(observations.maybe(pending)?.files)
  return (observations.maybe(migrationTree)?.migrations ?? []).filter(({ up }) => !asPending.has(up.file))
}

/** The name of the newest migration's up file, had somebody else taken the version for something else. */
function secondFile(observations: Observations): string | NotHere {
  const tree = observations.maybe(migrationTree)
  const newest = tree?.migrations.at(-1)
  if (newest === undefined) return notHere('there is no migration')
  if (tree?.format === 'prisma' || tree?.format === 'drizzle') {
    return notHere(`${tree.format} tells migrations by their whole name or by its journal, not by a number`)
  }
  const { file } = newest.up
  const at = file.lastIndexOf(newest.name)
  if (newest.name === '' || at < 0) return notHere(`the name of ${file} has no words in it`)
  return `${file.slice(0, at)}seaworthy_drill${file.slice(at + newest.name.length)}`
}

function otherName(observations: Observations): WorldChange | NotHere {
  const found = observations.find(ledger)
  const seen = observations.maybe(ledger)
  if (found === undefined || seen === undefined) return notHere("production's ledger was not given")
  const keys = new Set(liveMigrations(observations).map(({ ledgerKey }) => ledgerKey))
  const at = seen.rows.findLastIndex((row) => row.name !== null && keys.has(row.key))
  if (at < 0) return notHere("production's ledger has no names")
  const rows = seen.rows.map((row, index) => (index === at ? { ...row, name: 'seaworthy_drill' } : row))
  return { inputs: [observed(ledger, found.witness, { ...seen, rows })] }
}
