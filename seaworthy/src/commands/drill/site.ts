import path from 'node:path'
import { findConfig } from '../../config/load.ts'
import { type CheckFlags, requestHere } from '../check/request.ts'
import { type CopyPlan, planCopy, ProjectCopy, within } from './copy.ts'
import type { CheckContext } from '../check/judged-run.ts'
import { OwnFolder } from '../own-folder.ts'
import type { ConfigChoice } from '../surroundings.ts'

/** What the user asks of `check`. */
export interface Asked {
  readonly dirs: readonly string[]
  readonly flags: CheckFlags
  readonly choice: ConfigChoice
  readonly context: CheckContext
}

/** The temporary folder in which a drill makes its copies. Removed with `using`, and when the process ends otherwise. */
export class DrillSite implements AsyncDisposable {
  readonly #folder: OwnFolder
  readonly #plan: CopyPlan
  readonly #asked: Asked
  /** The roots of the copies that were made. */
  readonly #copies: string[] = []

  private constructor(folder: OwnFolder, plan: CopyPlan, asked: Asked) {
    this.#folder = folder
    this.#plan = plan
    this.#asked = asked
  }

  /** Looks at what has to be copied. Throws SeaworthyError for a project that cannot be. */
  static async open(asked: Asked): Promise<DrillSite> {
    const { dirs, flags, choice, context } = asked
    const { around, request } = await requestHere(dirs, flags, choice, context)
    const plan = await planCopy(around, request)
    return new DrillSite(await OwnFolder.make('drill'), plan, asked)
  }

  /** A fresh copy of the project as it stands. */
  async copy(): Promise<ProjectCopy> {
    const copy = await ProjectCopy.make(this.#plan, this.#folder.path)
    this.#copies.push(copy.root)
    return copy
  }

  /** What the user asks, asked of a copy: every path that leads into the project leads into the copy. */
  askedOf(copy: ProjectCopy): Asked {
    const { dirs, flags, choice, context } = this.#asked
    const mapped = (file: string): string => this.#mapped(file, copy)
    const files = Object.fromEntries(
      (['ledger', 'shape', 'workload', 'seedSql', 'answers'] as const).flatMap((name) => {
        const file = flags[name]
        // Given as nothing: none, whatever the configuration says.
        return file === undefined || file === '' ? [] : [[name, mapped(file)] as const]
      }),
    )
    return {
      dirs: dirs.map(mapped),
      flags: { ...flags, ...files },
      choice: { ...choice, ...(choice.file === undefined ? {} : { file: mapped(choice.file) }) },
      context: { ...context, cwd: mapped('.') },
    }
  }

  /** The same for one folder of several. The configuration stays the one that counts for all of them. */
  askedOfFolder(copy: ProjectCopy, folder: string): Asked {
    const asked = this.askedOf(copy)
    const file = asked.choice.file ?? findConfig(configStart(asked), copy.root) ?? undefined
    return { ...asked, dirs: [path.join(copy.root, folder)], choice: { ...asked.choice, file } }
  }

  /** What is said about a copy, as if it were said about the project. */
  told(text: string): string {
    return this.#copies.reduce((told, root) => told.replaceAll(root, this.#plan.root), text)
  }

  /** What no copy holds; empty where nothing is left out. */
  get leftOut(): string {
    const { submodules } = this.#plan
    return submodules.length === 0 ? '' : ` (submodules are not copied: drill in ${submodules.join(', ')} itself)`
  }

  #mapped(file: string, copy: ProjectCopy): string {
    const absolute = path.resolve(this.#asked.context.cwd, file)
    const inside = within(this.#plan.root, absolute)
    return inside === null ? absolute : path.join(copy.root, inside)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]()
  }
}

/** Where a configuration is looked for, as `configuration` does it. */
export const configStart = ({ dirs, context }: Asked): string =>
  dirs.length === 1 ? path.resolve(context.cwd, dirs[0] ?? '.') : context.cwd
