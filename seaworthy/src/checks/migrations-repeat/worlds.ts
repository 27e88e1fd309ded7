import { notHere, type World } from '../../gate/drill/drill.ts'
import { leftOut } from '../left-out.ts'

/** Bad worlds that show when the tool is started a second time. */
export const worlds: readonly World[] = [
  {
    name: 'cannot-be-started-again',
    title: 'a block makes a table, and does not look whether it is there',
    why: 'an upgrade that is begun again stops at what the first try has left (story 2)',
    refusedBy: ['repeat/made-again'],
    build: (_observations, { settings }) =>
      settings.profile === 'additive'
        ? {
            migration: {
              name: 'made in a block',
              up: 'DO $drill$\nBEGIN\n  CREATE TABLE seaworthy_drill (id bigint PRIMARY KEY);\nEND\n$drill$;\n',
            },
          }
        : notHere('the policy does not ask for it: with the profile online a person mends what stopped half-way'),
  },
  leftOut('migrations-repeat'),
]
