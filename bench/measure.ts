import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** A command as it is started: no shell, its output read or thrown away, in an environment of its own. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** Exit codes that mean it did its work: a linter that found something ends with 1. */
  readonly exits: readonly number[]
}

export interface Ran {
  /** From the start of the process to its end, in milliseconds. */
  readonly wallMs: number
  readonly stdout: string
}

/** Runs a command once. Throws if it ends in another way than its work done: a failure must not be measured. */
export async function run(command: Command): Promise<Ran> {
  const startedAt = performance.now()
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: command.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  const wallMs = performance.now() - startedAt
  if (typeof code !== 'number' || !command.exits.includes(code)) {
    const tail = `${stdout.slice(-2000)}\n${stderr.slice(-2000)}`
    throw new Error(`${command.file} ${command.args.join(' ')} ended with ${String(code)}:\n${tail}`)
  }
  return { wallMs, stdout }
}

/** Figures of one side, in milliseconds. */
export class Sample {
  readonly #sorted: readonly number[]

  constructor(values: readonly number[]) {
    if (values.length === 0) throw new Error('a sample without values')
    this.#sorted = values.toSorted((a, b) => a - b)
  }

  get count(): number {
    return this.#sorted.length
  }

  get median(): number {
    return this.#at(0.5)
  }

  /** The noise: from the first to the third quartile, as a part of the median. */
  get spread(): number {
    return (this.#at(0.75) - this.#at(0.25)) / this.median
  }

  /** Linear between the two nearest values. */
  #at(part: number): number {
    const place = part * (this.#sorted.length - 1)
    const low = this.#sorted[Math.floor(place)] ?? 0
    const high = this.#sorted[Math.ceil(place)] ?? low
    return low + (high - low) * (place - Math.floor(place))
  }
}

/**
 * Measures sides in alternation (A B C A B C …), so that what disturbs the machine disturbs all of them. `measure` returns
 * milliseconds; every side is run once before, unmeasured.
 */
export async function alternate<Name extends string>(
  sides: Readonly<Record<Name, () => Promise<number>>>,
  rounds: number,
): Promise<Record<Name, Sample>> {
  const entries = Object.entries<() => Promise<number>>(sides)
  for (const [, measure] of entries) await measure()
  const values = new Map(entries.map(([name]): [string, number[]] => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, measure] of entries) values.get(name)?.push(await measure())
  }
  // Every name of `sides` has its sample, because both come from the same entries.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries([...values].map(([name, list]) => [name, new Sample(list)])) as Record<Name, Sample>
}
