import type { RunReport } from './run-report.ts'

/** Characters that are legal in JSON and still steer a terminal or turn the direction of text. */
// oxlint-disable-next-line eslint/no-control-regex
const STEERING = /[\u007F-\u009F\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/g

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * A value as indented JSON with a newline at its end. Nothing is lost: characters that could steer a terminal, and
 * `##[`, on which CI servers act, are written as JSON escapes.
 */
export const jsonText = (value: object): string =>
  `${JSON.stringify(value, null, 2)
    .replaceAll(STEERING, escaped)
    .replaceAll(/##(?=\w*\[)/g, '#\\u0023')}\n`

/** The document itself, whole: nothing is cut or replaced. */
export const renderJson = (report: RunReport): string => jsonText(report)
