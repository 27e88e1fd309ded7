import type { ExitCode } from '../../gate/error.ts'

/** One JSON document of a command: what all of them begin with, and what this one says. */
export const documentText = (
  { version, command, exitCode }: { readonly version: string; readonly command: string; readonly exitCode: ExitCode },
  content: object,
): string =>
  `${JSON.stringify({ schemaVersion: 1, tool: 'seaworthy', version, command, exitCode, ...content }, null, 2)}\n`
