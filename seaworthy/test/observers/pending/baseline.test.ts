import { describe, expect, test } from 'vitest'
import { ScratchRepository } from '../../git/scratch-repository.ts'
import { ask, file, up } from './folder.ts'

describe('--baseline', () => {
  test('up to and including, in any writing; edits of pending files are nobody’s business', async () => {
    using scratch = new ScratchRepository()
    scratch.commit({ ...up('001'), ...up('002'), ...up('010') })
    scratch.write(file('002'), 'edited')
    scratch.write(file('010'), 'edited')
    for (const baseline of ['2', '002', '002_x.up.sql', '002_x.up']) {
      const seen = await ask(scratch.root, { choice: { baseline } })
      expect(seen).toMatchObject({ basis: 'baseline', files: [file('010')] })
      expect(seen.changedBaseline).toEqual([{ file: file('002'), change: 'edited', version: '002' }])
    }
    expect(await ask(scratch.root, { choice: { baseline: '2' }, isGit: false })).toMatchObject({ changedBaseline: [] })
  })

  test('a new file between older ones is pending, whatever it is called', async () => {
    using scratch = new ScratchRepository()
    scratch.commit({ ...up('10'), ...up('30') })
    scratch.git('checkout', '-q', '-b', 'feature')
    scratch.commit(up('20'))
    scratch.write(file('25'), 'drop table t;')
    const seen = await ask(scratch.root, { choice: { baseline: '30' } })
    expect(seen.files).toEqual([file('20'), file('25')])
    expect(seen.explanation).toMatch(/^after the baseline 30, and 2 before it that are new; live files compared/)
    // A branch that was deployed has its newest ones behind everything that the base has.
    scratch.commit({ ...up('40'), ...up('50') })
    const deployed = await ask(scratch.root, { choice: { baseline: '40' } })
    expect(deployed.files).toEqual([file('20'), file('25'), file('50')])
    expect(deployed.newSinceBase).toContain(file('40'))
    expect((await ask(scratch.root, { choice: { baseline: '30' }, isGit: false })).files).toEqual([
      file('40'),
      file('50'),
    ])
  })

  test('the name of the folder is no version', async () => {
    using scratch = new ScratchRepository()
    scratch.commit(up('1'))
    await expect(ask(scratch.root, { choice: { baseline: 'm' } })).rejects.toMatchObject({ code: 'usage' })
  })

  test('a baseline that no migration has names its neighbours', async () => {
    using scratch = new ScratchRepository()
    scratch.commit({ ...up('1'), ...up('2'), ...up('4'), ...up('9') })
    const refused = (baseline: string) => ask(scratch.root, { choice: { baseline } })
    await expect(refused('3')).rejects.toMatchObject({ code: 'usage', hint: expect.stringMatching(/1, 2, 4, 9/) })
    await expect(refused('99')).rejects.toMatchObject({ code: 'usage', hint: expect.stringMatching(/2, 4, 9/) })
    await expect(refused('nonsense')).rejects.toMatchObject({ code: 'usage' })
  })
})
