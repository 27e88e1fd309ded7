import { randomUUID } from 'node:crypto'
import { access, constants, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { notWritten, SeaworthyError } from '../gate/error.ts'
import { targetOf } from './place.ts'
import type { RunReport } from './run-report.ts'

interface Writer {
  /** What it is for, in a few words. */
  readonly title: string
  /** Loads the writer only when it is asked for. */
  readonly render: (report: RunReport) => Promise<string>
}

/** Every kind of `--report KIND=FILE`. A new one is registered here, and nowhere else. */
const WRITERS = {
  json: { title: 'the whole document', render: async (report) => (await import('./json.ts')).renderJson(report) },
  sarif: { title: 'SARIF 2.1.0', render: async (report) => (await import('./sarif.ts')).renderSarif(report) },
  junit: { title: 'JUnit XML', render: async (report) => (await import('./junit.ts')).renderJunit(report) },
  markdown: {
    title: 'Markdown for a comment on a pull request',
    render: async (report) => (await import('./markdown.ts')).renderMarkdown(report),
  },
} as const satisfies Record<string, Writer>

export type ReportKind = keyof typeof WRITERS

const isKey = (kind: string): kind is ReportKind => Object.hasOwn(WRITERS, kind)

/** Whether `--report KIND=…` knows this kind. */
export const isReportKind: (kind: string) => kind is ReportKind = isKey

/** The kinds of `--report`, in the order in which help lists them. */
export const REPORT_KINDS: readonly ReportKind[] = Object.keys(WRITERS).filter(isKey)

/** What a kind is for, in a few words. */
export const reportTitle = (kind: ReportKind): string => WRITERS[kind].title

/**
 * Writes one report. A reader sees the old file or the new one, never a part: the text goes into a file beside it,
 * which then takes its name. A character device (`/dev/null`, a terminal) is written to and not replaced.
 * Throws a SeaworthyError: `usage` if the place cannot be written to or holds something else, `limit` if the disk is full.
 */
export async function writeReport(kind: ReportKind, file: string, report: RunReport): Promise<void> {
  await writeReportText(kind, file, await WRITERS[kind].render(report))
}

/** The same for a text that is there already. */
export async function writeReportText(kind: ReportKind, file: string, text: string): Promise<void> {
  let temporary: string | null = null
  try {
    const target = await targetOf(kind, file)
    if (!target.isReplaceable) return await writeFile(target.path, text)
    temporary = join(dirname(target.path), `.seaworthy-${randomUUID()}.tmp`)
    await writeFile(temporary, text, { flag: 'wx' })
    await rename(temporary, target.path)
  } catch (error) {
    if (temporary !== null) await rm(temporary, { force: true })
    throw unwritable(kind, file, error)
  }
}

/**
 * Looks before a run whether its reports can be written: the folder is there and takes files, and
 * nothing is lost that is no such report. `spared` are files that no report may become, there or not.
 * Throws a SeaworthyError('usage') otherwise. Writing may still fail later; it then says so.
 */
export async function checkReportPlaces(
  reports: readonly { kind: ReportKind; file: string }[],
  spared: readonly string[],
): Promise<void> {
  for (const { kind, file } of reports) {
    try {
      const target = await targetOf(kind, file, spared)
      await access(target.isReplaceable ? dirname(target.path) : target.path, constants.W_OK)
      if (target.isReplaceable && !(await stat(dirname(target.path))).isDirectory()) {
        throw Object.assign(new Error('is no folder'), { code: 'ENOTDIR' })
      }
    } catch (error) {
      throw unwritable(kind, file, error)
    }
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const REASONS: Record<string, { why: string; hint: (file: string) => string }> = {
  ENOENT: { why: 'its folder does not exist', hint: (file) => `Create the folder first: mkdir -p ${dirname(file)}` },
  ENOTDIR: { why: 'a part of its path is a file', hint: () => 'Choose another path.' },
  ENAMETOOLONG: { why: 'its name is too long', hint: () => 'Choose a shorter name.' },
  EISDIR: { why: 'it is a folder', hint: () => 'Name a file in that folder.' },
  EACCES: { why: 'it may not be written', hint: () => 'Choose a folder that this user can write to.' },
  EPERM: { why: 'it may not be written', hint: () => 'Choose a folder that this user can write to.' },
  EROFS: { why: 'the file system is read-only', hint: () => 'Choose a folder that this user can write to.' },
}

function unwritable(kind: ReportKind, file: string, error: unknown): SeaworthyError {
  if (error instanceof SeaworthyError) return error
  const known = REASONS[codeOf(error)]
  const why = known === undefined ? error : new Error(known.why, { cause: error })
  return notWritten(`cannot write the ${kind} report to ${file}`, why, {
    code: 'usage',
    hint: known?.hint(file) ?? 'Choose another file.',
  })
}
