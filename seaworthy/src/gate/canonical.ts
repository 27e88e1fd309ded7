import { createHash } from 'node:crypto'

/**
 * JSON in one form only: keys sorted by UTF-16 code unit, no white space, as RFC 8785 has it for the values that
 * observations hold. Undefined members are left out; a number that JSON has no form for is a mistake of the caller.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`a number that JSON cannot hold: ${value}`)
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) {
    let text = '['
    for (const [index, item] of value.entries()) text += (index === 0 ? '' : ',') + canonicalJson(item ?? null)
    return `${text}]`
  }
  if (typeof value === 'object') {
    let text = '{'
    const members: Readonly<Record<string, unknown>> = { ...value }
    for (const key of Object.keys(members).toSorted()) {
      if (members[key] === undefined) continue
      text += `${text === '{' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(members[key])}`
    }
    return `${text}}`
  }
  throw new TypeError(`a ${typeof value} cannot be written as JSON`)
}

/** SHA-256 of a text or of bytes, as lower-case hexadecimal. */
export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** `sha256:…` of a value's canonical JSON. */
export const digestOf = (value: unknown): string => `sha256:${sha256(canonicalJson(value))}`
