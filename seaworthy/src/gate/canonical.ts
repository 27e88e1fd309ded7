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
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
    return `{${members.join(',')}}`
  }
  throw new TypeError(`a ${typeof value} cannot be written as JSON`)
}

/** SHA-256 of a text or of bytes, as lower-case hexadecimal. */
export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** `sha256:…` of a value's canonical JSON. */
export const digestOf = (value: unknown): string => `sha256:${sha256(canonicalJson(value))}`
