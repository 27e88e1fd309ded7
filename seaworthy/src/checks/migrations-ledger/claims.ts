import type { Json } from '../../gate/chain/chain.ts'
import { digestOf } from '../../gate/canonical.ts'
import type { Claim } from '../../gate/cold/claim.ts'
import { type ClaimContext, type ClaimToCheck, lookAt, type LookedAgain } from '../../gate/cold/looked-again.ts'
import type { Kind, Observations } from '../../gate/observation.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { type MigrationTree, migrationTree } from '../../observers/migration-tree/kind.ts'
import { factsOf, isDecidedByGit, type Pending, type PendingFacts, pending } from '../../observers/pending/kind.ts'
import { ledgerClaims } from './ledger-claims.ts'
import { appliedClaims } from './live-claims.ts'

const SOURCE = 'migrations-ledger'

/** What was read of the folder and of git, and what production's ledger said. */
export function claims(observations: Observations, context: ClaimContext): readonly ClaimToCheck[] {
  const [tree, found, rows] = [
    observations.maybe(migrationTree),
    observations.maybe(pending),
    observations.maybe(ledger),
  ]
  return [
    ...(tree === undefined ? [] : [treeClaim(tree, context)]),
    ...(found === undefined ? [] : [...baseClaim(found, context), pendingClaim(found, context)]),
    ...(rows === undefined ? [] : ledgerClaims(rows, observations.find(ledger)?.witness ?? '', context)),
    ...(tree === undefined || found === undefined ? [] : appliedClaims(tree, found, rows !== undefined, context)),
  ]
}

const common = ({ witness }: ClaimContext) =>
  ({
    source: SOURCE,
    severity: 'blocking',
    unchecked: 'blocking',
    comparison: 'equal',
    witness,
    needs: 'Make it possible to run the gate at that commit: see why it could not, and run again.',
  }) as const satisfies Partial<Claim>

function treeClaim(tree: MigrationTree, context: ClaimContext): ClaimToCheck {
  const { subject } = context
  return {
    claim: {
      ...common(context),
      id: `reading/tree ${subject}`,
      kind: 'reading',
      says: `${subject} holds what was read there (migrations: ${tree.migrations.length}, problems: ${tree.problems.length})`,
      expected: digestOfTree(tree),
    },
    look: (again) => inRun(again, migrationTree, subject, digestOfTree),
  }
}

/** How the format was found is no part of what was read. */
const digestOfTree = (tree: MigrationTree): Json => digestOf({ ...tree, detectedBy: '' })

function pendingClaim(found: Pending, context: ClaimContext): ClaimToCheck {
  const { subject } = context
  return {
    claim: {
      ...common(context),
      id: `reading/pending ${subject}`,
      kind: 'reading',
      says: `what is pending in ${subject} is ${pendingWords(factsOf(found))}`,
      expected: { ...factsOf(found) },
    },
    look: (again) =>
      inRun(again, pending, subject, (seen) =>
        (seen.baseProblem ?? null) !== null && (found.baseProblem ?? null) === null
          ? { unseen: `git cannot say from here whether live files were edited: ${seen.baseProblem}` }
          : { ...factsOf(seen) },
      ),
  }
}

const WORDS: Readonly<Record<PendingFacts['basis'], string>> = {
  all: 'everything',
  'outside-git': 'everything, outside of git',
  baseline: 'what comes after a baseline',
  ledger: "what production's ledger lacks",
  git: 'what is new for git',
}

/** The words of a bundle are anybody's: only what is compared is said. */
const pendingWords = ({ basis, files, base, edits }: PendingFacts): string =>
  `${WORDS[basis]} (migrations: ${files.length}); whether live files were edited was ${edits}${base === null ? '' : ` (${base})`}`

const EARLIER = 'an earlier commit of the default branch'
const OF_MAIN = 'a commit of the default branch'

/**
 * The commit that was compared with: one of the main line. Where it decided what is live, another one than the candidate, since
 * a release that is compared with itself has nothing new in it. With a baseline or a ledger the head of main may be deployed.
 */
function baseClaim({ baseCommit, basis }: Pending, context: ClaimContext): ClaimToCheck[] {
  if (baseCommit === null) return []
  const isByGit = isDecidedByGit(basis)
  const expected = isByGit ? EARLIER : OF_MAIN
  return [
    {
      claim: {
        ...common(context),
        id: `repository/base ${context.subject}`,
        kind: 'repository',
        says: `${isByGit ? 'what is live was taken from' : 'live files were compared with'} commit ${baseCommit}, ${expected}`,
        expected,
        needs: `Get the history: git fetch origin, in your own clone, with the default branch. Then run again.`,
      },
      look: (again) =>
        lookAt(again.commit, ({ commit, bases }) => {
          if (isByGit && baseCommit === commit) return 'the candidate itself, in which nothing is new then,'
          const base = bases.get(baseCommit)
          if (base === undefined || !base.isKnown) return { unseen: `the clone has no commit ${baseCommit}` }
          if (base.isInDefaultBranch === null) return { unseen: 'the clone has no default branch' }
          return base.isInDefaultBranch ? expected : 'a commit that the default branch does not have'
        }),
    },
  ]
}

/** Reads an observation of the folder off the run that was made again. */
const inRun = <T>(
  again: LookedAgain,
  kind: Kind<T>,
  subject: string,
  read: (data: T) => Json | { readonly unseen: string },
) =>
  lookAt(again.run, ({ subjects }) => {
    const found = subjects.find((one) => one.name === subject)?.observations.maybe(kind)
    return found === undefined ? { unseen: `${subject} was not read again` } : read(found)
  })
