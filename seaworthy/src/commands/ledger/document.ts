import type { ExitCode } from '../../gate/error.ts'
import { jsonText } from '../../reports/json.ts'

/** One JSON document of a command: what all of them begin with, and what this one says. */
export const documentText = (
  { version, command, exitCode }: { readonly version: string; readonly command: string; readonly exitCode: ExitCode },
  content: object,
): string => jsonText({ schemaVersion: 1, tool: 'seaworthy', version, command, exitCode, ...content })
