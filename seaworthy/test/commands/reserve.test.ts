import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ReserveOptions, reserve } from '../../src/commands/reserve/reserve.ts'
import { formatNamed } from '../../src/migrations/formats.ts'
import type { FormatName } from '../../src/migrations/model.ts'
import { numberedLedger } from '../../src/migrations/numbered.ts'
import { ScratchRepository, gitEnv } from '../git/scratch-repository.ts'
import { never } from '../postgres/private-places.ts'
import { treeAt } from '../observers/read-tree.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'seaworthy-reserve-'))
  mkdirSync(join(root, 'm'))
})
afterEach(() => rmSync(root, { recursive: true }))

const put = (path: string, text = ''): void => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

async function ask(format: FormatName, change: Partial<ReserveOptions> = {}) {
  const printed: string[] = []
  const warned: string[] = []
  const at = change.root ?? root
  const result = await reserve({
    root: at,
    isGit: false,
    tree: await treeAt(at, 'm', format),
    format: formatNamed(format),
    name: 'Add fees',
    ledgerFile: null,
    ledgerUrl: null,
    ledgerTable: formatNamed(format).ledger,
    env: gitEnv,
    signal: never,
    now: new Date('2026-11-20T10:11:12Z'),
    print: (line) => printed.push(line),
    warn: (line) => warned.push(line),
    ...change,
  })
  return { ...result, printed, warned }
}

describe("in the tool's own naming", () => {
  test('golang-migrate: the next number of the same width, up and down', async () => {
    put('m/0009_x.up.sql')
    put('m/0009_x.down.sql')
    const got = await ask('golang-migrate')
    expect(got).toMatchObject({ version: '0010', files: ['m/0010_add_fees.up.sql', 'm/0010_add_fees.down.sql'] })
    expect(got.printed).toEqual(got.files)
    for (const file of got.files) expect(existsSync(join(root, file))).toBe(true)
  })

  test('the folders of diesel and Prisma, the files of sqlx and of a runner of one’s own', async () => {
    put('m/20260101000000_init/migration.sql')
    put('m/migration_lock.toml', 'provider = "postgresql"')
    expect((await ask('prisma')).files).toEqual(['m/20261120101112_add_fees/migration.sql'])
    rmSync(join(root, 'm'), { recursive: true })
    put('m/2026-01-01-000000_init/up.sql')
    put('m/2026-01-01-000000_init/down.sql')
    expect((await ask('diesel')).files).toEqual([
      'm/2026-11-20-101112_add_fees/up.sql',
      'm/2026-11-20-101112_add_fees/down.sql',
    ])
    rmSync(join(root, 'm'), { recursive: true })
    put('m/20260101000000_init.sql')
    expect((await ask('sqlx')).files).toEqual(['m/20261120101112_add_fees.sql'])
    rmSync(join(root, 'm'), { recursive: true })
    put('m/7-init.sql')
    expect((await ask('numbered')).files).toEqual(['m/8-add-fees.sql'])
  })

  test('drizzle: the journal gets its entry, and keeps the others', async () => {
    put('m/0000_init.sql', 'select 1')
    const entry = { idx: 0, version: '7', when: 1_700_000_000_000, tag: '0000_init', breakpoints: true }
    put('m/meta/_journal.json', JSON.stringify({ version: '7', dialect: 'postgresql', entries: [entry] }, null, 2))
    expect((await ask('drizzle')).files).toEqual(['m/0001_add_fees.sql', 'm/meta/_journal.json'])
    const journal = JSON.parse(readFileSync(join(root, 'm/meta/_journal.json'), 'utf8'))
    expect(journal.entries).toMatchObject([entry, { idx: 1, tag: '0001_add_fees' }])
    expect(readdirSync(join(root, 'm/meta'))).toEqual(['_journal.json'])
  })

  test('drizzle: a journal that was changed meanwhile is left alone, and nothing is written', async () => {
    put('m/0000_init.sql', 'select 1')
    put('m/meta/_journal.json', JSON.stringify({ entries: [{ idx: 0, when: 1, tag: '0000_init' }] }))
    const tree = await treeAt(root, 'm', 'drizzle')
    put('m/meta/_journal.json', JSON.stringify({ entries: [] }))
    await expect(ask('drizzle', { tree })).rejects.toMatchObject({
      message: expect.stringContaining('journal was changed'),
    })
    expect(readdirSync(join(root, 'm'))).toEqual(['0000_init.sql', 'meta'])
  })
})

