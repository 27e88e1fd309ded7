/**
 * Runs the story of examples/court-dates: each of its three outages, then the repaired history, through the command line
 * as a user has it. Exits 0 only if every one came out as it should.
 */
import { spawn } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

const root = path.dirname(import.meta.dirname)
const project = path.join(root, 'examples', 'court-dates')
const cli = path.join(root, 'seaworthy', 'bin', 'seaworthy.js')

const CHECK_TIMEOUT_MS = 180_000
const LARGEST_OUTPUT = 4_000_000

interface Chapter {
  readonly title: string
  readonly told: string
  /** Folder under variants/ that is laid over the project; null for the project as it stands. */
  readonly variant: string | null
  readonly exitCode: 0 | 1
  /** Words without which the output does not name the fault. */
  readonly says: readonly string[]
}

const chapters: readonly Chapter[] = [
  {
    title: 'Outage 1: slot collision',
    told: "Two people wrote migration 123. One of them had reached production's ledger under another name.",
    variant: 'slot-collision',
    exitCode: 1,
    says: ['ledger/duplicate-version', 'hearing_results'],
  },
  {
    title: 'Outage 2: dropped column',
    told: 'Migration 125 used columns that migration 091 had dropped. It only fails when everything is walked in order.',
    variant: 'dropped-column',
    exitCode: 1,
    says: ['42703', 'scheduled_at', '091_hearings_drop_scheduled_at'],
  },
  {
    title: 'Outage 3: ownership',
    told: 'Migration 129 alters a table that belongs to another role in production, and to nobody else in any test.',
    variant: 'ownership',
    exitCode: 1,
    says: ['42501', 'cases', 'court_owner'],
  },
  {
    title: 'The repaired history',
    told: 'The same release, mended: it may go live.',
    variant: null,
    exitCode: 0,
    says: [],
  },
]

interface Outcome {
  /** Null when it was ended by a signal, such as at the time limit. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `seaworthy check` in a folder. Rejects only when it could not be started or the story was cancelled. */
function runCheck(folder: string, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, 'check', '--no-color'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
      killSignal: 'SIGINT',
      timeout: CHECK_TIMEOUT_MS,
    })
    const stdout = collect(child.stdout)
    const stderr = collect(child.stderr)
    child.once('error', reject)
    child.once('close', (exitCode) => resolve({ exitCode, stdout: stdout(), stderr: stderr() }))
  })
}

/** Keeps what a stream says, up to a limit; the rest is read and dropped, so that the child never waits. */
function collect(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8')
  stream.on('data', (piece: string) => {
    if (text.length < LARGEST_OUTPUT) text += piece
  })
  return () => text.slice(0, LARGEST_OUTPUT)
}

/** What did not come out as it should, a sentence each; empty when all did. */
function complaints(chapter: Chapter, outcome: Outcome): string[] {
  const missing = chapter.says.filter((word) => !outcome.stdout.includes(word))
  return [
    ...(outcome.exitCode === chapter.exitCode
      ? []
      : [`it should exit ${chapter.exitCode}, and ended with ${outcome.exitCode ?? 'a signal'}`]),
    ...missing.map((word) => `its output should name ${word}, and does not`),
  ]
}

/** Lays the chapter's variant over a copy of the project, checks it, and tells how it went. True if as it should. */
async function tell(chapter: Chapter, folder: string, signal: AbortSignal): Promise<boolean> {
  const variants = path.join(project, 'variants')
  await cp(project, folder, { recursive: true, filter: (source) => source !== variants })
  if (chapter.variant !== null) await cp(path.join(variants, chapter.variant), folder, { recursive: true })

  process.stdout.write(`\n━━ ${chapter.title}\n   ${chapter.told}\n\n$ seaworthy check\n`)
  const outcome = await runCheck(folder, signal)
  process.stdout.write(`${outcome.stdout.trimEnd()}\n\n`)

  const wrong = complaints(chapter, outcome)
  if (wrong.length > 0) {
    process.stdout.write(`${outcome.stderr.trimEnd()}\nNOT AS IT SHOULD BE: ${wrong.join('; ')}.\n`)
    return false
  }
  const verdict = chapter.exitCode === 0 ? 'passed' : `refused, naming ${chapter.says.join(', ')}`
  process.stdout.write(`As it should be: ${verdict}.\n`)
  return true
}

const cancel = new AbortController()
process.once('SIGINT', () => cancel.abort())
process.once('SIGTERM', () => cancel.abort())

const workplace = await mkdtemp(path.join(tmpdir(), 'court-dates-'))
let asItShould = 0
try {
  for (const chapter of chapters) {
    const folder = path.join(workplace, chapter.variant ?? 'repaired')
    if (await tell(chapter, folder, cancel.signal)) asItShould += 1
  }
  process.stdout.write(`\n${asItShould} of ${chapters.length} came out as they should.\n`)
  process.exitCode = asItShould === chapters.length ? 0 : 1
} catch (error) {
  if (!cancel.signal.aborted) throw error
  process.exitCode = 130
} finally {
  await rm(workplace, { recursive: true, force: true })
}
