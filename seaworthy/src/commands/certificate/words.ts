import type { Candidate } from '../../gate/certificate/candidate.ts'
import type { CertifiedObligation, Release } from '../../gate/certificate/statement.ts'
import { plainLine } from '../../reports/plain-text.ts'
import type { ShownCertificate } from './show.ts'

/** More of a list is summed up. */
const MOST = 12

const NOT_VERIFIED = [
  'NOT VERIFIED: this only shows what the file says. Anybody can write such a file.',
  '  → seaworthy verify BUNDLE --key PUBLIC-KEY --policy POLICY proves that it is true.',
]

/** A certificate for a person. What stands in it comes from a stranger and cannot steer the terminal. */
export function certificateWords({ file, keyId, statement }: ShownCertificate, now: Date): string {
  const release = statement.predicate.seaworthy_release
  const lines = [
    ...NOT_VERIFIED,
    '',
    `certificate   ${plainLine(file)}`,
    `verdict       ${release.verdict.toUpperCase()}, for the action ${release.action}`,
    `made          ${release.evaluatedAt} by Seaworthy ${plainLine(release.toolVersion)}`,
    `counts until  ${release.expiresAt}${Date.parse(release.expiresAt) < now.getTime() ? ': EXPIRED' : ''}`,
    `key           ${plainLine(keyId)} (claimed)`,
    ...listed('candidate', candidateLines(release.candidate)),
    ...listed(
      'judges',
      release.judges.map(({ check, version }) => `${check} ${version}`),
    ),
    ...listed('rests on', preconditionLines(release)),
    ...listed('questions', release.obligations.map(obligationLine)),
    `evidence      manifest ${release.manifest}`,
    `policy        ${release.policy}`,
    ...(release.ledgerHead === null
      ? []
      : [`ledger        entry ${release.ledgerHead.seq}, ${release.ledgerHead.digest}`]),
    '',
    NOT_VERIFIED[0] ?? '',
  ]
  return `${lines.join('\n')}\n`
}

/** The first line beside the title, the others below it. */
function listed(title: string, all: readonly string[]): string[] {
  const shown = all.length > MOST ? [...all.slice(0, MOST), `and ${all.length - MOST} more (--json has all)`] : all
  return (shown.length === 0 ? ['none'] : shown).map(
    (line, index) => `${(index === 0 ? title : '').padEnd(12)}  ${plainLine(line)}`,
  )
}

function candidateLines({ commit, tree, isDirty, images, buildInfo, migrations }: Candidate): string[] {
  const git =
    commit === null
      ? ['no commit: judged outside of git']
      : [`commit ${commit}${isDirty === true ? ', with uncommitted changes: judged was not this commit' : ''}`]
  return [
    ...git,
    ...(tree === null ? [] : [`tree ${tree}`]),
    ...images.map(({ name, digest }) => `image ${name}@${digest}`),
    ...(buildInfo === null ? [] : [`build information ${buildInfo.digest} of commit ${buildInfo.commit ?? 'unknown'}`]),
    ...migrations.map(({ folder, format, digest }) => `migrations ${folder} (${format}) ${digest}`),
  ]
}

const preconditionLines = ({ preconditions }: Release): string[] =>
  preconditions.map(
    ({ kind, subject, witness, digest, parts }) =>
      `${kind} of ${subject}, seen at ${witness}: ${parts.length} ${parts.length === 1 ? 'part' : 'parts'}, ${digest}`,
  )

const obligationLine = ({ question, state, answeredAt, witness }: CertifiedObligation): string =>
  state === 'open' ? `OPEN: ${question}` : `${state} ${answeredAt ?? ''} by ${witness ?? 'nobody'}: ${question}`
