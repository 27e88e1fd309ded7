import type { Mutant } from '../../gate/check.ts'
import type { Effects, Probe, ProbeResult, SequenceMove } from '../../observers/effects/kind.ts'
import { plainError } from '../../observers/rehearsal/kind.ts'
import { ofLocks } from './mutants-of-locks.ts'
import { affected, entry } from './sample.ts'

const NUMBERS: SequenceMove = {
  object: 'sequence public.numbers',
  before: { last: '12', isCalled: true },
  after: { last: '1', isCalled: false },
  increment: '1',
  end: '9223372036854775807',
  isCycling: false,
  columns: [],
}

const damaged =
  (change: (data: Effects) => Partial<Effects>): Mutant['damage'] =>
  (observations) =>
    observations.with(affected(observations, change))

const moved = (change: Partial<SequenceMove>): Mutant['damage'] =>
  damaged(() => ({ sequences: [{ ...NUMBERS, ...change }] }))

const objects = (lost: number, overwritten: number): Mutant['damage'] =>
  damaged(() => {
    const example = { key: 'loid=16401', before: 'sha256 0a', after: 'sha256 0b' }
    const data = { column: 'data', overwritten, example, filled: 0, isRetyped: false, isDropped: false }
    const columns = overwritten === 0 ? [] : [data]
    return { rows: [{ object: 'large objects', rowsBefore: 2, lost, lostExample: 'loid=16401', columns }] }
  })

const WORKED: ProbeResult = { error: null, rows: 1, isKept: true, altered: [] }

const probed = (operation: Probe['operation'], after: Partial<ProbeResult>): Mutant['damage'] =>
  damaged(() => ({
    probes: [
      { object: 'table public.courts', role: 'deploy', operation, before: WORKED, after: { ...WORKED, ...after } },
    ],
  }))

const DIVISION = { sqlstate: '22012', message: 'division by zero', table: null, constraint: null }

/** Damages of what stands beside the rows of tables. */
export const besideRows: readonly Mutant[] = [
  ...ofLocks,
  { name: 'a sequence is set back', why: 'a default called setval', damage: moved({}) },
  {
    name: 'a sequence is set into its rows',
    why: 'the next number is taken',
    damage: moved({
      after: { last: '7', isCalled: true },
      columns: [{ column: 'column public.courts.id', farthest: '9' }],
    }),
  },
  {
    name: 'a sequence that counts down is set back',
    why: 'more is less here',
    damage: moved({
      before: { last: '-12', isCalled: true },
      after: { last: '-1', isCalled: true },
      increment: '-1',
      end: '-9223372036854775808',
    }),
  },
  {
    name: 'a sequence has no number left',
    why: 'every insert fails',
    damage: moved({ after: { last: '9223372036854775807', isCalled: true } }),
  },
  {
    name: 'a write fails',
    why: 'an index divides',
    damage: probed('insert', { error: DIVISION, rows: 0, isKept: false }),
  },
  { name: 'a read fails', why: 'a virtual column divides', damage: probed('select', { error: DIVISION, rows: 0 }) },
  { name: 'a write touches nothing', why: 'a trigger returns NULL', damage: probed('update', { rows: 0 }) },
  { name: 'a deleted row stays', why: 'a view swallows it', damage: probed('delete', { isKept: false }) },
  {
    name: 'another value is kept',
    why: 'a trigger assigns it',
    damage: probed('update', { altered: [{ column: 'name', wrote: 'a', holds: 'b' }] }),
  },
  {
    name: 'what changed where nobody compared',
    why: 'ten thousand rows are compared',
    damage: damaged(() => ({
      partly: [{ object: 'table public.courts', extent: '10000 of 12000 rows are compared', differing: ['name'] }],
    })),
  },
  { name: 'a large object is gone', why: 'no table shows it', damage: objects(1, 0) },
  { name: 'a large object holds something else', why: 'no table shows it', damage: objects(0, 1) },
  {
    name: 'nobody is let in',
    why: 'CONNECTION LIMIT 0 in a DO block',
    damage: damaged(() => ({ refusals: [{ role: 'deploy', error: plainError('53300', 'too many connections') }] })),
  },
  {
    name: 'a view around row security is opened',
    why: 'policies are asked for its owner',
    damage: damaged(({ difference }) => ({
      difference: {
        ...difference,
        added: [
          ...difference.added,
          entry('privileges on view public.open_cases for app', 'of view public.open_cases', 'granted SELECT'),
        ],
      },
    })),
  },
]
