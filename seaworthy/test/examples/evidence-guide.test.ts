import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Project } from '../commands/cli.ts'
import { type CourtProduction, courtDates, courtProduction } from './court-production.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const guide = readFileSync(path.join(root, 'docs/guides/evidence.md'), 'utf8')

interface Step {
  readonly section: string
  readonly command: string
  readonly exit: number
}

/** Every command of the guide, in its order. */
const steps: Step[] = guide.split(/^## /m).flatMap((part) => {
  const section = part.slice(0, part.indexOf('\n'))
  return [...part.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block
      .trim()
      .split('\n')
      .map((line) => {
        const [command = '', exit = '0'] = line.split(' # exit ')
        return { section, command, exit: Number(exit) }
      }),
  )
})

describe('the guide to evidence', () => {
  const places = new Project()
  const project = places.at('project')
  let production: CourtProduction

  beforeAll(async () => {
    production = await courtProduction(null)
    cpSync(courtDates, project, { recursive: true, filter: (source) => !source.endsWith('/variants') })
    const git = (...args: string[]): void => {
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], { cwd: project })
    }
    git('init', '-q', '-b', 'main')
    git('add', '-A')
    git('commit', '-qm', 'release')
    mkdirSync(places.at('bin'))
    const bin = path.join(root, 'seaworthy/bin/seaworthy.js')
    writeFileSync(places.at('bin/seaworthy'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`)
    chmodSync(places.at('bin/seaworthy'), 0o755)
  })
  afterAll(async () => {
    await production[Symbol.asyncDispose]()
    places[Symbol.dispose]()
  })

  it('has commands in each of its sections', () => {
    expect(new Set(steps.map((step) => step.section)).size).toBe(7)
    expect(steps.length).toBeGreaterThan(25)
  })

  it.each(steps.map((step) => [step.command, step] as const))('%s', (_, { command, exit }) => {
    const ran = spawnSync('bash', ['-c', command], {
      cwd: project,
      encoding: 'utf8',
      env: {
        PATH: `${places.at('bin')}:${process.env['PATH']}`,
        HOME: places.root,
        SEAWORTHY_CACHE: process.env['SEAWORTHY_CACHE'],
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_SYSTEM: '/dev/null',
        PRODUCTION: production.url,
      },
    })
    expect({ command, exit: ran.status, told: `${ran.stdout}${ran.stderr}` }).toMatchObject({ exit })
  })
})
