import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Finding } from '../../src/gate/finding.ts'
import { usePrivateCache } from '../postgres/private-places.ts'
import { type Case, casesIn } from './corpus-case.ts'
import { judgeCase } from './corpus-run.ts'

/** Runs the whole corpus through the whole gate on one major of PostgreSQL. */
export function testCorpus(major: number): void {
  const on = (folder: 'harmful' | 'harmless'): Case[] => casesIn(folder).filter((one) => one.minVersion <= major)
  const [harmful, harmless] = [on('harmful'), on('harmless')]
  let cache: ReturnType<typeof usePrivateCache>
  beforeAll(() => {
    cache = usePrivateCache()
  })
  afterAll(() => cache.remove())

  test('the corpus is as large as it was promised to be', () => {
    expect(harmful.length).toBeGreaterThanOrEqual(120)
    expect(harmless.length).toBeGreaterThanOrEqual(70)
  })

  describe('is refused', () => {
    test.each(harmful)('$name: $why', async (one) => {
      const { verdict, findings } = await judgeCase(one, major)
      const errors = findings.filter((finding) => finding.severity === 'error')
      const told = errors.map(inShort)
      const aimed = errors.filter((finding) => isOf(one.families, finding))
      const onTarget = aimed.map(inShort)
      expect({ verdict, told }).toMatchObject({ verdict: one.verdict })
      expect(onTarget, `nothing of ${one.families.join(' or ')} in ${told.join('\n')}`).not.toEqual([])
      expect(onTarget.join('\n')).toContain(one.names)
      expect(aimed.map((finding) => finding.proof ?? '').join('\n')).toContain(one.proof)
    })
  })

  describe('passes without a word', () => {
    test.each(harmless)('$name: $why', async (one) => {
      const { verdict, findings } = await judgeCase(one, major)
      expect(findings.filter((finding) => finding.severity !== 'note').map(inShort)).toEqual([])
      expect(verdict).toBe('pass')
    })
  })
}

const isOf = (families: readonly string[], { code }: Finding): boolean =>
  families.some((family) => code === family || code.startsWith(`${family}/`))

const inShort = ({ severity, code, message, subject }: Finding): string =>
  `${severity} ${code}: ${message} [${subject ?? 'no subject'}]`
