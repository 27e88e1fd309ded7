import { describe, expect, it } from 'vitest'
import { type CheckFlags, checkRequest } from '../../src/commands/check/request.ts'
import type { Config } from '../../src/config/define.ts'
import { DEFAULT_POLICY, NEVER_INLINE } from '../../src/gate/policy.ts'

const request = (flags: CheckFlags, config: Config = {}, env: NodeJS.ProcessEnv = {}, dirs: string[] = []) =>
  checkRequest(dirs, flags, { config, source: null, base: '/repo' }, '/repo/sub', env)

describe('what a run is asked to do', () => {
  it('has a default for everything, and ownership is then assumed', () => {
    expect(request({})).toMatchObject({
      folders: [],
      anywhere: { dir: '/repo/sub', baseline: null, ledgerFile: null, ledgerUrl: null },
      action: 'pull-request',
      useCache: true,
      roles: { mode: 'single', isConfigured: false, deployRole: 'deploy' },
      policy: DEFAULT_POLICY,
    })
  })

  it('takes flags over environment over configuration', () => {
    const config: Config = {
      server: 'postgres://c/x',
      pg: 16,
      profile: 'additive',
      cache: false,
      down: 'all',
      roles: 'split',
    }
    expect(request({}, config)).toMatchObject({ serverUrl: 'postgres://c/x', major: 16, useCache: false, down: 'all' })
    const env = { SEAWORTHY_SERVER_URL: 'postgres://e/x' }
    expect(request({}, config, env).serverUrl).toBe('postgres://e/x')
    expect(request({ server: 'postgres://f/x', pg: 17 }, config, env)).toMatchObject({
      serverUrl: 'postgres://f/x',
      major: 17,
    })
    expect(request({ roles: 'single', profile: 'online' }, config)).toMatchObject({
      roles: { mode: 'single', isConfigured: true },
      policy: { settings: { profile: 'online' } },
    })
    expect(request({}, config, { SEAWORTHY_SERVER_URL: '' }).serverUrl).toBe('postgres://c/x')
  })

  it('knows one ledger by the same precedence, and refuses two', () => {
    const config: Config = { ledger: 'all.csv', migrations: [{ dir: 'a', ledger: 'a.csv' }] }
    const ledger = (flags: CheckFlags, env: NodeJS.ProcessEnv = {}) => request(flags, config, env).folders[0]
    expect(ledger({})).toMatchObject({ ledgerFile: '/repo/a.csv', ledgerUrl: null })
    expect(ledger({}, { SEAWORTHY_LEDGER_URL: 'postgres://e/x' })).toMatchObject({
      ledgerFile: null,
      ledgerUrl: 'postgres://e/x',
    })
    expect(ledger({ ledger: 'f.csv' }, { SEAWORTHY_LEDGER_URL: 'postgres://e/x' })).toMatchObject({
      ledgerFile: '/repo/sub/f.csv',
      ledgerUrl: null,
    })
    expect(() => ledger({ ledger: 'f.csv', ledgerUrl: 'postgres://f/x' })).toThrow(/two ledgers/)
  })

  it('keeps what the configuration says of a folder, however it is named', () => {
    const config: Config = {
      migrations: [
        { dir: 'db', ledger: 'db.csv' },
        { dir: 'db/old', baseline: '7' },
      ],
    }
    const named = (...dirs: string[]) => request({}, config, {}, dirs).folders
    expect(named('../db')).toMatchObject([{ dir: '/repo/db', ledgerFile: '/repo/db.csv' }])
    expect(named('../db/migrations/')).toMatchObject([{ dir: '/repo/db/migrations', ledgerFile: '/repo/db.csv' }])
    expect(named('../db/old/x')).toMatchObject([{ dir: '/repo/db/old/x', ledgerFile: null, baseline: '7' }])
    expect(named('..')).toMatchObject([
      { dir: '/repo', ledgerFile: null },
      { dir: '/repo/db', ledgerFile: '/repo/db.csv' },
      { dir: '/repo/db/old', baseline: '7' },
    ])
    expect(named('../dbs')).toMatchObject([{ dir: '/repo/dbs', ledgerFile: null }])
  })

  it('never applies one baseline or one ledger to several folders', () => {
    const config: Config = { migrations: [{ dir: 'a' }, { dir: 'b' }] }
    expect(() => request({ baseline: '7' }, config)).toThrow(/speaks of one folder/)
    expect(() => request({ ledger: 'l.csv' }, {}, {}, ['a', 'b'])).toThrow(/speaks of one folder/)
    expect(request({ baseline: '7' }, config, {}, ['../a']).folders).toMatchObject([{ dir: '/repo/a', baseline: '7' }])
    expect(
      request(
        {},
        {
          migrations: [
            { dir: 'a', baseline: '1' },
            { dir: 'b', baseline: '2' },
          ],
        },
      ).folders,
    ).toHaveLength(2)
  })
})

describe('the configuration', () => {
  it('names every complaint with its place, and knows no other keys', async () => {
    const { parseConfig } = await import('../../src/config/schema.ts')
    const wrong = parseConfig({
      rolls: 'split',
      pg: 'eighteen',
      policy: { accept: [{ code: 'lock', reason: 'short', author: '', expires: 'soon' }] },
    })
    const complaints = 'complaints' in wrong ? wrong.complaints.join('\n') : ''
    for (const says of ['rolls', 'pg', 'accept.0.code', 'accept.0.reason', 'accept.0.author', 'accept.0.expires']) {
      expect(complaints).toContain(says)
    }
    expect(parseConfig({})).toEqual({ config: {} })
  })

  it('opens no family to inline acceptance that may never be', async () => {
    const { parseConfig } = await import('../../src/config/schema.ts')
    for (const family of NEVER_INLINE) {
      expect(parseConfig({ policy: { inlineAcceptance: [family] } })).toHaveProperty('complaints')
    }
    expect(
      parseConfig({ policy: { inlineAcceptance: ['lock', 'compat', 'repeat', 'apply', 'ledger'] } }),
    ).toHaveProperty('config')
    expect(DEFAULT_POLICY.settings.inlineAcceptance.filter((family) => NEVER_INLINE.includes(family))).toEqual([])
  })
})
