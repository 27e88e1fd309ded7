/** A JSON document as an instrument sent it. A migration may send one that looks alike, so nothing in it is taken for granted. */
export type Document = Readonly<Record<string, unknown>>

export const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Null for what is no JSON object. */
export function parseDocument(text: string): Document | null {
  try {
    const value: unknown = JSON.parse(text)
    return isDocument(value) ? value : null
  } catch {
    return null
  }
}

export const textIn = (document: Document, member: string): string | null => {
  const value = document[member]
  return typeof value === 'string' ? value : null
}

export const numberIn = (document: Document, member: string): number | null => numberOf(document[member])

export const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null)

export const listIn = (document: Document, member: string): readonly unknown[] => listOf(document[member])

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const documentsIn = (document: Document, member: string): readonly Document[] =>
  listIn(document, member).filter(isDocument)

export const textsOf = (value: unknown): readonly string[] => listOf(value).filter((one) => typeof one === 'string')
