import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startProgress } from '../../src/reports/progress.ts'

let written = ''
const stream = { write: (text: string) => (written += text), columns: 40 }
beforeEach(() => {
  written = ''
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('in a log, a run of less than a second says nothing', () => {
  const progress = startProgress(stream, { isTty: false })
  progress.say('starting the scratch server')
  vi.advanceTimersByTime(900)
  progress.done()
  vi.advanceTimersByTime(5_000)
  expect(written).toBe('')
})

test('in a log, lines are seldom, whatever is said, and the newest is the one that is shown', () => {
  const progress = startProgress(stream, { isTty: false })
  for (let index = 1; index <= 6_000; index += 1) {
    progress.say(`applying ${index} of 6000`)
    vi.advanceTimersByTime(10)
  }
  progress.done()
  const lines = written.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^applying \d+ of 6000 \(1\.0 s\)$/)
  expect(lines.length).toBeGreaterThan(8)
  expect(lines.length).toBeLessThan(20)
})

test('in a log, the same step is said once', () => {
  const progress = startProgress(stream, { isTty: false })
  progress.say('building')
  vi.advanceTimersByTime(60_000)
  progress.done()
  expect(written).toBe('building (1.0 s)\n')
})

test('on a terminal one line is written over, cut to the width, with the time of a long step, and cleared at the end', () => {
  const progress = startProgress(stream, { isTty: true })
  progress.say(`applying ${'x'.repeat(100)}`)
  vi.advanceTimersByTime(200)
  expect(written).toBe(`\r\u001B[2Kapplying ${'x'.repeat(27)}...`)
  progress.say('building the index')
  vi.advanceTimersByTime(3_000)
  expect(written.endsWith('\r\u001B[2Kbuilding the index (3.0 s)')).toBe(true)
  expect(written).not.toContain('\n')
  progress.done()
  progress.done()
  expect(written.endsWith('(3.0 s)\r\u001B[2K')).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
  const end = written
  vi.advanceTimersByTime(5_000)
  expect(written).toBe(end)
})

test('a file name cannot steer the terminal or the CI server', () => {
  const progress = startProgress(stream, { isTty: false })
  progress.say('::error::\u001B[2J\nx')
  vi.advanceTimersByTime(1_100)
  progress.done()
  expect(written).toBe(': :error:: x (1.0 s)\n')
})
