import type { Explanation } from '../gate/finding.ts'

/** A fence that the text inside of it cannot close. */
function fenceFor(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map((run) => run[0].length))
  return '`'.repeat(Math.max(3, longest + 1))
}

/** Control characters would be invisible on the page, and some of them are the very point of a sample. */
function visible(sql: string): string {
  return sql
    .replaceAll('\uFEFF', '<byte-order mark>')
    .replaceAll('\r\n', '<CR>\n')
    .replaceAll('\r', '<CR>')
    .replaceAll('\t', '<TAB>')
}

function sqlBlock(sql: string): string {
  const text = sql === '' ? '(an empty file)' : visible(sql)
  const fence = fenceFor(text)
  return `${fence}sql\n${text}\n${fence}`
}

const samples = (title: string, list: readonly string[] | undefined): string[] =>
  list === undefined || list.length === 0 ? [] : [`## ${title}`, ...list.map(sqlBlock)]

/**
 * The Markdown page of a finding code: title, code, why it matters, how production feels it, what to do instead and in
 * which steps, SQL that is refused and SQL that is not, and what a false alarm would look like. The same explanation always gives the same text.
 */
export function findingPage(explanation: Explanation): string {
  const { code, title, why, production, instead, steps = [], falseAlarm, bad, good } = explanation
  const parts = [
    `# ${title}`,
    `Code: \`${code}\``,
    '## Why it matters',
    why,
    ...(production === undefined ? [] : ['## How production feels it', production]),
    '## What to do instead',
    instead,
    ...(steps.length === 0 ? [] : [`## Step by step`, steps.map((step, index) => `${index + 1}. ${step}`).join('\n')]),
    ...samples('Found', bad),
    ...samples('Not found', good),
    ...(falseAlarm === undefined ? [] : ['## When it may be a false alarm', falseAlarm]),
  ]
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`
}
