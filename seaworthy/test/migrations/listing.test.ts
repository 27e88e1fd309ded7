import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { describe, expect, test } from 'vitest'
import { SeaworthyError } from '../../src/gate/error.ts'
import { readTree } from '../../src/migrations/detect.ts'
import { MAX_FILE_BYTES, fileReader, listFolder } from '../../src/migrations/listing.ts'
import { kindsOf, problemOf, project, readOnly, write } from './reading.ts'

const UP = 'migrations/1_a.up.sql'

function thrown(run: () => unknown): SeaworthyError {
  try {
    run()
  } catch (error) {
    if (error instanceof SeaworthyError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('a folder that cannot be looked at', () => {
  test.each([
    ['missing', 'there is no folder missing'],
    ['migrations/1_a.up.sql', 'is a file, not a folder'],
    ['migrations/1_a.up.sql/deeper', 'is a file, not a folder'],
  ])('%s is an error that says the next thing to do', (folder, message) => {
    const error = thrown(() => listFolder(project({ [UP]: '' }), folder))
    expect(error.code).toBe('unreadable')
    expect(error.message).toContain(message)
    expect(error.hint).toContain('seaworthy check')
  })

  test('a missing root is no crash', () => {
    expect(thrown(() => listFolder(join(project({}), 'gone'), '.')).code).toBe('unreadable')
  })

  test('an empty folder lists nothing', () => {
    expect(listFolder(project({}), '.').files).toEqual([])
  })
})

describe('what lies in the way', () => {
  test('loops are cut and reported, links inside of the repository followed', async () => {
    const root = project({ [UP]: 'SELECT 1', 'shared/2_b.up.sql': 'SELECT 2' })
    symlinkSync('../shared/2_b.up.sql', join(root, 'migrations/2_b.up.sql'))
    symlinkSync('..', join(root, 'migrations/up'))
    symlinkSync('self.sql', join(root, 'migrations/self.sql'))
    const tree = await readTree(root, { folder: 'migrations', format: 'golang-migrate', detectedBy: 'test' })
    expect(tree.migrations.map((one) => one.up.text)).toEqual(['SELECT 1', 'SELECT 2'])
    expect(kindsOf(tree)).toContain('symlink-loop migrations/self.sql')
    expect(tree.problems.filter((one) => one.kind === 'symlink-loop').length).toBeGreaterThanOrEqual(2)
    expect(tree.problems.every((one) => one.isOpaque)).toBe(true)
  })

  test('many links to one another end', () => {
    const root = project({ 'migrations/a/x': '', 'migrations/b/y': '' })
    for (const name of ['1', '2', '3', '4']) {
      symlinkSync('../b', join(root, `migrations/a/${name}`))
      symlinkSync('../a', join(root, `migrations/b/${name}`))
    }
    const listing = listFolder(root, 'migrations')
    expect(listing.files.length).toBeLessThan(100)
    expect(listing.problems.every((one) => one.kind === 'symlink-loop')).toBe(true)
    expect(listing.problems.length).toBeGreaterThan(0)
  })

  test('a link out of the repository is not followed: it could lead to a secret', async () => {
    const outside = project({ 'secret.sql': 'the secret' })
    const root = project({ [UP]: 'SELECT 1' })
    symlinkSync(join(outside, 'secret.sql'), join(root, 'migrations/2_b.up.sql'))
    symlinkSync(outside, join(root, 'migrations/folder'))
    symlinkSync('nowhere', join(root, 'migrations/3_c.up.sql'))
    const tree = await readOnly(root)
    expect(JSON.stringify(tree)).not.toContain('the secret')
    expect(kindsOf(tree).toSorted()).toEqual(
      ['2_b.up.sql', '3_c.up.sql', 'folder'].map((name) => `unreadable migrations/${name}`),
    )
  })

  test('a link to what git keeps for itself, or does not have, is not followed', async () => {
    const root = project({
      [UP]: 'SELECT 1',
      '.git/config': 'token = CANARY',
      '.env': 'PASSWORD=CANARY',
      'shared/4_d.up.sql': 'SELECT 4',
    })
    symlinkSync('../.git/config', join(root, 'migrations/2_b.up.sql'))
    symlinkSync('../.env', join(root, 'migrations/3_c.up.sql'))
    symlinkSync('../shared', join(root, 'migrations/more'))
    const detected = { folder: 'migrations', format: 'golang-migrate', detectedBy: 'test' } as const
    const asked: string[] = []
    const tree = await readTree(root, detected, async (files) => {
      asked.push(...files)
      return await Promise.resolve(new Set(['shared/4_d.up.sql']))
    })
    expect(asked.toSorted()).toEqual(['.env', 'shared/4_d.up.sql'])
    expect(JSON.stringify(tree)).not.toContain('CANARY')
    expect(kindsOf(tree)).toEqual(
      expect.arrayContaining(['2_b', '3_c'].map((one) => `unreadable migrations/${one}.up.sql`)),
    )
    expect(listFolder(root, 'migrations').links).toEqual(
      new Map([
        ['3_c.up.sql', '.env'],
        ['more/4_d.up.sql', 'shared/4_d.up.sql'],
      ]),
    )
    // Nobody is asked where there is no link.
    const plain = project({ [UP]: 'SELECT 1' })
    await readTree(plain, detected, () => Promise.reject(new Error('asked')))
  })

  test('a named pipe is reported, not waited for', () => {
    const root = project({ [UP]: '' })
    execFileSync('mkfifo', [join(root, 'migrations/2_b.up.sql')])
    expect(listFolder(root, 'migrations').problems).toMatchObject([{ kind: 'unreadable', isOpaque: true }])
  })

  test.runIf(process.getuid?.() === 0)('a file and a folder that may not be read are reported', async () => {
    const root = project({ [UP]: 'SELECT 1', 'migrations/2_b.up.sql': 'SELECT 2', 'migrations/sub/x.sql': '' })
    chmodSync(root, 0o755)
    chmodSync(join(root, 'migrations/2_b.up.sql'), 0)
    chmodSync(join(root, 'migrations/sub'), 0)
    process.seteuid?.(65534)
    try {
      const listing = listFolder(root, 'migrations')
      expect(listing.problems).toMatchObject([{ kind: 'unreadable', file: 'migrations/sub' }])
      const read = await fileReader(root, 'migrations').text('2_b.up.sql')
      expect(read).toMatchObject({ problem: { kind: 'unreadable', isOpaque: true } })
    } finally {
      process.seteuid?.(0)
    }
  })
})

describe('files that cannot be read as SQL', () => {
  test('200 MB are not read into memory', async () => {
    const root = project({ [UP]: 'SELECT 1', 'migrations/2_b.up.sql': '' })
    truncateSync(join(root, 'migrations/2_b.up.sql'), 200 * 1024 * 1024)
    const before = process.memoryUsage().rss
    const tree = await readOnly(root)
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024)
    expect(problemOf(tree, '2_b.up.sql')).toMatchObject({ kind: 'too-large', isOpaque: true })
    expect(problemOf(tree, '2_b.up.sql').message).toContain('200 MB')
    expect(tree.migrations).toHaveLength(1)
  })

  test('a file of exactly the limit is read', async () => {
    const root = project({ [UP]: ' '.repeat(MAX_FILE_BYTES) })
    expect((await readOnly(root)).migrations[0]?.up.text.length).toBe(MAX_FILE_BYTES)
  })

  test.each([
    ['an 8-bit code page', Buffer.from("SELECT 'Stra\xdfe'", 'latin1')],
    ['UTF-16', Buffer.from('\ufeffSELECT 1', 'utf16le')],
    ['a zero byte', Buffer.from('SELECT 1\0')],
    ['a cut-off character', Buffer.from('SELECT ü').subarray(0, -1)],
  ])('%s is reported', async (_name, content) => {
    const tree = await readOnly(project({ [UP]: 'SELECT 1', 'migrations/2_b.up.sql': content }))
    expect(tree.problems).toMatchObject([{ kind: 'invalid-utf8', file: 'migrations/2_b.up.sql', isOpaque: true }])
  })

  test('a byte-order mark stays, since every tool sends it', async () => {
    const tree = await readOnly(project({ [UP]: '\ufeffSELECT 1' }))
    expect(tree.migrations[0]?.up.text).toBe('\ufeffSELECT 1')
  })

  test('an unreadable down file is reported, and the up stays', async () => {
    const tree = await readOnly(project({ [UP]: 'SELECT 1', 'migrations/1_a.down.sql': Buffer.from([0xff]) }))
    expect(tree.migrations).toMatchObject([{ down: null }])
    expect(tree.problems).toMatchObject([{ kind: 'invalid-utf8', file: 'migrations/1_a.down.sql' }])
  })
})

test('the names above are the nearest first, up to the root and no further', () => {
  const root = project({ 'go.mod': '', 'a/Cargo.toml': '', 'a/b/migrations/1_a.up.sql': '', 'a/b/package.json': '' })
  expect([...listFolder(root, 'a/b/migrations').above]).toEqual(['package.json', 'Cargo.toml', 'go.mod'])
  expect([...listFolder(join(root, 'a'), 'b/migrations').above]).toEqual(['package.json', 'Cargo.toml'])
})

test('800 files are read in a blink', async () => {
  const root = project({})
  mkdirSync(join(root, 'migrations'))
  write(
    root,
    Object.fromEntries(
      Array.from({ length: 800 }, (_, index) => [`migrations/${index}_a.up.sql`, 'SELECT 1;\n'.repeat(80)]),
    ),
  )
  await readOnly(root)
  const times: number[] = []
  for (let run = 0; run < 5; run += 1) {
    const start = performance.now()
    expect(
      (await readTree(root, { folder: 'migrations', format: 'golang-migrate', detectedBy: 'test' })).migrations,
    ).toHaveLength(800)
    times.push(performance.now() - start)
  }
  // Measured at 15 ms on two busy cores; the bound leaves room for a loaded machine.
  expect(Math.min(...times)).toBeLessThan(150)
})
