import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { stateFile } from '../../src/state/state-file.ts'
import { hasMountAt, isMountPoint } from '../../src/state/mount-point.ts'
import { Project } from '../commands/cli.ts'
import { ledgerWith } from './ledgers.ts'

const MOUNTS = [
  '22 27 0:21 / /proc rw,relatime - proc proc rw',
  '40 27 8:1 /srv/gate/state.db /state.db rw,relatime shared:1 - ext4 /dev/sda1 rw',
  String.raw`41 27 8:1 /srv/x /my\040ledgers/a\134b.db rw - ext4 /dev/sda1 rw`,
].join('\n')

it('a mount is found at its own path alone, whatever is escaped in it', () => {
  for (const at of ['/state.db', '/my ledgers/a\\b.db']) expect(hasMountAt(MOUNTS, at)).toBe(true)
  for (const at of ['/srv/gate/state.db', '/state', '/state.db-wal', '/my ledgers', '']) {
    expect(hasMountAt(MOUNTS, at)).toBe(false)
  }
})

it.runIf(process.platform === 'linux')('a mount point of this machine is one, and a plain file is none', () => {
  using project = new Project({ plain: 'x' })
  expect(isMountPoint('/proc')).toBe(true)
  expect(isMountPoint(project.at('plain'))).toBe(false)
})

const canMount = (): boolean => {
  try {
    execFileSync('unshare', ['-m', 'mount', '--bind', '/tmp', '/tmp'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

it.runIf(canMount())('a ledger whose file alone is mounted is refused: it would have a log for each path', async () => {
  using project = new Project({ 'mounted.db': '' })
  await using ledger = await ledgerWith(project, 1)
  expect(stateFile(ledger.file)?.nlink).toBe(1)
  const module = new URL('../../src/state/state-file.ts', import.meta.url).href
  const look = `import(${JSON.stringify(module)}).then(({ stateFile }) => { try { stateFile(process.argv[1]) } catch (error) { console.log(error.code, error.message, error.hint) } })`
  const said = execFileSync(
    'unshare',
    [
      '-m',
      'sh',
      '-c',
      'mount --bind "$1" "$2" && exec "$3" -e "$4" "$2"',
      'sh',
      ledger.file,
      project.at('mounted.db'),
      process.execPath,
      look,
    ],
    { encoding: 'utf8' },
  )
  expect(said).toMatch(/^unreadable .*mounted\.db is a mount point.*Mount its folder/)
})
