import { describe, expect, it, test } from 'vitest'
import { admissionExplanations } from '../../../src/gate/admission/explanations.ts'
import { judgeAdmission } from '../../../src/gate/admission/admission.ts'
import { bad } from './bad.ts'
import { candidate, certified, database, running, STAGING } from './scene.ts'

describe('what is not admitted', () => {
  it.each(bad)('%s', (_name, input, code, verdict, words) => {
    const admission = judgeAdmission(input)
    const found = admission.findings.filter((one) => one.code === code)
    expect(found.map(({ message }) => message).join('\n')).toContain(words)
    expect(admission).toMatchObject({ verdict, isAdmitted: false })
    expect(found.every(({ severity, outcome }) => severity === 'error' && outcome === verdict)).toBe(true)
  })

  it.each(bad)('in an emergency it goes on, with the same finding as a warning: %s', (_name, input, code, verdict) => {
    const admission = judgeAdmission({ ...input, emergency: { reason: 'the house is on fire' } })
    expect(admission).toMatchObject({ verdict, isAdmitted: true })
    expect(admission.findings.map((one) => one.code)).toContain(code)
    expect(admission.findings.map(({ severity }) => severity)).not.toContain('error')
    expect(admission.findings[0]).toMatchObject({
      code: 'admission/emergency',
      message: expect.stringContaining('the house is on fire'),
    })
  })

  it('every code has its page, and every page its code', () => {
    const warned = ['admission/emergency', 'admission/emergency-forbidden', 'admission/folder-not-judged']
    const said = new Set([...bad.map(([, , code]) => code), ...warned])
    expect(admissionExplanations.map(({ code }) => code).toSorted()).toEqual([...said].toSorted())
  })

  it('a bad part is told beside every other one', () => {
    const worst = certified(
      { verdict: 'fail', action: 'pull-request' },
      { running: {}, seen: [], databases: [{ ...database, identity: STAGING }] },
    )
    const codes = judgeAdmission(worst).findings.map(({ code }) => code)
    expect(new Set(codes)).toEqual(
      new Set([
        'admission/not-a-pass',
        'admission/other-action',
        'admission/candidate-unknown',
        'admission/precondition-not-looked-at',
        'admission/other-database',
      ]),
    )
  })
})

test('a folder that was there and not asked for when the rest was judged is told, and does not refuse', () => {
  const more = { folder: 'more', format: 'sqlx', digest: `sha256:${'9'.repeat(64)}` }
  const { verdict, findings } = judgeAdmission(running({ migrations: [...candidate.migrations, more] }))
  expect(verdict).toBe('pass')
  expect(findings).toMatchObject([
    {
      code: 'admission/folder-not-judged',
      severity: 'warning',
      message: expect.stringContaining('more is about to run'),
    },
  ])
})

test('what is said, word for word', async () => {
  const lines = bad.flatMap(([name, input]) => {
    const { findings, proved } = judgeAdmission(input)
    return [
      `# ${name}`,
      ...findings.flatMap(({ code, subject, message, hint }) => [
        `${code} (${subject})`,
        `  ${message}`,
        `  -> ${hint}`,
      ]),
      ...proved.map((one) => `proved: ${one}`),
      '',
    ]
  })
  const { findings } = judgeAdmission({ ...bad[0]![1], emergency: { reason: 'the house is on fire' } })
  const told = findings.map(({ code, subject, message, hint }) => `${code} (${subject})\n  ${message}\n  -> ${hint}`)
  // `vitest run -u` on this file writes it anew: read what it changes.
  await expect(`${[...lines, '# in an emergency', ...told].join('\n')}\n`).toMatchFileSnapshot('told.txt')
})
