import type { Where } from '../../gate/finding.ts'
import type { Effects, TracedStatement } from '../../observers/effects/kind.ts'

/** Where the release does something to an object, and with what words. */
export interface Touch {
  readonly where: Where | null
  readonly endLine: number | null
  readonly what: string
}

/** What the release makes and what it touches, by object. */
export interface Release {
  readonly made: ReadonlyMap<string, Touch>
  readonly touched: ReadonlyMap<string, Touch>
}

const nowhere = (what: string): Touch => ({ where: null, endLine: null, what })

/** From the trace and, for what it did not see, from the difference of the catalogues. */
export function releaseOf(seen: Effects): Release {
  const made = new Map<string, Touch>()
  const touched = new Map<string, Touch>()
  const note = (map: Map<string, Touch>, object: string, touch: Touch): void => {
    if (!map.has(object)) map.set(object, touch)
  }
  for (const statement of seen.steps.flatMap((step) => step.statements)) {
    for (const event of statement.events) {
      if (event.kind === 'setting') continue
      note(event.kind === 'created' ? made : touched, event.object, touchOf(statement, wordOf(event)))
    }
  }
  for (const difference of [...seen.steps.map((step) => step.difference), seen.difference]) {
    for (const entry of difference.added) note(made, entry.object, nowhere('makes'))
    for (const entry of difference.removed) note(touched, entry.object, nowhere('drops'))
    for (const { before } of difference.changed) note(touched, before.object, nowhere('alters'))
  }
  return { made, touched }
}

type Event = Exclude<TracedStatement['events'][number], { kind: 'setting' }>

function wordOf(event: Event): string {
  switch (event.kind) {
    case 'created':
      return 'makes'
    case 'altered':
      return 'alters'
    case 'dropped':
      return 'drops'
    case 'rewritten':
      return 'rewrites'
    case 'write':
      return 'writes to'
  }
}

const touchOf = (statement: TracedStatement, what: string): Touch => ({
  where: { file: statement.file, line: statement.line, column: statement.column },
  endLine: statement.endLine,
  what,
})
