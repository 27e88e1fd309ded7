import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** The environment of git in tests: nobody's settings, nobody's name. */
export const gitEnv: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
}

/** A real git repository in a folder of its own, removed when it is disposed of. */
export class ScratchRepository implements Disposable {
  readonly root: string
  readonly #home: string
  #clock = 1_790_000_000

  constructor(init: readonly string[] = ['init', '-q', '-b', 'main']) {
    this.#home = realpathSync(mkdtempSync(join(tmpdir(), 'seaworthy-git-')))
    this.root = join(this.#home, 'work')
    mkdirSync(this.root)
    if (init.length > 0) this.git(...init)
  }

  git(...args: string[]): string {
    const date = `@${this.#clock} +0000`
    const env = { ...gitEnv, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date }
    return execFileSync('git', args, {
      cwd: this.root,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  }

  write(path: string, content: string | Uint8Array): void {
    const full = join(this.root, path)
    mkdirSync(dirname(full), { recursive: true })
    writeFileSync(full, content)
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true })
  }

  /** Writes files and commits everything; answers with the commit. */
  commit(files: Record<string, string> = {}, message = 'change'): string {
    for (const [path, content] of Object.entries(files)) this.write(path, content)
    this.#clock += 60
    this.git('add', '-A')
    this.git('commit', '-q', '--allow-empty', '-m', message)
    return this.git('rev-parse', 'HEAD')
  }

  /** Clones this repository (by URL, so that `--depth` counts) and gives the clone's path, inside the scratch folder. */
  clone(name: string, ...options: string[]): string {
    const target = join(this.#home, name)
    this.git('clone', '-q', ...options, `file://${this.root}`, target)
    return realpathSync(target)
  }

  [Symbol.dispose](): void {
    rmSync(this.#home, { recursive: true, force: true })
  }
}
