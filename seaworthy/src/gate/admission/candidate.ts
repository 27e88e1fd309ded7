import { type Candidate, differencesOf, type Running } from '../certificate/candidate.ts'
import type { Release } from '../certificate/statement.ts'
import { cannotProve, type Finding, refuse, warn } from '../finding.ts'
import type { AdmissionInput, Part } from './input.ts'

/** Whether what is about to run is what the certificate is about, and all that it is about. */
export function judgeCandidate(release: Pick<Release, 'candidate'>, { running, policy }: AdmissionInput): Part {
  const { candidate } = release
  const dirty = dirtiness(candidate, running)
  const findings = [
    // The working tree has a rule of its own.
    ...differencesOf(candidate, running)
      .filter((one) => one.part !== 'dirty')
      .map((one) => FINDING_OF[one.kind](one.message)),
    ...(isTreeUnknown(candidate, running)
      ? [unknown('whether the working tree has uncommitted changes is not known')]
      : []),
    ...unnamed(candidate, running),
    ...(isNothing(candidate) ? [unknown('the certificate names nothing that could be compared')] : []),
    ...dirty.map((message) =>
      policy.admission.dirty === 'refuse' ? refuse(dirtyOf(message)) : warn(dirtyOf(message)),
    ),
  ]
  const isSame = findings.every((one) => one.outcome === 'none')
  return {
    findings,
    proved: isSame ? [`what is about to run is the candidate that was judged${named(candidate)}`] : [],
  }
}

const named = ({ commit }: Candidate): string => (commit === null ? '' : ` (commit ${commit.slice(0, 12)})`)

const isNothing = ({ commit, images, migrations }: Candidate): boolean =>
  commit === null && images.length === 0 && migrations.length === 0

/** The commit alone says nothing of a working tree at which nobody looked. */
const isTreeUnknown = ({ commit }: Candidate, { isDirty }: Running): boolean =>
  commit !== null && typeof isDirty !== 'boolean'

function dirtiness(candidate: Candidate, running: Running): string[] {
  return [
    ...(candidate.isDirty === true ? ['what was judged had uncommitted changes, so no commit names it'] : []),
    ...(running.isDirty === true ? ['what is about to run has uncommitted changes (git status names them)'] : []),
  ]
}

/** What is about to run besides what the certificate is about. */
function unnamed(candidate: Candidate, { images = [], buildInfo }: Running): Finding[] {
  const extra = images
    .filter(({ name }) => !candidate.images.some((one) => one.name === name))
    .map(({ name, digest }) =>
      other(`the image ${name}@${digest} is about to run, and the certificate names no ${name}`),
    )
  const built = buildInfo?.commit ?? null
  // A build of the very commit that was judged needs no other name.
  const isUnnamedBuild =
    buildInfo !== null &&
    buildInfo !== undefined &&
    candidate.buildInfo === null &&
    (built === null || candidate.commit === null)
  const isOtherBuild = built !== null && candidate.commit !== null && built !== candidate.commit
  return [
    ...extra,
    ...(isOtherBuild ? [other(`the build is of commit ${built}, and the certificate is for ${candidate.commit}`)] : []),
    ...(isUnnamedBuild ? [other('build information was given, and the certificate names none')] : []),
  ]
}

const other = (message: string): Finding =>
  refuse({
    code: 'admission/other-candidate',
    message,
    subject: 'candidate',
    hint: 'Check out what was judged, or let the gate judge what is to run.',
  })

const unknown = (message: string): Finding =>
  cannotProve({
    code: 'admission/candidate-unknown',
    message,
    subject: 'candidate',
    hint: 'Run it in the checkout of what is to run, and name the images and the build that go with it: --image NAME@sha256:…, --build-info FILE.',
  })

const leftOut = (message: string): Finding =>
  warn({
    code: 'admission/folder-not-judged',
    message,
    subject: 'candidate',
    hint: 'If the release applies it, name it under migrations in the configuration and let the gate judge it.',
  })

const FINDING_OF = { differs: other, unknown, 'left-out': leftOut } as const

const dirtyOf = (message: string): { code: string; message: string; subject: string; hint: string } => ({
  code: 'admission/dirty-candidate',
  message,
  subject: 'candidate',
  hint: 'Commit or remove the changes; write evidence outside of the checkout, or into a folder that git ignores.',
})
