import { hash } from 'node:crypto'

/**
 * JSON in one form only: keys sorted by UTF-16 code unit, no white space, as RFC 8785 has it for the values that
 * observations hold. Undefined members are left out.
 * @throws TypeError for a number that JSON has no form for, for what is no JSON, and beyond `MOST_LEVELS`.
 */
export function canonicalJson(value: unknown): string {
  const sorted = inOrder(value, MOST_LEVELS)
  return sorted === UNFIT ? written(value, MOST_LEVELS) : JSON.stringify(sorted)
}

/** Nothing of ours is nested deeper than 64 levels. What comes from outside must not take the whole stack. */
export const MOST_LEVELS = 1_000

const tooDeep = (): TypeError => new TypeError(`a value that is nested deeper than ${MOST_LEVELS} levels`)

/** What JavaScript itself would write in another way, or would not refuse. */
const UNFIT = Symbol('unfit')
/** Such keys JavaScript puts first, in an order of their own. */
const NUMBER = /^\d+$/

/** The value with its keys in order: then it can be written natively, which is several times as fast. */
function inOrder(value: unknown, levels: number): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : UNFIT
  if (typeof value !== 'object') return UNFIT
  if (levels === 0) throw tooDeep()
  if (Array.isArray(value)) return itemsInOrder(value, levels - 1)
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? membersInOrder(value, levels - 1) : UNFIT
}

function itemsInOrder(items: readonly unknown[], levels: number): unknown {
  let copy: unknown[] | null = null
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index]
    const sorted = item === undefined ? null : inOrder(item, levels)
    if (sorted === UNFIT) return UNFIT
    if (sorted === item) continue
    copy ??= [...items]
    copy[index] = sorted
  }
  return copy ?? items
}

function membersInOrder(value: object, levels: number): unknown {
  const members: [string, unknown][] = Object.entries(value)
  let isInOrder = true
  let isSame = true
  let before = ''
  for (const member of members) {
    if (member[0] < before) isInOrder = false
    before = member[0]
    const sorted = member[1] === undefined ? undefined : inOrder(member[1], levels)
    if (sorted === UNFIT) return UNFIT
    if (sorted === member[1]) continue
    isSame = false
    member[1] = sorted
  }
  if (isInOrder) return isSame ? value : Object.fromEntries(members)
  if (members.some(([key]) => NUMBER.test(key))) return UNFIT
  return Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** The same piece by piece, for everything. */
function written(value: unknown, levels: number): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`a number that JSON cannot hold: ${value}`)
    return JSON.stringify(value)
  }
  if (levels === 0) throw tooDeep()
  if (Array.isArray(value)) {
    let text = '['
    for (const [index, item] of value.entries()) text += (index === 0 ? '' : ',') + written(item ?? null, levels - 1)
    return `${text}]`
  }
  if (typeof value === 'object') {
    let text = '{'
    const members: Readonly<Record<string, unknown>> = { ...value }
    for (const key of Object.keys(members).toSorted()) {
      if (members[key] === undefined) continue
      text += `${text === '{' ? '' : ','}${JSON.stringify(key)}:${written(members[key], levels - 1)}`
    }
    return `${text}}`
  }
  throw new TypeError(`a ${typeof value} cannot be written as JSON`)
}

/** SHA-256 of a text or of bytes, as lower-case hexadecimal. */
export const sha256 = (content: string | Uint8Array): string => hash('sha256', content)

/** `sha256:…` of a value's canonical JSON. */
export const digestOf = (value: unknown): string => `sha256:${sha256(canonicalJson(value))}`
