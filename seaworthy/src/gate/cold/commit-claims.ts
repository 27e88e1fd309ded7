import type { Claim } from './claim.ts'
import type { Json } from '../chain/chain.ts'
import { type ClaimToCheck, lookAt, type ToldRun } from './looked-again.ts'

/** What a bundle says of its commit: that there is such a one, what is in it, and when it was made. */
export function commitClaims(told: ToldRun): ClaimToCheck[] {
  const { candidate, question, witness } = told
  const { commit, tree } = candidate
  const common = {
    kind: 'repository',
    source: 'certificate',
    severity: 'blocking',
    unchecked: 'blocking',
    comparison: 'equal',
    witness,
    needs:
      commit === null
        ? 'Make the bundle again inside of a git repository, so that others can find what was judged.'
        : `Get the commit: git fetch origin ${commit}, in your own clone. Then run again.`,
  } as const satisfies Partial<Claim>
  return [
    {
      claim: {
        ...common,
        id: 'repository/commit',
        says: `what was judged is commit ${commit ?? 'of no repository'}, with the tree ${tree ?? 'of none'}`,
        expected: { commit, tree },
      },
      look: (again) => lookAt(again.commit, (seen) => ({ commit: seen.commit, tree: seen.tree })),
    },
    {
      claim: {
        ...common,
        id: 'repository/content',
        says: 'its folders and files have the content that the id of the commit stands for',
        expected: [],
      },
      look: (again) => lookAt(again.commit, (seen) => [...seen.exchanged]),
    },
    {
      claim: {
        ...common,
        id: 'repository/branch',
        severity: 'discrepancy',
        unchecked: 'discrepancy',
        says: 'that commit is in the history of a branch or a tag',
        expected: 'a commit of a branch or a tag',
      },
      look: (again) =>
        lookAt(again.commit, (seen) => (seen.isOnBranch ? 'a commit of a branch or a tag' : 'one of neither')),
    },
    ...dirtyClaims(told, common),
    ...folderClaims(told, common),
    configurationClaim(told, common),
    {
      claim: {
        ...common,
        id: 'order/commit evaluated',
        kind: 'order',
        comparison: 'order',
        says: 'the commit was made before it was judged',
        expected: {
          before: { event: 'commit made', at: null },
          after: { event: 'evaluated', at: question.evaluatedAt },
        },
      },
      look: (again) => lookAt(again.commit, (seen) => ({ 'commit made': seen.committedAt })),
    },
  ]
}

/** Uncommitted changes are nobody's but the builder's: what was judged is then in no clone. */
function dirtyClaims({ candidate }: ToldRun, common: Omit<Claim, 'id' | 'says' | 'expected'>): ClaimToCheck[] {
  if (candidate.isDirty === false) return []
  return [
    {
      claim: {
        ...common,
        id: 'repository/clean',
        says: 'what was judged is that commit and nothing else',
        expected: true,
        needs: 'Make the bundle again from a clean checkout of the commit.',
      },
      look: () => ({
        status: 'could-not-look',
        reason:
          candidate.isDirty === null
            ? 'it was judged outside of git'
            : 'the working tree had uncommitted changes, which are in no commit',
      }),
    },
  ]
}

/**
 * What lies in the candidate's folders at the commit, that it is what anybody finds there, and that there are no others. Read
 * as of another tool, a folder can hold other migrations than those that production gets.
 */
function folderClaims({ candidate }: ToldRun, common: Omit<Claim, 'id' | 'says' | 'expected'>): ClaimToCheck[] {
  return [
    ...candidate.migrations.map(({ folder, format, digest }): ClaimToCheck => ({
      claim: {
        ...common,
        id: `repository/migrations ${folder}`,
        says: `at that commit ${folder} holds the migrations with the digest ${digest} (${format})`,
        expected: { format, digest },
      },
      look: (again) =>
        lookAt(again.commit, ({ migrations, exchanged }): Json | { readonly unseen: string } => {
          if (exchanged.length > 0) return OTHER_FILES
          const found = migrations.get(folder)
          return found === undefined
            ? { format: 'none', digest: 'no migrations there' }
            : { format: found.format, digest: found.digest }
        }),
    })),
    ...candidate.migrations.map(({ folder, format }): ClaimToCheck => ({
      claim: {
        ...common,
        id: `repository/format ${folder}`,
        says: `whoever looks at ${folder} at that commit without being told a format finds ${format}`,
        expected: format,
      },
      look: (again) =>
        lookAt(again.commit, ({ formats, exchanged }) =>
          exchanged.length > 0 ? OTHER_FILES : (formats.get(folder) ?? 'no format at all'),
        ),
    })),
    {
      claim: {
        ...common,
        id: 'repository/folders',
        severity: 'discrepancy',
        unchecked: 'discrepancy',
        says: 'no other migration folder is found at that commit',
        expected: [],
      },
      look: (again) => lookAt(again.commit, (seen) => [...seen.otherFolders]),
    },
  ]
}

const OTHER_FILES = { unseen: 'the files that were looked at are not those of the commit' }

/** A configuration that came with the release and is not named was kept from the policy, which may refuse such a one. */
function configurationClaim({ request }: ToldRun, common: Omit<Claim, 'id' | 'says' | 'expected'>): ClaimToCheck {
  const named = request.inputs.find(({ as }) => as === 'configuration')?.file ?? null
  return {
    claim: {
      ...common,
      id: 'repository/configuration',
      says: `no ${named === null ? '' : 'other '}configuration came with the release`,
      expected: [],
    },
    look: (again) => lookAt(again.commit, (seen) => seen.configurations.filter((one) => one !== named)),
  }
}
