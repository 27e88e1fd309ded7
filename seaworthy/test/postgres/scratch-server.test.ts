import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chownSync, chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SeaworthyError } from '../../src/gate/error.ts'
import { type Binaries, findBinaries } from '../../src/postgres/binaries.ts'
import { connect } from '../../src/postgres/connect.ts'
import { removeLeftovers } from '../../src/postgres/leftovers.ts'
import { canReach } from '../../src/postgres/places.ts'
import { type ScratchServer, startScratchServer } from '../../src/postgres/scratch-server.ts'
import { becomes, isRunning, never, postmasterOf, usePrivateCache } from './private-places.ts'

const cache = usePrivateCache()
afterAll(cache.remove)

const isRoot = process.geteuid?.() === 0
const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 }
let binaries: Binaries
beforeAll(async () => {
  binaries = await findBinaries(null, import.meta.dirname)
  // The first server pays for initdb.
  await using _server = await start()
})

const start = async (signal: AbortSignal = never): Promise<ScratchServer> =>
  await startScratchServer({ binaries, snapshot: null, signal })

async function valueOf(server: ScratchServer, sql: string): Promise<unknown> {
  const client = await connect(server, server.superuser, 'postgres')
  try {
    const { rows } = await client.query<{ value: unknown }>(sql)
    return rows[0]?.value
  } finally {
    await client.end()
  }
}

/** Another process with a server of its own. */
async function hold(args: string[] = []): Promise<{ pid: number; dataDir: string; answer: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'holder.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.unref()
  for await (const chunk of child.stdout) return { pid: child.pid ?? 0, ...JSON.parse(String(chunk)) }
  throw new Error('the holder ended without a word')
}

const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(Number(name)) === pid)
    .map(Number)

function statusField(pid: number, index: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[index])
}

function parentOf(pid: number): number {
  try {
    return statusField(pid, 1)
  } catch {
    return 0
  }
}

describe('a scratch server', () => {
  test('answers on a private socket only, stops cleanly and leaves nothing', async () => {
    const server = await start()
    const postmaster = postmasterOf(server.dataDir)
    expect(await valueOf(server, "select current_setting('listen_addresses') as value")).toBe('')
    expect(statSync(server.dataDir).mode & 0o777).toBe(0o700)
    expect(statSync(server.socketDir).mode & 0o777).toBe(0o700)
    await server.stop()
    expect(isRunning(postmaster)).toBe(false)
    expect(existsSync(server.dataDir)).toBe(true)
    expect(existsSync(join(server.dataDir, 'postmaster.pid'))).toBe(false)
    await server[Symbol.asyncDispose]()
    expect(existsSync(dirname(server.dataDir))).toBe(false)
  })

  test('of which two run at once never meets the other', async () => {
    const [one, two] = await Promise.all([start(), start()])
    await Promise.all([one, two].map(async (server, index) => await valueOf(server, `create role r${index}`)))
    const roles = `select string_agg(rolname, ' ') as value from pg_roles where rolname ~ '^r[0-9]$'`
    expect([await valueOf(one, roles), await valueOf(two, roles)]).toEqual(['r0', 'r1'])
    const postmasters = [one, two].map((server) => postmasterOf(server.dataDir))
    await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()])
    expect(postmasters.filter(isRunning)).toEqual([])
  })

  test('is in a session of its own, which a ctrl-C in the terminal does not reach', async () => {
    await using server = await start()
    const session = 3
    expect(statusField(postmasterOf(server.dataDir), session)).not.toBe(statusField(process.pid, session))
  })

  test.each([['en_US'], ['en_US.utf8'], ['en-x-icu'], ['und-x-icu'], ['C']])('has the collation "%s"', async (name) => {
    await using server = await start()
    const order = `select string_agg(x, ' ' order by x collate "${name}") as value from (values ('a'), ('B'), ('é'), ('Z')) as t (x)`
    expect(await valueOf(server, order)).toBe(name === 'C' ? 'B Z a é' : 'a B é Z')
    expect(await valueOf(server, order.replace(` collate "${name}"`, ''))).toBe('a B é Z')
  })

  test('takes nothing from the PG… variables of the user', async () => {
    const before = { ...process.env }
    Object.assign(process.env, { PGDATA: '/nowhere', PGPORT: '1', PGHOST: 'nowhere', PGOPTIONS: '-c no_such=1' })
    try {
      await using server = await start()
      expect(await valueOf(server, 'select 1 as value')).toBe(1)
    } finally {
      for (const name of ['PGDATA', 'PGPORT', 'PGHOST', 'PGOPTIONS']) delete process.env[name]
      Object.assign(process.env, before)
    }
  })
})

