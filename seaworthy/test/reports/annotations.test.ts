import { expect, test } from 'vitest'
import { renderAnnotations } from '../../src/reports/annotations.ts'
import { CANARIES, poisoned } from './arbitrary.ts'
import { accepted, check, flood, outage, report } from './samples.ts'

const decoded = (text: string): string =>
  text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%')

/** As the runner reads it. Source: actions/runner, ActionCommand.cs. */
function parse(line: string): { level: string; properties: Record<string, string>; message: string } {
  const [, level = '', written = '', message = ''] = /^::(error|warning|notice) ([^:]*)::(.*)$/.exec(line) ?? []
  const properties = written.split(',').map((one): [string, string] => {
    const [key = '', ...value] = one.split('=')
    return [key, decoded(value.join('='))]
  })
  return { level, properties: Object.fromEntries(properties), message: decoded(message) }
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '')

test('a finding stands on its line', () => {
  expect(linesOf(renderAnnotations(outage())).map(parse)[1]).toEqual({
    level: 'error',
    properties: {
      file: 'migrations/125_label_rooms.up.sql',
      line: '4',
      col: '8',
      title: 'Seaworthy rehearsal/undefined-column',
    },
    message:
      'column "courtroom_label" of relation "hearings" does not exist (SQLSTATE 42703); 091_tidy_hearings.up.sql dropped it\nInstead: Add the column again in this migration, or use the one that replaced it.',
  })
})

test('at most ten of a type, and the last one says what is left out', () => {
  const lines = linesOf(renderAnnotations(flood(30, 11)))
  expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(10)
  expect(lines.filter((line) => line.startsWith('::warning'))).toHaveLength(10)
  expect(lines[9]).toBe('::error title=Seaworthy::and 21 more: 14 x data-loss/drop-column, 7 x data-loss/drop-table')
  expect(linesOf(renderAnnotations(flood(10, 0)))).toHaveLength(10)
})

test('what was accepted is a notice', () => {
  expect(linesOf(renderAnnotations(accepted())).map((line) => parse(line).level)).toEqual(['notice'])
})

test('a pass without findings says nothing', () => {
  expect(renderAnnotations(report())).toBe('')
})

test.each(CANARIES)('no canary adds a command or a property: %j', (canary) => {
  for (const line of linesOf(renderAnnotations(poisoned(canary)))) {
    expect(line).toMatch(/^::(?:error|warning|notice) (?:file=[^:,]*,line=\d+,col=\d+,)?title=[^:,]*::/)
  }
})

test('percent signs, colons and commas come back as they were', () => {
  const finding = { ...outage().checks[0]!.findings[0]!, message: '100%0A: a,b\nc', hint: null }
  const where = { file: 'a,b:c%2C.sql', line: 1, column: 1 }
  const text = renderAnnotations(
    report({ verdict: 'fail', exitCode: 1, checks: [check({ verdict: 'fail', findings: [{ ...finding, where }] })] }),
  )
  const [line = ''] = linesOf(text)
  expect(line).toContain('file=a%2Cb%3Ac%252C.sql,')
  expect(line.endsWith('::100%250A: a,b%0Ac')).toBe(true)
})
