import { realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { CONFIG_NAMES, type LoadedConfig, findConfig, loadConfig, loadConfigText } from '../config/load.ts'
import { SeaworthyError } from '../gate/error.ts'
import { Repository } from '../git/repository.ts'
import type { ProgramsFrom } from '../postgres/binaries.ts'

/** Where a run takes place. */
export interface Surroundings {
  /** Absolute: the repository's root; outside of git the working folder, or the named folder where that lies elsewhere. */
  readonly root: string
  readonly repository: Repository | null
  readonly env: NodeJS.ProcessEnv
  /** Where PostgreSQL's programs may come from; the npm packages of the root where it is left out. */
  readonly programs?: ProgramsFrom
}

/** What every command needs from the process it runs in. */
export interface ProcessContext {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
}

/** Where the configuration comes from. */
export interface ConfigChoice {
  readonly file?: string | undefined
  /** A revision whose configuration counts, so that a candidate cannot loosen its own gate. */
  readonly fromRef?: string | undefined
}

/** Finds out where the run takes place. Throws SeaworthyError if a folder that was named is not there. */
export async function surroundings(dirs: readonly string[], { cwd, env }: ProcessContext): Promise<Surroundings> {
  const from = path.resolve(cwd, dirs[0] ?? '.')
  const isFolder = statSync(from, { throwIfNoEntry: false })?.isDirectory() ?? false
  if (!isFolder) {
    throw new SeaworthyError('unreadable', `there is no folder ${from}`, {
      hint: 'Name the folder of your migrations, or leave it out.',
    })
  }
  const repository = await Repository.open(from, env)
  const real = realpathSync(cwd)
  const isInside = (root: string): boolean =>
    dirs.every((dir) => !path.relative(root, realpathSync(path.resolve(cwd, dir))).startsWith('..'))
  if (repository !== null) return { root: repository.root, repository, env }
  return { root: isInside(real) ? real : realpathSync(from), repository: null, env }
}

/** The configuration of the run: from a revision, from a named file, or the one that is found. */
export async function configuration(
  dirs: readonly string[],
  choice: ConfigChoice,
  around: Surroundings,
  { cwd }: ProcessContext,
): Promise<LoadedConfig> {
  const none: LoadedConfig = { config: {}, source: null, base: cwd }
  const start = realpathSync(dirs.length === 1 ? path.resolve(cwd, dirs[0] ?? '.') : cwd)
  if (choice.fromRef !== undefined) {
    const { fromRef, file } = choice
    const places = file === undefined ? configPlaces(start, around.root) : [path.resolve(realpathSync(cwd), file)]
    return (await configurationAt(fromRef, places, file, around)) ?? none
  }
  if (choice.file !== undefined) return await loadConfig(path.resolve(cwd, choice.file))
  const found = findConfig(start, around.root)
  return found === null ? none : await loadConfig(found)
}

/** Where a configuration is looked for: in the folder and above it, up to and including the root; the nearest first. */
export function configPlaces(folder: string, root: string): string[] {
  const places: string[] = []
  for (let at = folder; ; at = path.dirname(at)) {
    places.push(...CONFIG_NAMES.map((name) => path.join(at, name)))
    if (at === root || at === path.dirname(at)) return places
  }
}

/** The configuration as it stands at a revision; null if there is none there, whatever the candidate has. */
async function configurationAt(
  ref: string,
  places: readonly string[],
  file: string | undefined,
  { repository, root }: Surroundings,
): Promise<LoadedConfig | null> {
  if (repository === null) {
    throw new SeaworthyError('git', `--config-from ${ref} needs a git repository, and this is none`)
  }
  const commit = await repository.resolve(ref)
  if (commit === null) {
    throw new SeaworthyError('git', `--config-from names ${ref}, which git does not know`, {
      hint: `git fetch origin ${ref}`,
    })
  }
  const inside = places.filter((absolute) => !path.relative(root, absolute).startsWith('..'))
  const paths = inside.map((absolute) => path.relative(root, absolute).split(path.sep).join('/'))
  const contents = await repository.contents(paths.map((one) => `${commit}:${one}`))
  const index = contents.findIndex((content) => content !== null)
  const content = contents[index] ?? null
  if (content !== null) {
    return await loadConfigText(content.toString('utf8'), inside[index] ?? '', `${ref}:${paths[index]}`)
  }
  if (file === undefined) return null
  throw new SeaworthyError('config', `${ref} has no ${file}`, {
    hint: 'Mend --config, or name a revision that has it.',
  })
}
