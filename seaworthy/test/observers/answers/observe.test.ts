import { mkdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { observed } from '../../../src/gate/observation.ts'
import { type Answers, answers } from '../../../src/observers/answers/kind.ts'
import { observeAnswers } from '../../../src/observers/answers/observe.ts'
import { Project } from '../../commands/cli.ts'

const ANSWERS: Answers = {
  server: { version: '18.4', identity: `sha256:${'a'.repeat(64)}`, isReplica: false },
  answers: [
    { id: '0'.repeat(32), answeredAt: '2026-11-21T10:00:00.000Z', rows: 0, problem: null },
    { id: '1'.repeat(32), answeredAt: '2026-11-21T10:00:00.000Z', rows: null, problem: 'it took too long' },
  ],
}
const file = (data: unknown): string => JSON.stringify(observed(answers, 'postgres sha256:a', data))
const [first, second] = ANSWERS.answers

describe("production's answers from a file", () => {
  it('come back as they were written', async () => {
    using project = new Project({ 'a.json': file(ANSWERS) })
    expect(await observeAnswers(project.at('a.json'))).toEqual(observed(answers, 'postgres sha256:a', ANSWERS))
  })

  it.each([
    ['no JSON', 'yes', 'it is no JSON'],
    ['another observation', file(ANSWERS).replace('"answers"', '"ledger"'), 'prove did not write it'],
    ['a failed observation', file(ANSWERS).replace('"observed"', '"failed"'), 'status'],
    ['a later version', file(ANSWERS).replace('"version":1', '"version":2'), 'version'],
    ['a question that is answered twice', file({ ...ANSWERS, answers: [first, first] }), 'answered twice'],
    ['both a count and a problem', file({ ...ANSWERS, answers: [{ ...second, rows: 0 }] }), 'not both'],
    ['neither', file({ ...ANSWERS, answers: [{ ...first, rows: null }] }), 'not both'],
    ['a negative count', file({ ...ANSWERS, answers: [{ ...first, rows: -1 }] }), 'rows'],
    ['no date', file({ ...ANSWERS, answers: [{ ...first, answeredAt: 'now' }] }), 'answeredAt'],
    [
      'a date without a zone',
      file({ ...ANSWERS, answers: [{ ...first, answeredAt: '2026-11-21T10:00:00' }] }),
      'answeredAt',
    ],
    ['no list', file({ ...ANSWERS, answers: undefined }), 'answers'],
    ['something more', file({ ...ANSWERS, rows: ['a row'] }), 'rows'],
    ['too large a file', 'x'.repeat(8 * 1024 * 1024 + 1), 'at most'],
  ])('%s is refused', async (_name, text, why) => {
    using project = new Project({ 'a.json': text })
    await expect(observeAnswers(project.at('a.json'))).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(why),
    })
  })

  it('a file that is not there, or a folder, is refused', async () => {
    using project = new Project()
    mkdirSync(project.at('folder'))
    for (const name of ['gone.json', 'folder']) {
      await expect(observeAnswers(project.at(name))).rejects.toMatchObject({ code: 'config' })
    }
  })
})
