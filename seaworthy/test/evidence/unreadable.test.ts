import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdirSync } from 'node:fs'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { verifyText } from '../../src/commands/verify/text.ts'
import { verifyDocument } from '../../src/commands/verify/output.ts'
import { type Verification, verifyBundle } from '../../src/commands/verify/verify.ts'
import { Project } from '../commands/cli.ts'

const key = generateKeyPairSync('ed25519').publicKey
const NOW = new Date('2026-11-21T12:00:00Z')
const NOBODY = 65_534

/** As somebody who does not own what is there: root may read everything. */
async function asAnother(dir: string): Promise<Verification> {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(NOBODY)
  try {
    return await verifyBundle({ dir, key, policy: 'embedded', now: NOW, toolVersion: '1.0.0' })
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

describe('a bundle that this user may not read', () => {
  const project = new Project({ 'bundle/manifest.json': '{}', 'closed/bundle/manifest.json': '{}' })
  const modes = (of: Readonly<Record<string, number>>): void => {
    for (const [file, mode] of Object.entries(of)) chmodSync(project.at(file), mode)
  }
  afterEach(() => modes({ '.': 0o755, bundle: 0o755, 'bundle/manifest.json': 0o644, closed: 0o755 }))

  afterAll(() => project[Symbol.dispose]())

  it.each([
    ['the folder', { '.': 0o755, bundle: 0 }, 'bundle', 'bundle'],
    ['a file in it', { '.': 0o755, bundle: 0o755, 'bundle/manifest.json': 0 }, 'bundle', 'bundle/manifest.json'],
    ['what it lies in', { '.': 0o755, closed: 0 }, 'closed/bundle', 'closed/bundle'],
  ] as const)('%s: nobody looked, and that is unproven, with the path and what to do', async (_, of, dir, named) => {
    modes(of)
    const verification = await asAnother(project.at(dir))
    expect(verification.result).toMatchObject({ exitCode: 3, isGenuine: false })
    expect(verification.result.steps[0]).toMatchObject({
      step: 'files',
      outcome: 'unproven',
      code: 'bundle/unreadable',
      message: `${project.at(named)} cannot be read: this user may not`,
      hint: expect.stringContaining('chmod -R go+rX'),
    })
    const text = verifyText(
      verifyDocument(verification, { version: '1.0.0', now: NOW, isEmbedded: true, emergencies: {} }),
      80,
    )
    expect(text).toContain('UNPROVEN  exit 3: nobody could look')
    expect(text).toContain('→ Evidence is written for its owner alone')
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('what lacks a file, or holds another one, was looked at, and is refused', async () => {
    chmodSync(project.root, 0o755)
    expect((await asAnother(project.at('bundle'))).result).toMatchObject({ exitCode: 1 })
    mkdirSync(project.at('empty'))
    expect((await asAnother(project.at('empty'))).result.steps[0]).toMatchObject({ code: 'bundle/missing' })
  })
})
