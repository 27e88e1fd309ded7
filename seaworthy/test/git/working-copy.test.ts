import { describe, expect, it } from 'vitest'
import { configOf } from '../../src/git/working-copy.ts'

describe('the configuration of a copy', () => {
  it('takes the user’s own settings, and is a repository of its own all the same', () => {
    expect(configOf({ commonDir: '/home/a/shop/.git', extensions: [] }, '/tmp/copy')).toBe(
      '[include]\n\tpath = "/home/a/shop/.git/config"\n[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = "/tmp/copy"\n',
    )
  })

  it('keeps what git has to know before it reads anything, and paths that need quoting', () => {
    const text = configOf({ commonDir: '/a "b" \\c/.git', extensions: ['objectformat=sha256'] }, '/tmp/copy')
    expect(text).toContain('path = "/a \\"b\\" \\\\c/.git/config"')
    expect(text).toContain('repositoryformatversion = 1')
    expect(text).toContain('[extensions]\n\tobjectformat=sha256')
  })
})