describe('what is taken', () => {
  test('in the ledger', async () => {
    put('m/001_x.sql')
    put('ledger.csv', 'version,name\n1,x\n0014,y\n')
    const given = { ledgerFile: join(root, 'ledger.csv'), ledgerTable: numberedLedger('applied') }
    expect((await ask('numbered', given)).version).toBe('015')
  })

  test('in a ledger that cannot be read: nothing is reserved', async () => {
    put('m/001_x.sql')
    const url = 'postgresql://u:canary_pass@127.0.0.1:1/x'
    const failed: unknown = await ask('numbered', { ledgerUrl: url, ledgerTable: numberedLedger('applied') }).catch(
      (error: unknown) => error,
    )
    expect(failed).toMatchObject({ code: 'network', message: expect.stringContaining('no version is reserved') })
    expect(String(failed)).not.toContain('canary')
    await expect(ask('numbered', { ledgerFile: join(root, 'nope') })).rejects.toMatchObject({ code: 'unreadable' })
    expect(readdirSync(join(root, 'm'))).toEqual(['001_x.sql'])
  })

  test('on other branches; and a clone that cannot know them says so', async () => {
    using scratch = new ScratchRepository()
    scratch.commit({ 'm/1_x.up.sql': '' })
    scratch.git('checkout', '-q', '-b', 'theirs')
    scratch.commit({ 'm/7_y.up.sql': '' })
    scratch.git('checkout', '-q', 'main')
    const got = await ask('golang-migrate', { root: scratch.root, isGit: true })
    expect(got).toMatchObject({ version: '8', warned: [] })
    const shallow = scratch.clone('shallow', '--depth', '1')
    const blind = await ask('golang-migrate', { root: shallow, isGit: true })
    expect(blind.version).toBe('2')
    expect(blind.warned.join()).toMatch(/were not looked at: .*shallow/)
  })

  test('in the folder since the tree was read', async () => {
    put('m/001_x.sql')
    const tree = await treeAt(root, 'm', 'numbered')
    put('m/002_somebody_else.down.sql')
    expect((await ask('numbered', { tree })).files).toEqual(['m/003_add_fees.sql'])
  })
})

test('a file that is there is never overwritten: the next version is tried', async () => {
  put('m/1_x.up.sql')
  put('m/1_x.down.sql')
  // Of no version that the name alone would tell.
  const format = formatNamed('golang-migrate')
  const clash = {
    ...format,
    nextSlot: (...args: Parameters<typeof format.nextSlot>) => {
      const next = format.nextSlot(...args)
      if (next.version === '2') writeFileSync(join(root, 'm/2_add_fees.down.sql'), 'mine')
      return next
    },
  }
  const got = await ask('golang-migrate', { format: clash })
  expect(got.version).toBe('3')
  expect(readFileSync(join(root, 'm/2_add_fees.down.sql'), 'utf8')).toBe('mine')
  // The up file of the try that failed is gone again.
  expect(existsSync(join(root, 'm/2_add_fees.up.sql'))).toBe(false)
})

test('a clash every time ends with an error', async () => {
  put('m/1_x.up.sql')
  const stuck = {
    ...formatNamed('golang-migrate'),
    nextSlot: () => ({ version: '1', files: [{ path: '1_x.up.sql', text: 'new' }] }),
  }
  await expect(ask('golang-migrate', { format: stuck })).rejects.toMatchObject({
    message: expect.stringContaining('no free version'),
  })
  expect(readFileSync(join(root, 'm/1_x.up.sql'), 'utf8')).toBe('')
})

test('eight people at once get eight versions, in one process and in several', async () => {
  put('m/1_x.up.sql')
  const here = await Promise.all(
    Array.from({ length: 4 }, (_, index) => ask('golang-migrate', { name: `here ${index}` })),
  )
  const script = `
    import { reserve } from ${JSON.stringify(join(import.meta.dirname, '../../src/commands/reserve/reserve.ts'))}
    import { formatNamed } from ${JSON.stringify(join(import.meta.dirname, '../../src/migrations/formats.ts'))}
    import { readTree } from ${JSON.stringify(join(import.meta.dirname, '../../src/migrations/detect.ts'))}
    const [root, name] = process.argv.slice(-2)
    const tree = await readTree(root, { folder: 'm', format: 'golang-migrate', detectedBy: 'test' })
    await reserve({ root, isGit: false, tree, format: formatNamed('golang-migrate'), name, ledgerFile: null, ledgerUrl: null,
      ledgerTable: null, env: {}, signal: new AbortController().signal, now: new Date(), print: console.log, warn: console.error })`
  const run = promisify(execFile)
  await Promise.all(
    Array.from({ length: 4 }, (_, index) =>
      run(process.execPath, ['--input-type=module', '-e', script, '--', root, `there ${index}`]),
    ),
  )
  expect(new Set(here.map((one) => one.version)).size).toBe(4)
  const versions = readdirSync(join(root, 'm')).map((name) => Number(name.split('_')[0]))
  expect(versions.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})

const locks = (): string[] => readdirSync(tmpdir()).filter((name) => /^seaworthy-reserve-.*\.lock$/.test(name))

test('a lock of a process that is gone is taken over', async () => {
  put('m/1_x.up.sql')
  const { OwnLock } = await import('../../src/commands/own-lock.ts')
  const before = new Set(locks())
  const held = await OwnLock.take(realpathSync(join(root, 'm')), 'reserve', () => Promise.resolve())
  const lock = locks().find((name) => !before.has(name))
  const child = execFile(process.execPath, ['-e', ''])
  await new Promise((resolve) => child.on('exit', resolve))
  writeFileSync(join(tmpdir(), lock ?? ''), `${child.pid} somebody`)
  expect(() => held.mustBeOurs()).toThrow('taken away')
  expect((await ask('golang-migrate')).version).toBe('2')
  expect(existsSync(join(tmpdir(), lock ?? ''))).toBe(false)
})
