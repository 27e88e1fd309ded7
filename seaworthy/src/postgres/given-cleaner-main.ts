import { createInterface } from 'node:readline'
import { connect, loginOf } from './connect.ts'
import { type Leftover, dropEverything } from './given-cleaner.ts'

/** A run lasts minutes; a cleaner that waits longer than a day has lost its purpose. */
const LONGEST_WAIT_MS = 24 * 3_600_000

/** The process behind `startCleaner`. Its input ends when the run ends, however it ends. */
async function main(): Promise<void> {
  setTimeout(() => process.exit(1), LONGEST_WAIT_MS).unref()
  const leftovers: Leftover[] = []
  let serverUrl: string | null = null
  let prefix: string | null = null
  let knownRoles: string[] = []
  let isDone = false
  for await (const line of createInterface({ input: process.stdin })) {
    const message: unknown = JSON.parse(line)
    if (typeof message !== 'object' || message === null) continue
    if ('serverUrl' in message && typeof message.serverUrl === 'string') serverUrl = message.serverUrl
    if ('prefix' in message && typeof message.prefix === 'string') prefix = message.prefix
    if ('knownRoles' in message && Array.isArray(message.knownRoles)) knownRoles = message.knownRoles.map(String)
    if ('isDone' in message) isDone = true
    if (!('what' in message) || !('name' in message) || typeof message.name !== 'string') continue
    if (message.what === 'database' || message.what === 'role')
      leftovers.push({ what: message.what, name: message.name })
  }
  if (isDone || serverUrl === null || prefix === null || leftovers.length === 0) return
  const url = new URL(serverUrl)
  const admin = await connect(url, loginOf(url), decodeURIComponent(url.pathname.slice(1)) || 'postgres')
  await dropEverything(admin, leftovers, { prefix, knownRoles })
  await admin.end()
}

await main()
