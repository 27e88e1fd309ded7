import type { EntryKind } from '../../src/gate/chain/chain.ts'
import { openState } from '../../src/state/store.ts'

export const candidate = '1'.repeat(40)

/** Enters into a ledger, which is made where there is none. */
export async function entered(file: string, entries: readonly (readonly [EntryKind, object])[]): Promise<void> {
  const store = await openState(file, { isCreating: true })
  for (const [kind, content] of entries) {
    await store?.append({
      at: '2026-11-21T02:15:00.000Z',
      kind,
      actor: { user: 'ada', host: null, ci: null },
      command: 'seaworthy',
      candidate,
      content: JSON.parse(JSON.stringify(content)),
    })
  }
  await store?.close()
}

/** A ledger with an open emergency. */
export const emergencyIn = async (file: string): Promise<void> =>
  await entered(file, [['emergency', { reason: 'login is down', action: 'deploy', candidate }]])
