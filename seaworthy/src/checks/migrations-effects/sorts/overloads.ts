import { error, type Harms, NONE, remark } from '../harm.ts'
import { judgeShadow } from '../shadows.ts'
import type { Scene } from '../scene.ts'
import { type Thing, valueOf } from '../thing.ts'
import { staticName } from './rules.ts'

interface Calls {
  readonly types: readonly string[]
  readonly least: number
  readonly most: number
}

const signature = (thing: Thing): string => thing.name.slice(0, thing.name.indexOf('('))

/** With how many arguments it can be called. */
function callsOf(thing: Thing): Calls {
  const inside = thing.name.slice(thing.name.indexOf('(') + 1, -1)
  const types = inside === '' ? [] : inside.split(',')
  const text = valueOf(thing, 'arguments ') ?? ''
  const defaults = text.split(' DEFAULT ').length - 1
  const isVariadic = text.includes('VARIADIC ')
  return {
    types,
    least: Math.max(0, types.length - defaults - (isVariadic ? 1 : 0)),
    most: isVariadic ? Number.MAX_SAFE_INTEGER : types.length,
  }
}

/** Whether every call of the old one is a call of the new one, with the same types and result. */
export function takesCallsOf(now: Thing, old: Thing): boolean {
  if (signature(now) !== signature(old) || valueOf(now, 'returns ') !== valueOf(old, 'returns ')) return false
  const [calls, before] = [callsOf(now), callsOf(old)]
  return calls.least <= before.least && before.types.every((type, index) => calls.types[index] === type)
}

/** A new function of a name that the running version calls: may a call of before now mean the new one, or neither? */
export function judgeOverload(thing: Thing, scene: Scene): Harms {
  const calls = callsOf(thing)
  const older = [...scene.before.values()].filter(
    (one) => one.sort === thing.sort && signature(one) === signature(thing),
  )
  if (older.length === 0) return judgeShadow(thing, scene)
  const rival = older.find((one) => {
    const before = callsOf(one)
    return scene.after.has(one.object) && calls.least <= before.most && before.least <= calls.most
  })
  const subject = staticName({ ...thing, sort: 'function' })
  if (rival === undefined)
    return older.some((one) => scene.after.has(one.object))
      ? remark(
          'compat/overload-function',
          subject,
          `makes ${thing.object} beside another one of its name; no call fits both`,
        )
      : NONE
  return error(
    'compat/overload-function',
    subject,
    `makes ${thing.object} beside ${rival.object}: calls of the running version may mean the new one, or neither (42725)`,
    {
      hint: 'Choose another name, or keep the argument types.',
    },
  )
}
