import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderMarkdown } from '../../src/reports/markdown.ts'
import { codeBlock, codeSpan, markdownText } from '../../src/reports/markdown-text.ts'
import { anyReport, CANARIES, poisoned } from './arbitrary.ts'
import { accepted, check, flood, outage } from './samples.ts'

/** The tags that we write ourselves; every other one would come from SQL. */
const OWN = /<!-- seaworthy:check -->|<!-- -->|<\/?details(?: open)?>|<\/?summary>|<br>|<\/?sub>|\*\*\*\*/g
const withoutBlocks = (markdown: string): string => markdown.replaceAll(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, '')

/** Everything but code, in which nothing is marked up. */
const prose = (markdown: string): string => withoutBlocks(markdown).replaceAll(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '')

test('an outage', () => {
  expect(renderMarkdown(outage())).toMatchInlineSnapshot(`
    "<!-- seaworthy:check -->

    ### ❌ Seaworthy: fail

    This release is refused (3 errors, 1 thing unproven, 1 warning).

    - \`migrations\` (golang-migrate): 132 migrations, 3 pending: new since main (merge base 1a2b3c4); rehearsed on PostgreSQL 18.4 (embedded)

    | verdict | check | what was found | time |
    | --- | --- | --- | --- |
    | ❌ fail | \`migrations-ledger\` | ledger/duplicate-version | 42 ms |
    | ✅ pass | \`migrations-contract\` | no pending migration loses data or breaks the running version | 42 ms |
    | ❌ fail | \`migrations-rehearsal\` | rehearsal/not-owner, rehearsal/undefined-column, unproven/missing-extension | 820 ms |
    | ➖ not applicable | \`migrations-down\` | there are no down files | 0 ms |

    <details open><summary>3 errors</summary>

    **\`ledger/duplicate-version\`** version 123 stands twice in the folder: 123_add_rooms.up.sql and 123_deadline_kinds.up.sql (duplicate)<br>\`migrations/123_deadline_kinds.up.sql:1:1\`

    Instead: Rename the newer one to the next free slot: seaworthy reserve deadline_kinds

    **\`rehearsal/undefined-column\`** column "courtroom_label" of relation "hearings" does not exist (SQLSTATE 42703); 091_tidy_hearings.up.sql dropped it<br>\`migrations/125_label_rooms.up.sql:4:8\`

    \`\`\`sql
    UPDATE hearings SET courtroom_label = upper(courtroom_label) WHERE court_id IS NOT NULL;
    \`\`\`

    Instead: Add the column again in this migration, or use the one that replaced it.

    **\`rehearsal/not-owner\`** must be owner of table hearings (SQLSTATE 42501): it belongs to court_owner, and migrations run as court_app<br>\`migrations/129_hearing_notes.up.sql:3:1\`

    \`\`\`sql
    ALTER TABLE hearings ADD COLUMN notes text;
    \`\`\`

    Instead:

    \`\`\`
    Once, as court_owner or a superuser:
      ALTER TABLE public.hearings OWNER TO court_app;
    A database that is stuck half-way: mark 129 as not applied, then run it again:
      UPDATE schema_migrations SET version = 128, dirty = false;
    \`\`\`

    </details>

    <details open><summary>1 thing unproven</summary>

    **\`unproven/missing-extension\`** the scratch server does not have the extension postgis, so 3 migrations could not be rehearsed<br>\`migrations/044_geo.up.sql:1:1\`

    Instead: Give a server that has it: --server URL

    </details>

    <details><summary>1 warning</summary>

    **\`lock/index-not-concurrently\`** CREATE INDEX holds a lock that stops every write to public.hearings while it builds<br>\`migrations/129_hearing_notes.up.sql:5:1\`

    Instead: CREATE INDEX CONCURRENTLY, in a file of its own.

    </details>

    <details><summary>1 note</summary>

    **\`compat/new-table\`** creates 1 table<br>\`migrations\`

    </details>

    <details><summary>taken as given</summary>

    - ownership was assumed: no roles are configured, so one deploy role owns everything

    </details>

    <sub>exit 1: at least one check failed · 2.3 s · Seaworthy 0\\.1.0 · \`0123456789ab\`</sub>
    "
  `)
})

test.each(CANARIES)('no canary becomes markup: %j', (canary) => {
  const text = prose(renderMarkdown(poisoned(canary))).replaceAll(OWN, ' ')
  expect(text).not.toMatch(/[<>]/)
  expect(text).not.toMatch(/(?<!\\)[[\]*!~$]/)
  expect(text).not.toMatch(/(?<!\\):\/\/|www\.|@\w|[#!]\d/)
})

test('every row of a table has the same number of cells', () => {
  fc.assert(
    fc.property(anyReport, (any) => {
      const rows = withoutBlocks(renderMarkdown(any))
        .split('\n')
        .filter((line) => line.startsWith('| '))
      const cells = rows.map((row) => row.match(/(?<!\\)\|/g)?.length)
      expect(new Set(cells).size).toBeLessThan(2)
    }),
  )
})

test('folds are closed, however much was left out', () => {
  const text = renderMarkdown(flood(4_000, 4_000))
  expect(text.length).toBeLessThan(60_000)
  expect(text.match(/<details/g)?.length).toBe(text.match(/<\/details>/g)?.length)
  expect(text).toContain('and 3980 more: 2653 x data-loss/drop-column, 1327 x data-loss/drop-table')
})

test('an accepted finding stands under its own title with its reason', () => {
  const text = renderMarkdown(accepted())
  expect(text).toContain('<summary>1 accepted by policy</summary>')
  expect(text).toContain('Accepted until 2026-12-31 by jo: the table is &lt;b&gt;small&lt;/b&gt;')
})

test('text shows itself, and nothing else', () => {
  expect(markdownText('court_app <b> [x](y) @jo #12 a|b')).toBe(
    String.raw`court_app &lt;b&gt; \[x\](y) @<!-- -->jo \#<!-- -->12 a\|b`,
  )
  expect(markdownText('1. one')).toBe(String.raw`1\. one`)
  expect(markdownText('- one')).toBe(String.raw`\- one`)
  expect(markdownText('_a_ https://x www.x')).toBe(String.raw`\_a\_ https\://x www\.x`)
})

test('code cannot be closed from within', () => {
  expect(codeSpan('a`b``c')).toBe('```a`b``c```')
  expect(codeSpan('`a|b`')).toBe('`` `a\\|b` ``')
  expect(codeBlock('x\n```\ny', 'sql')).toBe('````sql\nx\n```\ny\n````')
})

test('a comment is never longer than a forge takes, and says that there is more', () => {
  const long = 'a_b '.repeat(1_000)
  const grown = flood(30, 30).checks[0]!.findings.map((one) => ({ ...one, message: long, hint: long }))
  const unproven = grown.map((one) => ({ ...one, severity: 'error' as const, outcome: 'unproven' as const }))
  const text = renderMarkdown({
    ...flood(0, 0),
    checks: [check({ verdict: 'fail', findings: [...grown, ...unproven] })],
  })
  expect(text.length).toBeLessThan(60_000)
  expect(text).toContain('More was found than a comment holds')
  expect(text.match(/<details/g)?.length).toBe(text.match(/<\/details>/g)?.length)
})
