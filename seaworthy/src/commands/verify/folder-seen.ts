import type { FolderSeen } from '../../gate/verify/asked.ts'
import type { Question } from '../../gate/evaluate.ts'
import { ledger } from '../../observers/ledger/kind.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { queries } from '../../observers/queries/kind.ts'
import { rehearsal } from '../../observers/rehearsal/kind.ts'

/** What the observations of each folder hold of what the run was asked. */
export const foldersSeen = ({ subjects }: Pick<Question, 'subjects'>): FolderSeen[] =>
  subjects.map(({ name, observations }) => {
    const rehearsed = observations.maybe(rehearsal)
    return {
      folder: name,
      observations: new Map([...observations].map((one) => [one.kind, one])),
      format: observations.maybe(migrationTree)?.format ?? null,
      pending: observations.maybe(pending) ?? null,
      isLedgerRead: observations.maybe(ledger) !== undefined,
      rehearsal:
        rehearsed === undefined
          ? null
          : {
              major: rehearsed.server.major,
              isGivenServer: rehearsed.server.origin === 'given',
              roles: rehearsed.roles,
            },
      querySources: observations.maybe(queries)?.sources.map(({ kind }) => kind) ?? null,
    }
  })
