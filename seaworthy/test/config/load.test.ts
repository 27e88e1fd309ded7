import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { expect, it } from 'vitest'
import { CONFIG_NAMES, loadConfig } from '../../src/config/load.ts'
import { Project } from '../commands/cli.ts'

it('a configuration that is a pipe, a folder or a device is refused, and not waited for', async () => {
  using project = new Project()
  const refused = (file: string): object => ({
    code: 'config',
    message: `the configuration ${file} is no regular file`,
    hint: expect.stringContaining('--config'),
  })
  for (const name of CONFIG_NAMES) {
    const file = project.at(name)
    execFileSync('mkfifo', [file])
    await expect(loadConfig(file)).rejects.toMatchObject(refused(file))
  }
  mkdirSync(project.at('folder.json'))
  symlinkSync('/dev/zero', project.at('device.json'))
  for (const file of [project.at('folder.json'), project.at('device.json')]) {
    await expect(loadConfig(file)).rejects.toMatchObject(refused(file))
  }
  await expect(loadConfig(project.at('gone.json'))).rejects.toMatchObject({
    code: 'config',
    message: expect.stringContaining('there is no configuration'),
  })
})
