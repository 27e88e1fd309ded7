import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { kindOf } from '../../../sql/tree.ts'
import { error, type Harms } from '../harm.ts'
import type { Scene } from '../scene.ts'

/** Statements that decide who may connect. */
const DECIDING = new Set([
  'AlterDatabaseStmt',
  'AlterDatabaseSetStmt',
  'AlterRoleStmt',
  'AlterRoleSetStmt',
  'GrantStmt',
])

/** Whoever could connect before the release has to be let in after it. */
export function judgeRefusals(scene: Scene): Harms {
  return scene.effects.refusals.flatMap(({ role, error: said }) =>
    error(
      'compat/cannot-connect',
      `role ${role}`,
      `the server lets ${role} no longer into the database: ${said.message}`,
      {
        by: closerOf(scene),
        proof: `${said.sqlstate ?? 'no code'}: ${said.message}`,
        hint: 'Leave limits on connections, passwords and logins to where the server is managed.',
      },
    ),
  )
}

const closerOf = (scene: Scene): TracedStatement | null =>
  scene.statements.findLast((one) => scene.nodesOf(one).some((node) => DECIDING.has(kindOf(node)))) ??
  scene.statements.findLast((one) => one.nested.length > 0) ??
  null
