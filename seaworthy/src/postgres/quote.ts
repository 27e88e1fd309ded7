/** A name as SQL text: always in double quotes, so that no name is read as anything else. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** `schema.name` (or a name alone) with each part quoted. A dot inside a part is not supported. */
export const quoteQualified = (name: string): string => name.split('.').map(quoteIdentifier).join('.')

export { quotedText as quoteLiteral } from '../sql/identifier.ts'
