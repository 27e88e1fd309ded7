import { digestOf } from '../canonical.ts'

/** What wants to go live, by everything that says which one it is. */
export interface Candidate {
  /** The full commit; null outside of git. What was judged is the working tree: `isDirty` says whether that is this commit. */
  readonly commit: string | null
  readonly tree: string | null
  /** Null outside of git. */
  readonly isDirty: boolean | null
  /** Images by digest, as they were named by whoever asked for the verdict. Sorted by name. */
  readonly images: readonly CandidateImage[]
  /** The build information that goes with the release; null where none was given. */
  readonly buildInfo: BuildInfo | null
  readonly migrations: readonly CandidateMigrations[]
}

export interface CandidateImage {
  /** `registry.example/app`, without tag and digest. */
  readonly name: string
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string
}

export interface BuildInfo {
  /** Of the canonical JSON of the whole document. */
  readonly digest: string
  /** The 40-digit commit that it names; null where it names none. */
  readonly commit: string | null
}

export interface CandidateMigrations {
  /** Relative to the repository root. */
  readonly folder: string
  readonly format: string
  /** Of every migration of the folder: version, name, texts, checksums. */
  readonly digest: string
}

/** An in-toto resource descriptor, as far as it is used here. */
export interface Resource {
  readonly name?: string
  readonly uri?: string
  /** Algorithm → lower-case hexadecimal. `gitCommit` and `gitTree` are in-toto's names for git's ids. */
  readonly digest: Readonly<Record<string, string>>
}

const hex = (digest: string): string => digest.slice(digest.indexOf(':') + 1)

/**
 * The subjects of the statement. A dirty tree is not its commit, so commit and tree are only subjects of a clean one; the
 * migrations are always.
 */
export function subjectsOf(candidate: Candidate): Resource[] {
  const { commit, tree, isDirty } = candidate
  const git = isDirty === false && commit !== null
  return [
    ...(git ? [{ name: 'commit', digest: { gitCommit: commit } }] : []),
    ...(git && tree !== null ? [{ name: 'tree', digest: { gitTree: tree } }] : []),
    ...candidate.images.map((one) => ({ name: `image ${one.name}`, digest: { sha256: hex(one.digest) } })),
    ...candidate.migrations.map((one) => ({ name: `migrations ${one.folder}`, digest: { sha256: hex(one.digest) } })),
  ]
}

/** One URI for the candidate: its commit where the tree is clean, else the migrations that were judged. */
export function resourceUri(candidate: Candidate): string {
  const { commit, isDirty } = candidate
  if (commit !== null && isDirty === false) return `gitoid:commit:${commit.length === 64 ? 'sha256' : 'sha1'}:${commit}`
  return `urn:seaworthy:migrations:${candidate.migrations.map((one) => one.digest).join(':')}`
}

/**
 * By what a candidate is found in our ledger: its commit where the tree is clean, else the digest of the migrations (of
 * several folders: of their digests). Entries about one candidate have one name, whoever makes them.
 */
export function candidateName({
  commit,
  isDirty,
  migrations,
}: Pick<Candidate, 'commit' | 'isDirty' | 'migrations'>): string {
  if (commit !== null && isDirty === false) return commit
  const [only, ...others] = migrations.map((one) => one.digest).toSorted()
  return only !== undefined && others.length === 0 ? only : digestOf([only, ...others])
}

/** One way in which what is about to run is not what the certificate is about, or cannot be told to be. */
export interface CandidateDifference {
  readonly part: 'commit' | 'tree' | 'dirty' | 'images' | 'build-info' | 'migrations'
  /**
   * `unknown`: the certificate names it, and nobody looked at what is about to run. `left-out`: it was there when the rest
   * was judged, since commit and tree are the same, and the configuration did not ask for it.
   */
  readonly kind: 'differs' | 'unknown' | 'left-out'
  readonly message: string
}

/** What is about to run, as far as somebody looked: undefined where nobody did. */
export type Running = { readonly [Part in keyof Candidate]?: Candidate[Part] | undefined }

/**
 * Compares everything that the certificate names with what is about to run. Empty: it is the candidate. What the certificate
 * names and nobody looked at is unknown, never equal.
 */
export function differencesOf(certified: Candidate, running: Running): CandidateDifference[] {
  const found: CandidateDifference[] = []
  const add = (part: CandidateDifference['part'], kind: CandidateDifference['kind'], message: string): void => {
    found.push({ part, kind, message })
  }
  for (const part of ['commit', 'tree'] as const) {
    const [ours, theirs] = [certified[part], running[part]]
    if (ours === null) continue
    if (theirs === undefined || theirs === null) add(part, 'unknown', `the ${part} that is about to run is not known`)
    else if (theirs !== ours)
      add(part, 'differs', `the certificate is for ${part} ${ours}, and ${theirs} is about to run`)
  }
  if (running.isDirty === true && certified.isDirty === false) {
    add('dirty', 'differs', 'the certificate is for a clean commit, and files of the working tree differ from it')
  }
  found.push(...imageDifferences(certified, running), ...migrationDifferences(certified, running))
  const { buildInfo } = certified
  if (buildInfo !== null) {
    if (running.buildInfo === undefined || running.buildInfo === null)
      add(
        'build-info',
        'unknown',
        'the certificate names build information, and none was given for what is about to run',
      )
    else if (running.buildInfo.digest !== buildInfo.digest)
      add('build-info', 'differs', 'the build information is not the one that the certificate names')
  }
  return found
}

function imageDifferences(certified: Candidate, { images }: Running): CandidateDifference[] {
  return certified.images.flatMap((image): CandidateDifference[] => {
    const found = images?.find((one) => one.name === image.name)
    if (found === undefined)
      return [
        {
          part: 'images',
          kind: 'unknown',
          message: `the certificate names image ${image.name}, and nobody said which one is about to run`,
        },
      ]
    if (found.digest === image.digest) return []
    const message = `image ${image.name}: the certificate is for ${image.digest}, and ${found.digest} is about to run`
    return [{ part: 'images', kind: 'differs', message }]
  })
}

function migrationDifferences(certified: Candidate, running: Running): CandidateDifference[] {
  const part = 'migrations'
  const { migrations } = running
  const kind = isSameCommit(certified, running) ? 'left-out' : 'differs'
  if (migrations === undefined) {
    return [{ part, kind: 'unknown', message: 'nobody looked at the migrations that are about to run' }]
  }
  const gone = certified.migrations.flatMap((ours): CandidateDifference[] => {
    const theirs = migrations.find((one) => one.folder === ours.folder)
    if (theirs === undefined)
      return [{ part, kind: 'differs', message: `the migration folder ${ours.folder} is not there` }]
    if (theirs.digest === ours.digest && theirs.format === ours.format) return []
    return [{ part, kind: 'differs', message: `the migrations in ${ours.folder} are not those that were judged` }]
  })
  const added = migrations
    .filter((theirs) => !certified.migrations.some((ours) => ours.folder === theirs.folder))
    .map(({ folder }): CandidateDifference => ({
      part,
      kind,
      message: `the migration folder ${folder} is about to run, and was not judged`,
    }))
  return [...gone, ...added]
}

/** Whether both are one clean commit, so that everything which is there was there. */
const isSameCommit = (certified: Candidate, running: Running): boolean =>
  certified.commit !== null &&
  running.commit === certified.commit &&
  running.tree === certified.tree &&
  certified.isDirty === false &&
  running.isDirty === false
