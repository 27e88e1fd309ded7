import { describe, expect, it } from 'vitest'
import { digestOf } from '../../src/gate/canonical.ts'
import { namedImages, readBuildInfo } from '../../src/commands/check/named-candidate.ts'
import { Project } from './cli.ts'

const digest = `sha256:${'a'.repeat(64)}`
const other = `sha256:${'b'.repeat(64)}`

describe('images by name and digest', () => {
  it.each([
    `app@${digest}`,
    `registry.example/team/app@${digest}`,
    `registry.example:5000/app@${digest}`,
    `localhost:5000/a__b/c--d@${digest}`,
  ])('%s', (text) => {
    expect(namedImages([text])).toEqual([{ name: text.slice(0, text.indexOf('@')), digest }])
  })

  it.each([
    '',
    'app',
    'app:latest',
    `app@${digest} `,
    `@${digest}`,
    `-app@${digest}`,
    `app@${digest.toUpperCase()}`,
    `app@${digest}0`,
    `app@sha512:${'a'.repeat(128)}`,
    `app\n@${digest}`,
    `../app@${digest}`,
  ])('refuses %j', (text) => {
    expect(() => namedImages([text])).toThrow(expect.objectContaining({ code: 'usage' }))
  })

  it('each once, sorted by name', () => {
    const images = [`z@${digest}`, `a@${other}`]
    expect(namedImages(images).map(({ name }) => name)).toEqual(['a', 'z'])
    expect(() => namedImages([`a@${digest}`, `a@${other}`])).toThrow('names one image twice')
  })

  it('a long name takes no time', () => {
    const startedAt = performance.now()
    expect(() => namedImages([`${'a-'.repeat(50_000)}@`])).toThrow('does not name an image')
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

describe('build information', () => {
  const commit = '1'.repeat(40)

  it('is the digest of the document, and the full commit that it names', async () => {
    const document = { commit, ref: 'main', built: '2026-11-21' }
    using project = new Project({
      'info.json': JSON.stringify(document, null, 2),
      'none.json': '{}',
    })
    expect(await readBuildInfo('info.json', project.root)).toEqual({ digest: digestOf(document), commit })
    expect(await readBuildInfo('none.json', project.root)).toMatchObject({ commit: null })
  })

  it.each([commit.slice(0, 12), 'DEADBEEF'.repeat(5), '', 12])(
    'names no commit that cannot be told: %j',
    async (named) => {
      using project = new Project({ 'info.json': JSON.stringify({ commit: named }) })
      await expect(readBuildInfo('info.json', project.root)).rejects.toMatchObject({
        code: 'config',
        message: expect.stringContaining('names a commit that is not written as git writes a whole one'),
      })
    },
  )

  it.each(['[]', 'null', '"x"', '', '{'])('is refused where it is no object: %j', async (text) => {
    using project = new Project({ 'info.json': text })
    await expect(readBuildInfo('info.json', project.root)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('info.json holds no JSON object'),
    })
  })

  it.each([`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, '{"a":1e999}'])(
    'is refused where it is no document that can be told from another',
    async (text) => {
      using project = new Project({ 'info.json': text })
      await expect(readBuildInfo('info.json', project.root)).rejects.toMatchObject({
        code: 'config',
        message: expect.stringContaining('info.json cannot be taken for build information'),
      })
    },
  )

  it('is refused where it is not there, or too large', async () => {
    using project = new Project({ 'info.json': ' '.repeat(1024 * 1024 + 1) })
    for (const file of ['none.json', 'info.json']) {
      await expect(readBuildInfo(file, project.root)).rejects.toMatchObject({ code: 'config' })
    }
  })
})
