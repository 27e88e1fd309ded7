import { expect, it } from 'vitest'
import { couldNotLook, seenBy } from '../../../src/gate/cold/claim.ts'
import { lookAt } from '../../../src/gate/cold/looked-again.ts'

it('what was tried is read, or it is said why not', () => {
  expect(lookAt({ failed: 'no' }, () => 1)).toEqual(couldNotLook('no'))
  expect(lookAt({ done: 2, witness: 'w' }, (done) => done + 1)).toEqual(seenBy('w', 3))
  expect(lookAt({ done: 2, witness: 'w' }, () => ({ unseen: 'why' }))).toEqual(couldNotLook('why'))
  for (const seen of [null, 'unseen', { unseen: 7 }, {}, []])
    expect(lookAt({ done: 2, witness: 'w' }, () => seen)).toEqual(seenBy('w', seen))
})