/** Whether it is a run folder of this process. */
function isOurs(name: string): boolean {
  try {
    return readFileSync(join(cache.places().runs, name, 'owner'), 'utf8').includes(`.${process.pid}.`)
  } catch {
    return false
  }
}

async function startAndDispose(signal: AbortSignal): Promise<string> {
  try {
    await using _server = await start(signal)
    return 'started'
  } catch (error) {
    return error instanceof Error ? error.name : String(error)
  }
}

describe('whatever happens', () => {
  test('a killed process leaves no server and no folder', async () => {
    const held = await hold()
    const postmaster = postmasterOf(held.dataDir)
    expect(isRunning(postmaster)).toBe(true)
    process.kill(held.pid, 'SIGKILL')
    expect(await becomes(() => !isRunning(postmaster) && !existsSync(dirname(held.dataDir)))).toBe(true)
  })

  test('if the watchdog is killed as well, the next run tidies up', async () => {
    const held = await hold()
    const postmaster = postmasterOf(held.dataDir)
    const watchdog = parentOf(postmaster)
    const watchers = childrenOf(watchdog).filter((pid) => pid !== postmaster)
    for (const pid of [watchdog, ...watchers, held.pid]) process.kill(pid, 'SIGKILL')
    expect(await becomes(() => !isRunning(held.pid))).toBe(true)
    // Any other run tidies up as well: one of another test file may be faster than this one.
    await removeLeftovers(cache.places(), never)
    expect(await becomes(() => !isRunning(postmaster))).toBe(true)
    expect(existsSync(dirname(held.dataDir))).toBe(false)
  })

  test('a server whose watchdog somebody killed still goes when it is disposed of', async () => {
    const server = await start()
    const postmaster = postmasterOf(server.dataDir)
    const watchdog = parentOf(postmaster)
    const watchers = childrenOf(watchdog).filter((pid) => pid !== postmaster)
    process.kill(watchdog, 'SIGKILL')
    await server[Symbol.asyncDispose]()
    expect(await becomes(() => !isRunning(postmaster) && !existsSync(dirname(server.dataDir)))).toBe(true)
    expect(watchers.length).toBe(1)
    expect(await becomes(() => watchers.filter(isRunning).length === 0)).toBe(true)
  })

  test('a server of a living process is no leftover', async () => {
    await using server = await start()
    await removeLeftovers(cache.places(), never)
    expect(await valueOf(server, 'select 1 as value')).toBe(1)
  })

  test('a cancelled start says so at once and leaves nothing', async () => {
    // Before it begins, while it copies, while PostgreSQL starts; a fast machine may be ready before the last ones.
    const outcomes: string[] = []
    for (const afterMs of [0, 5, 20, 45, 60]) {
      const began = performance.now()
      outcomes.push(await startAndDispose(AbortSignal.timeout(afterMs)))
      expect(performance.now() - began).toBeLessThan(5000)
    }
    expect(outcomes.slice(0, 2)).toEqual(['TimeoutError', 'TimeoutError'])
    expect(outcomes.filter((outcome) => outcome !== 'TimeoutError' && outcome !== 'started')).toEqual([])
    expect(readdirSync(cache.places().runs).filter(isOurs)).toEqual([])
  })
})

