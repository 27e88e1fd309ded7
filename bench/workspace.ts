import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Command, run } from './measure.ts'

const ROOT = path.dirname(import.meta.dirname)

/** Where a run of the bench works: a temporary folder with a cache of its own, shared with nothing else. */
export class Workspace implements Disposable {
  readonly folder: string
  /** How often each side of a comparison is measured. */
  readonly rounds: number
  readonly #cache: string

  private constructor(folder: string, rounds: number) {
    this.folder = folder
    this.rounds = rounds
    this.#cache = path.join(folder, 'cache')
  }

  /** Makes the folder and builds the package into it, as npm would install it: what is measured is what users start. */
  static async make(rounds: number): Promise<Workspace> {
    const folder = mkdtempSync(path.join(tmpdir(), 'seaworthy-bench-'))
    // As root the server runs as another user, who has to pass through.
    chmodSync(folder, 0o711)
    const workspace = new Workspace(folder, rounds)
    try {
      await workspace.#build()
      return workspace
    } catch (error) {
      workspace[Symbol.dispose]()
      throw error
    }
  }

  async #build(): Promise<void> {
    const target = path.join(this.folder, 'package')
    await run({
      file: path.join(ROOT, 'node_modules/.bin/tsc'),
      args: ['-p', 'tsconfig.build.json', '--outDir', path.join(target, 'dist')],
      cwd: ROOT,
      env: process.env,
      exits: [0],
    })
    for (const name of ['bin', 'package.json']) {
      cpSync(path.join(ROOT, 'seaworthy', name), path.join(target, name), { recursive: true })
    }
    const migrations = 'state/migrations'
    cpSync(path.join(ROOT, 'seaworthy/src', migrations), path.join(target, 'dist', migrations), { recursive: true })
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(target, 'node_modules'))
    mkdirSync(path.join(this.folder, 'work'))
  }

  /** A module of the built package, by its name in the sources without the ending. */
  built(module: string): string {
    return path.join(this.folder, 'package/dist', `${module}.js`)
  }

  /** The package's command line. */
  seaworthy(...args: string[]): Command {
    return this.#node([path.join(this.folder, 'package/bin/seaworthy.js'), ...args], {})
  }

  /** A script of this folder, for the other side of a comparison. It is spared the compiling, as the package spares itself. */
  bare(script: string, ...args: string[]): Command {
    const compiled = { NODE_COMPILE_CACHE: path.join(this.folder, 'compiled') }
    return this.#node([path.join(import.meta.dirname, script), ...args], compiled)
  }

  #node(args: readonly string[], env: NodeJS.ProcessEnv): Command {
    return {
      file: process.execPath,
      args,
      cwd: path.join(this.folder, 'work'),
      env: { ...process.env, SEAWORTHY_CACHE: this.#cache, NO_COLOR: '1', ...env },
      exits: [0],
    }
  }

  /** Throws if the servers were not made from the cache of this workspace (a place it cannot use gives way silently). */
  assertOwnCache(): void {
    if (!existsSync(this.#cache) || !readdirSync(this.#cache).some((name) => name.startsWith('template-'))) {
      throw new Error(`the cache ${this.#cache} was not used`)
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
