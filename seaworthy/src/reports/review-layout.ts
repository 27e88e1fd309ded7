import { plainLine } from './plain-text.ts'
import { hanging, type Paint } from './terminal-layout.ts'

/** Where nobody says how wide a terminal is. */
const USUAL = 100
const NARROWEST = 40
/** Longer lines are hard to read, however wide the terminal is. */
const WIDEST = 120

/** Columns to lay a text out for. */
export const widthOf = (columns: number | undefined): number => Math.min(WIDEST, Math.max(NARROWEST, columns ?? USUAL))

const PLAIN: Paint = (_style, text) => text

/** A paragraph behind its head, its further lines below its beginning. What a bundle says cannot steer a terminal. */
export const laidOut = (head: string, text: string, width: number): string[] =>
  hanging({ head, text: plainLine(text), indent: Math.min(head.length, width / 2), width, paint: PLAIN }, [[], []])

/** SHA-256 digests by their beginnings: in full they are in the documents. */
export const shortDigests = (text: string): string => text.replaceAll(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1…')