describe('another user', () => {
  const reason = !isRoot
    ? 'the whole suite runs without root'
    : canReach(import.meta.dirname, nobody)
      ? null
      : 'nobody cannot read this checkout'
  test.skipIf(reason !== null)(`runs it as itself${reason === null ? '' : ` (skipped: ${reason})`}`, async () => {
    const folder = mkdtempSync('/var/tmp/seaworthy-test-nobody-')
    chownSync(folder, nobody.uid, nobody.gid)
    const before = process.env['SEAWORTHY_CACHE']
    process.env['SEAWORTHY_CACHE'] = folder
    try {
      const held = await hold([String(nobody.uid)])
      expect(held.answer).toBe(42)
      expect(statSync(held.dataDir).uid).toBe(nobody.uid)
      const postmaster = postmasterOf(held.dataDir)
      process.kill(held.pid, 'SIGKILL')
      expect(await becomes(() => !isRunning(postmaster) && !existsSync(dirname(held.dataDir)))).toBe(true)
    } finally {
      process.env['SEAWORTHY_CACHE'] = before
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

function mountTiny(): string | null {
  if (!isRoot) return null
  const folder = mkdtempSync('/tmp/swt-')
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=1777', 'tmpfs', folder], { stdio: 'ignore' })
    return folder
  } catch {
    rmSync(folder, { recursive: true })
    return null
  }
}

/** What a holder writes that fails under these limits. */
function errorAs(...limits: string[]): string {
  const holder = join(import.meta.dirname, 'holder.ts')
  const ended = spawnSync('/usr/bin/setpriv', [...limits, process.execPath, holder], { encoding: 'utf8' })
  expect(ended.status).toBe(1)
  return ended.stderr
}

describe('a user that cannot run it', () => {
  const canTry = isRoot && canReach(import.meta.dirname, nobody) && existsSync('/usr/bin/setpriv')
  const why = canTry ? '' : ' (skipped: needs root, setpriv and a checkout that others can read)'

  test.skipIf(!canTry)(`is told so: root that may become nobody else${why}`, () => {
    const before = readdirSync(cache.places().runs)
    const error = errorAs('--bounding-set=-setuid,-setgid,-chown', '--inh-caps=-setuid,-setgid,-chown')
    expect(error).toMatch(/PostgreSQL refuses to run as root, and this container does not permit/)
    expect(error).toMatch(/--server URL/)
    const isRootOwned = (name: string): boolean => {
      const stat = statSync(join(cache.places().runs, name), { throwIfNoEntry: false })
      return name.startsWith('sw-') && stat?.uid === 0 && !before.includes(name)
    }
    expect(readdirSync(cache.places().runs).filter(isRootOwned)).toEqual([])
  })

  test.skipIf(!canTry)(`is told so: a number without a name${why}`, () => {
    const error = errorAs('--reuid=12345', '--regid=12345', '--clear-groups')
    expect(error).toMatch(/could not look up effective user ID 12345/)
    expect(error).toMatch(/no line in \/etc\/passwd/)
    rmSync('/tmp/seaworthy-12345', { recursive: true, force: true })
  })
})

describe('no free disk', () => {
  let mounted: string | null = null
  beforeAll(() => {
    mounted = mountTiny()
  })
  afterAll(() => {
    if (mounted === null) return
    execFileSync('umount', [mounted])
    rmSync(mounted, { recursive: true })
  })

  test.for(['SEAWORTHY_RUNS', 'SEAWORTHY_CACHE'])('is said in plain words, for %s', async (name, context) => {
    if (mounted === null) return context.skip('a small file system cannot be mounted here')
    const before = process.env[name]
    process.env[name] = mounted
    // A cache that others may write to is not used at all.
    chmodSync(mounted, name === 'SEAWORTHY_CACHE' ? 0o755 : 0o1777)
    try {
      const error = await start().catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(SeaworthyError)
      expect(error).toMatchObject({ code: 'scratch-server', message: expect.stringContaining('no free disk') })
      expect(readdirSync(mounted)).toEqual([])
    } finally {
      if (before === undefined) delete process.env[name]
      else process.env[name] = before
    }
  })
})

describe('PostgreSQL 15', () => {
  const isThere = existsSync('/usr/lib/postgresql/15/bin/postgres')
  const isRequired = process.env['CI'] === 'true'
  test.skipIf(!isThere && !isRequired)(
    `runs as well${isThere || isRequired ? '' : ' (skipped: /usr/lib/postgresql/15 is not installed)'}`,
    async () => {
      const fifteen = await findBinaries(15, import.meta.dirname)
      expect(fifteen).toMatchObject({ major: 15, origin: 'installed' })
      await using server = await startScratchServer({ binaries: fifteen, snapshot: null, signal: never })
      expect(await valueOf(server, "select current_setting('server_version_num')::int / 10000 as value")).toBe(15)
      const order = `select string_agg(x, ' ' order by x collate "en_US") as value from (values ('a'), ('B')) as t (x)`
      expect(await valueOf(server, order)).toBe('a B')
    },
  )
})
