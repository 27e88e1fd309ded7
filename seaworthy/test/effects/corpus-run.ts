import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { check } from '../../src/commands/check/check.ts'
import type { Finding } from '../../src/gate/finding.ts'
import type { Verdict } from '../../src/gate/verdict.ts'
import { type Case, liveFiles } from './corpus-case.ts'

/** What the whole gate says to one case. */
export interface Judged {
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
}

/** `check`, in this process, over a folder with the live migrations of the corpus and the pending ones of the case. */
export async function judgeCase(one: Case, major: number): Promise<Judged> {
  const root = mkdtempSync(join(tmpdir(), 'seaworthy-corpus-'))
  try {
    const live = [...liveFiles(), ...one.given.map((text) => ({ name: 'given', text }))]
    const files = [
      ...live.map(({ name, text }, index) => ({ tag: tagOf(index + 1, name), text })),
      ...one.pending.map((text, index) => ({ tag: tagOf(100 + index, one.name), text })),
    ]
    for (const file of filesOf(one.format, files)) {
      mkdirSync(dirname(join(root, file.path)), { recursive: true })
      writeFileSync(join(root, file.path), file.text)
    }
    const newest = files[live.length - 1]?.tag ?? ''
    const { report } = await check(
      ['migrations'],
      {
        format: one.format,
        baseline: one.format === 'prisma' ? newest : newest.slice(0, 4),
        pg: major,
        profile: one.profile,
        ...(one.roles === 'split' ? { roles: one.roles } : {}),
      },
      {},
      { cwd: root, env: ENV, version: '0.0.0-corpus', signal: new AbortController().signal, progress: () => undefined },
    )
    const findings = [...report.checks.flatMap((result) => result.findings), ...report.policyFindings]
    return { verdict: report.verdict, findings }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** No CI, no settings of the machine, git without anyone's configuration. */
const ENV = { PATH: process.env['PATH'] ?? '', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }

const tagOf = (number: number, name: string): string =>
  `${String(number).padStart(4, '0')}_${name.replace(/^\d+_/, '').replaceAll('-', '_')}`

interface Tagged {
  readonly tag: string
  readonly text: string
}

/** The folder as the tool wants it. */
function filesOf(format: Case['format'], files: readonly Tagged[]): { path: string; text: string }[] {
  const each = (path: (tag: string) => string) =>
    files.map(({ tag, text }) => ({ path: `migrations/${path(tag)}`, text }))
  switch (format) {
    case 'golang-migrate':
      return each((tag) => `${tag}.up.sql`)
    case 'diesel':
      return each((tag) => `${tag}/up.sql`)
    case 'prisma':
      return each((tag) => `${tag}/migration.sql`)
    case 'drizzle': {
      const entries = files.map(({ tag }, idx) => ({
        idx,
        version: '7',
        when: 1_700_000_000_000 + idx,
        tag,
        breakpoints: true,
      }))
      const journal = JSON.stringify({ version: '7', dialect: 'postgresql', entries })
      return [...each((tag) => `${tag}.sql`), { path: 'migrations/meta/_journal.json', text: journal }]
    }
    case 'sqlx':
    case 'numbered':
      return each((tag) => `${tag}.sql`)
  }
}
