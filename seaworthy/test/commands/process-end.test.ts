import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { Project, seaworthy } from './cli.ts'

const bin = path.resolve(import.meta.dirname, '../../bin/seaworthy.js')

describe('the exit code is the run’s own', () => {
  it.each([
    ['ends the process', 'process.exit(0); export default {}'],
    ['waits for what never comes', 'await new Promise(() => undefined); export default {}'],
  ])('a configuration that %s is no pass', async (_, text) => {
    using project = new Project({ 'seaworthy.config.ts': text })
    const { code, stderr } = await seaworthy(['policy'], project.root)
    expect(code).toBe(70)
    expect(stderr).toContain('the run was ended before it had an answer')
  })

  it('an answer that cannot be written is no pass', () => {
    using project = new Project()
    const into = (target: string): { status: number | null; stderr: string } =>
      spawnSync('bash', ['-c', `"$1" "$2" policy > ${target}`, 'bash', process.execPath, bin], {
        cwd: project.root,
        encoding: 'utf8',
      })
    expect(into('/dev/null')).toMatchObject({ status: 0, stderr: '' })
    expect(into('/dev/full')).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('the answer could not be written'),
    })
  })

  it('the source, started by itself, answers as well', () => {
    const cli = path.resolve(bin, '../../src/cli.ts')
    const ran = spawnSync(process.execPath, [cli, 'no-such-command'], { encoding: 'utf8' })
    expect(ran).toMatchObject({ status: 2, stderr: expect.stringContaining('no-such-command') })
  })

  it('somebody who reads only the beginning changes nothing', () => {
    using project = new Project()
    const args = ['-c', '"$1" "$2" policy | head -c 1; exit ${PIPESTATUS[0]}', 'bash', process.execPath, bin]
    const ran = spawnSync('bash', args, { cwd: project.root, encoding: 'utf8' })
    expect(ran).toMatchObject({ status: 0, stderr: '' })
  })
})
