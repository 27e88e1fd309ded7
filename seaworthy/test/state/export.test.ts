import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { verifyExport } from '../../src/state/export.ts'
import { Project } from '../commands/cli.ts'

it('an export that is a pipe, a folder or a device is refused, and not waited for', async () => {
  using project = new Project()
  execFileSync('mkfifo', [project.at('pipe')])
  for (const file of [project.at('pipe'), project.root, '/dev/zero']) {
    await expect(verifyExport(file, [])).rejects.toMatchObject({
      code: 'state',
      message: expect.stringContaining(`${file} cannot be read: it is no regular file`),
    })
  }
})
