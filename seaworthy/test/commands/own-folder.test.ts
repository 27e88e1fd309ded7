import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { OwnFolder, sweepFolders } from '../../src/commands/own-folder.ts'
import { processName } from '../../src/postgres/process-name.ts'
import { Project } from './cli.ts'

const MODULE = new URL('../../src/commands/own-folder.ts', import.meta.url).href

/** Makes a folder in a process that is then killed. */
function killed(temporary: string): void {
  const code = `
    const { OwnFolder } = await import(${JSON.stringify(MODULE)})
    const folder = await OwnFolder.make('drill')
    await (await import('node:fs/promises')).mkdir(folder.path + '/world-1')
    process.kill(process.pid, 'SIGKILL')`
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, TMPDIR: temporary },
  })
  expect(signal).toBe('SIGKILL')
}

describe('a folder of our own', () => {
  it('that a killed process left is swept by the next one; others stay', async () => {
    using project = new Project()
    killed(project.root)
    const [left = ''] = readdirSync(project.root)
    expect(left).toMatch(/^seaworthy-drill-/)
    const running = `seaworthy-cold-${processName()}-AbCdEf`
    const elsewhere = 'seaworthy-cold-0123456789ab.1.1-AbCdEf'
    const others = [running, elsewhere, 'seaworthy-drill-AbCdEf', `${left}x`, 'seaworthy-cold-..-AbCdEf']
    for (const name of others) mkdirSync(project.at(name))
    mkdirSync(project.at('kept'))
    symlinkSync(project.at('kept'), project.at(`${left.slice(0, -6)}linked`))
    const before = readdirSync(project.root)
    await sweepFolders(project.root)
    expect(readdirSync(project.root)).toEqual(before.filter((name) => name !== left))
    // Of another machine or an earlier start of this one nobody can tell; after a day it counts as gone.
    utimesSync(project.at(elsewhere), new Date(0), new Date(0))
    await sweepFolders(project.root)
    expect(existsSync(project.at(elsewhere))).toBe(false)
    await sweepFolders(project.at('nowhere'))
  })

  it('is gone with its content when the work is done', async () => {
    let made = ''
    {
      await using folder = await OwnFolder.make('cold')
      made = folder.path
      mkdirSync(path.join(made, 'checkout'))
      expect(path.dirname(made)).toBe(realpathSync(tmpdir()))
    }
    expect(existsSync(made)).toBe(false)
  })
})
