import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isGone, processName } from '../../src/postgres/process-name.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const now = (): number => Date.now()

const fieldsOf = (pid: string | number): string[] => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}
const isZombieOf = (pid: string, parent: number): boolean => {
  const [state, ppid] = fieldsOf(pid)
  return state === 'Z' && Number(ppid) === parent
}
const startOf = (pid: number): string => fieldsOf(pid)[19] ?? ''

describe('the owner of a folder', () => {
  test('is there while its process lives', () => {
    expect(isGone(processName(), 0)).toBe(false)
    expect(isGone(processName(process.ppid), 0)).toBe(false)
  })

  test('is gone when its process is, also if the number was given to another', () => {
    const { pid } = spawnSync('true')
    expect(isGone(processName().replace(/\.\d+\.\d+$/, `.${pid}.12345`), now())).toBe(true)
    expect(isGone(processName().replace(/\d+$/, '1'), now())).toBe(true)
  })

  test('is gone when it is dead, before its parent has noticed', async () => {
    const child = spawn('/bin/sh', ['-c', 'true & exec sleep 60'], { stdio: 'ignore' })
    const dead = await new Promise<number>((resolve) => {
      const timer = setInterval(() => {
        const found = readdirSync('/proc').find((pid) => isZombieOf(pid, child.pid ?? 0))
        if (found === undefined) return
        clearInterval(timer)
        resolve(Number(found))
      }, 10)
    })
    const name = processName().replace(/\.\d+\.\d+$/, `.${dead}.${startOf(dead)}`)
    expect(isGone(name, now())).toBe(true)
    child.kill('SIGKILL')
  })

  test.each([['000000000000.1.1'], ['no name'], ['']])('%j cannot be looked up: gone after a day', (name) => {
    expect(isGone(name, now())).toBe(false)
    expect(isGone(name, now() - DAY_MS - 1000)).toBe(true)
  })
})
