import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, it, vi } from 'vitest'
import { endGroup } from '../../src/postgres/process-group.ts'
import { runProgram } from '../../src/postgres/program.ts'
import { Project } from '../commands/cli.ts'

const isGone = (pid: number): boolean => {
  try {
    return pid > 0 && !process.kill(pid, 0)
  } catch {
    return true
  }
}

it('a program that has ended, while another one holds its output, is cancelled as any other', async () => {
  const controller = new AbortController()
  // The one in the background is no child of ours any more; it ends by itself.
  using project = new Project()
  const pid = project.at('pid')
  const script = ['-c', `echo $$ > "${pid}"; setsid sleep 1 & exit 0`]
  const run = runProgram('/bin/sh', script, { account: null, signal: controller.signal })
  const settled = run.then(
    () => 'ended',
    (error: unknown) => error,
  )
  await vi.waitUntil(() => existsSync(pid) && isGone(Number(readFileSync(pid, 'utf8'))), {
    timeout: 5_000,
    interval: 5,
  })
  controller.abort(new Error('cancelled'))
  expect(await settled).toEqual(new Error('cancelled'))
})

it('a group that is gone is no error', () => {
  const pid = Number(execFileSync('/bin/sh', ['-c', 'echo $$'], { encoding: 'utf8' }))
  expect(() => endGroup({ pid })).not.toThrow()
  expect(() => endGroup({})).not.toThrow()
})
