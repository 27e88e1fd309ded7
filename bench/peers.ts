import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { run } from './measure.ts'

/** Another linter, installed from its npm package for this run only. */
export interface Peer {
  readonly title: string
  /** Its script, which is started by the same Node.js as ours; null if it could not be had. */
  readonly script: string | null
  readonly subcommand: readonly string[]
  /** Why it could not be had. */
  readonly trouble: string
}

const PEERS = {
  squawk: { name: 'squawk-cli', version: '2.66.0', bin: 'squawk', subcommand: [] },
  pgfence: { name: '@flvmnt/pgfence', version: '0.1.5', bin: 'pgfence', subcommand: ['analyze'] },
} as const

/**
 * Installs the peers by exact version into a folder below `parent`, without their install scripts: squawk's program comes
 * in an npm package of its platform. One that cannot be installed or started is returned with the reason.
 */
export async function installPeers(parent: string): Promise<Record<keyof typeof PEERS, Peer>> {
  return { squawk: await install(parent, PEERS.squawk), pgfence: await install(parent, PEERS.pgfence) }
}

async function install(parent: string, peer: (typeof PEERS)[keyof typeof PEERS]): Promise<Peer> {
  const title = `\`${peer.name}\` ${peer.version}`
  const { subcommand } = peer
  const folder = path.join(parent, 'peers', peer.bin)
  mkdirSync(folder, { recursive: true })
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const settings = { cwd: folder, env: process.env, exits: [0] }
  try {
    await run({
      file: 'npm',
      args: ['install', '--prefix', folder, ...quiet, `${peer.name}@${peer.version}`],
      ...settings,
    })
    const script = scriptOf(path.join(folder, 'node_modules', peer.name), peer.bin)
    await run({ file: process.execPath, args: [script, '--version'], ...settings })
    return { title, script, subcommand, trouble: '' }
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return { title, script: null, subcommand, trouble: `${title} could not be installed (${reason})` }
  }
}

function scriptOf(installed: string, bin: string): string {
  const manifest: { bin?: Record<string, string> } = JSON.parse(
    readFileSync(path.join(installed, 'package.json'), 'utf8'),
  )
  const script = manifest.bin?.[bin]
  if (script === undefined) throw new Error(`${installed} has no command ${bin}`)
  return path.join(installed, script)
}
