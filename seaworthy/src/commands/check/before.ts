import type { Candidate } from '../../gate/certificate/candidate.ts'
import { SeaworthyError } from '../../gate/error.ts'
import type { NamedCandidate } from './candidate.ts'
import { type CheckFlags, requestHere } from './request.ts'
import type { CheckContext } from './judged-run.ts'
import { namedImages, readBuildInfo } from './named-candidate.ts'
import { type Signer, signerOf } from './signer.ts'
import type { ConfigChoice } from '../surroundings.ts'

/** What is known before a run of what it is about, and of who signs. */
export interface BeforeRun {
  readonly named: NamedCandidate
  /** Null: the bundle stays unsigned. */
  readonly signer: Signer | null
}

/**
 * Reads what a run is told of its candidate, and the key: what is wrong with them is said before anything is observed.
 * @throws SeaworthyError for whatever cannot be used.
 */
export async function beforeRun(
  dirs: readonly string[],
  flags: CheckFlags,
  configChoice: ConfigChoice,
  context: CheckContext,
): Promise<BeforeRun> {
  const images = namedImages(flags.image ?? [])
  const buildInfo = flags.buildInfo === undefined ? null : await readBuildInfo(flags.buildInfo, context.cwd)
  const { around, loaded, request } = await requestHere(dirs, flags, configChoice, context)
  refuseOtherBuild({ buildInfo, commit: (await around.repository?.head())?.commit ?? null })
  const signer = await signerOf(flags, request, loaded, context)
  return { named: { images, buildInfo }, signer }
}

/** The build has to be one of the commit that is checked; where either is not known, nobody can say so. */
export function refuseOtherBuild({ buildInfo, commit }: Pick<Candidate, 'buildInfo' | 'commit'>): void {
  if (buildInfo === null) return
  const built = buildInfo.commit
  if (built !== null && built === commit) return
  const why =
    built === null
      ? 'names no commit: it needs a member "commit" with all of its digits'
      : commit === null
        ? `is of commit ${built}, and nothing here says which commit is checked`
        : `is of commit ${built}, and ${commit} is checked`
  throw new SeaworthyError('usage', `the build information (--build-info) ${why}`, {
    hint: 'Give the file of the build of this commit, from its checkout.',
  })
}
