import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { readInput } from '../../src/commands/input-file.ts'
import { readReview } from '../../src/commands/review/file.ts'
import { readPipe } from '../../src/config/pipe.ts'
import { repeatedName } from '../../src/config/repeated-names.ts'
import { loadPolicy } from '../../src/config/policy-file.ts'
import { policyOf } from '../../src/config/policy.ts'
import { parseConfig } from '../../src/config/schema.ts'
import { DEFAULT_POLICY } from '../../src/gate/policy.ts'
import { Project, seaworthy } from '../commands/cli.ts'

const KEY = 'a'.repeat(64)
const CONFIG = {
  profile: 'additive',
  policy: {
    required: { deploy: ['migrations-ledger'] },
    largeTable: { rows: 5 },
    certificate: { validHours: 2 },
    admission: { requires: ['ledger', 'shape'], emergency: 'forbid' },
    review: { isIndependent: true, reviewers: [KEY] },
  },
} as const

const EXPECTED = {
  ...DEFAULT_POLICY,
  required: { ...DEFAULT_POLICY.required, deploy: ['migrations-ledger'] },
  settings: { ...DEFAULT_POLICY.settings, profile: 'additive', largeTable: { rows: 5, bytes: 10_000_000 } },
  certificate: { validHours: 2 },
  admission: { requires: ['ledger', 'shape'], dirty: 'refuse', emergency: 'forbid' },
  review: { isIndependent: true, reviewers: [KEY] },
}

describe('the policy', () => {
  it('of a configuration is whole: what it leaves out has its default', () => {
    expect(policyOf({})).toEqual(DEFAULT_POLICY)
    const parsed = parseConfig(CONFIG)
    expect('config' in parsed ? policyOf(parsed.config) : parsed).toEqual(EXPECTED)
    expect(policyOf({}, 'additive').settings.profile).toBe('additive')
    expect(DEFAULT_POLICY).toMatchObject({
      certificate: { validHours: 24 },
      admission: { requires: ['ledger'], dirty: 'refuse', emergency: 'allow' },
      review: { isIndependent: false, reviewers: [] },
    })
  })

  it('is printed by seaworthy policy, and read again as the same one', async () => {
    using project = new Project({ 'seaworthy.config.json': JSON.stringify(CONFIG) })
    const ran = await seaworthy(['policy'], project.root)
    expect(ran.code).toBe(0)
    expect(JSON.parse(ran.stdout)).toEqual(EXPECTED)
    project.write({ 'policy.json': ran.stdout })
    expect(await loadPolicy(project.at('policy.json'))).toEqual(EXPECTED)
    expect(await loadPolicy(project.at('seaworthy.config.json'))).toEqual(EXPECTED)
    project.write({ 'other.config.mjs': `export default ${JSON.stringify(CONFIG)}` })
    expect(await loadPolicy(project.at('other.config.mjs'))).toEqual(EXPECTED)
    const flag = await seaworthy(['policy', '--profile', 'online'], project.root)
    expect(JSON.parse(flag.stdout).settings.profile).toBe('online')
  })

  it.each<[string, string, string]>([
    ['a configuration under another name', JSON.stringify(CONFIG), 'required: '],
    ['one with a member left out', JSON.stringify({ ...EXPECTED, review: undefined }), 'review: '],
    ['one with a member more', JSON.stringify({ ...EXPECTED, more: 1 }), 'Unrecognized key'],
    [
      'one that lets data loss be accepted by a comment',
      JSON.stringify({ ...EXPECTED, settings: { ...EXPECTED.settings, inlineAcceptance: ['data-loss'] } }),
      'settings.inlineAcceptance: ',
    ],
    [
      'one with a key that is none',
      JSON.stringify({ ...EXPECTED, review: { isIndependent: true, reviewers: ['ada'] } }),
      'review.reviewers.0: the id of a key has 64 digits',
    ],
    [
      'one that counts for ever',
      JSON.stringify({ ...EXPECTED, certificate: { validHours: 1e9 } }),
      'certificate.validHours: ',
    ],
    ['no JSON', '{', 'cannot be read'],
    ['one with a byte-order mark', `\uFEFF${JSON.stringify(EXPECTED)}`, 'byte-order mark'],
    [
      'one that says two things',
      JSON.stringify(EXPECTED).replace('"requireDowns":', ' "requireDowns" : true, "requireDowns":'),
      'it has "requireDowns" twice',
    ],
    [
      'one that says the same thing in two writings',
      JSON.stringify(EXPECTED).replace('"review":', '"\\u0072eview":{},"review":'),
      'it has "review" twice',
    ],
    ['a large one', ' '.repeat(1_000_001), 'a policy at most 1000000'],
  ])('is not %s', async (_, text, why) => {
    using project = new Project({ 'policy.json': text })
    await expect(loadPolicy(project.at('policy.json'))).rejects.toMatchObject({
      code: 'config',
      exitCode: 2,
      message: expect.stringContaining(why),
    })
  })

  it('may have the same name in several objects, and in a text', () => {
    for (const text of [
      '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
      '{"a":"\\"a\\":1,\\"a\\":2","b":["a","a"]}',
      '"a"',
      '[]',
    ])
      expect(repeatedName(text)).toBeNull()
    for (const text of ['{"a":1,"a":1}', '[{"a":{"b":1}, "c":[], "a"\n:2}]']) expect(repeatedName(text)).toBe('a')
  })

  it('may come through a pipe, for which nobody waits for ever', async () => {
    using project = new Project({ 'policy.json': JSON.stringify(EXPECTED) })
    const fifo = project.at('pipe')
    execFileSync('mkfifo', [fifo])
    await expect(readPipe(fifo, 100, 50)).rejects.toThrow('nobody wrote all of it within 0.05 s')
    /** Ends once somebody has read, or stopped reading. */
    const written = async (): Promise<unknown> => await once(spawn('cp', [project.at('policy.json'), fifo]), 'close')
    const first = written()
    expect(await loadPolicy(fifo)).toEqual(EXPECTED)
    await first
    const second = written()
    await expect(readPipe(fifo, 100)).rejects.toThrow('it has more than 100 bytes')
    await second
    const third = written()
    expect(JSON.parse(await readInput(fifo, 100_000, '--workload'))).toEqual(EXPECTED)
    await third
    await expect(readReview(fifo)).rejects.toThrow('it is no file')
  })

  it('that is not there is said to be missing', async () => {
    using project = new Project()
    await expect(loadPolicy(project.at('policy.json'))).rejects.toMatchObject({
      message: expect.stringContaining('there is no such file'),
    })
  })
})

describe('signing in the configuration', () => {
  const complaints = (signing: unknown): unknown => parseConfig({ signing })

  it('names a file or a command, never a key', () => {
    expect(complaints({ key: 'deploy.key', passphraseCommand: ['vault', 'read'] })).toHaveProperty('config')
    expect(complaints({ command: ['vault', 'read'] })).toHaveProperty('config')
    for (const wrong of [
      { command: 'vault read' },
      { command: [] },
      { command: [''] },
      { pem: 'x' },
      { key: 'k', command: ['v'] },
    ])
      expect(complaints(wrong)).toHaveProperty('complaints')
  })
})
