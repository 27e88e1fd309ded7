import type { TracedStatement } from '../../../observers/effects/kind.ts'
import { UNKNOWN_NAME } from '../../../sql/constant.ts'
import { tokensOf } from '../../../sql/tokens.ts'
import { type Body, constantOf, type Inner, textOf } from './body.ts'
import { as, type Node, rangeParts } from '../../../sql/tree.ts'
import type { Scene } from '../scene.ts'
import { ownName, thingOf } from '../thing.ts'

/** Texts of the trace are cut there. */
const LONGEST_TEXT = 4_000
const ANY = `"${UNKNOWN_NAME}"`
const CONSTANT = /^(?:[0-9$'.]|[ebxun]&?'|(?:true|false|null)$)/i

interface Told {
  readonly tokens: readonly string[]
  readonly isCut: boolean
}

/** What the server told of the statements that ran inside of one, without their constants. */
export class Ran {
  readonly #told: readonly Told[]
  readonly #by: TracedStatement
  readonly #scene: Scene

  constructor(by: TracedStatement, scene: Scene) {
    this.#by = by
    this.#scene = scene
    this.#told = toldOf(by, scene).flatMap((text): Told[] => {
      const isCut = text.length >= LONGEST_TEXT
      const tokens = shape(isCut ? text.slice(0, text.lastIndexOf(' ')) : text)
      return tokens === null ? [] : [{ tokens, isCut }]
    })
  }

  /** Whether a statement of a body ran at least once. */
  has({ node, text }: Inner, body: Body): boolean {
    if (text !== null) return this.#isTold(text) && this.#isSeenToWrite(node)
    return this.#by.events.some(
      (event) => 'via' in event && event.via?.includes(`SQL function "${body.name ?? ''}"`) === true,
    )
  }

  /**
   * A text may stand for a table of another schema, which a search_path put in front. So a statement that writes to a
   * table of before by its own name must have been seen to write to such a one.
   */
  #isSeenToWrite(node: Node): boolean {
    return writtenTables(node).every((own) => {
      const isOld = (object: string): boolean =>
        (this.#scene.wasCalled(object) || this.#scene.before.has(object)) && ownOf(object) === own
      const isTable = [...this.#scene.before.keys()].some((object) => object.startsWith('table ') && isOld(object))
      return !isTable || this.#by.events.some((event) => event.kind === 'write' && isOld(event.object))
    })
  }

  /** Whether every EXECUTE of the body with a text that is no constant ran. */
  hasDynamic(body: Body): boolean {
    const sites = body.fragments.filter((one) => one.role === 'dynamic')
    const hidden = sites.filter((one) => constantOf(one.sql) === null)
    if (body.isCertain && (body.name === null || this.#isCalled(body))) return true
    return hidden.every((site) => {
      const template = textOf(site.sql)
      const others = sites.filter((one) => one.line === site.line).length
      const isOnlyOne = hidden.filter((one) => textOf(one.sql)?.text === template?.text).length === 1
      if (template !== null && template.text !== ANY && isOnlyOne && this.#isTold(template.text)) return true
      return others === 1 && this.#vias().some((via) => via.name === (body.name ?? BLOCK) && via.line === site.line)
    })
  }

  #isCalled(body: Body): boolean {
    return this.#vias().some((via) => via.name === body.name) || body.statements.some((one) => this.has(one, body))
  }

  #vias(): { name: string; line: number }[] {
    return this.#by.events.flatMap((event) => {
      const [, name = '', line = ''] = ('via' in event ? AT.exec(event.via ?? '') : null) ?? []
      return line === '' ? [] : [{ name: name.replaceAll('"', '').split('.').at(-1) ?? '', line: Number(line) }]
    })
  }

  #isTold(text: string): boolean {
    const wanted = shape(text)
    return wanted !== null && this.#told.some((told) => isSame(wanted, told))
  }
}

/** Texts that were told of a statement. Of one that only inserts rows by value, they may come with a later one. */
function toldOf(by: TracedStatement, scene: Scene): string[] {
  const texts = [...by.nested]
  let isPlain = isPlainInsert(by, scene)
  for (const later of isPlain ? scene.statements.slice(scene.statements.indexOf(by) + 1) : []) {
    if (!isPlain) break
    texts.push(...later.nested)
    isPlain = isPlainInsert(later, scene)
  }
  return texts
}

function isPlainInsert(by: TracedStatement, scene: Scene): boolean {
  const insert = as(scene.reading.ownNode(by) ?? undefined, 'InsertStmt')
  return by.nested.length === 0 && (as(insert?.selectStmt, 'SelectStmt')?.valuesLists ?? []).length > 0
}

/** Own names of the tables that a statement writes to. */
function writtenTables(node: Node): string[] {
  const write =
    as(node, 'DeleteStmt') ?? as(node, 'UpdateStmt') ?? as(node, 'InsertStmt') ?? as(node, 'MergeStmt') ?? undefined
  const truncated = (as(node, 'TruncateStmt')?.relations ?? []).map((one) => as(one, 'RangeVar'))
  return [write?.relation, ...truncated].flatMap((range) => rangeParts(range).at(-1) ?? [])
}

const ownOf = (object: string): string => ownName(thingOf({ object, definition: '' }))

const BLOCK = 'inline_code_block'
const AT = /PL\/pgSQL function ([^\s(]+)(?:\(.*\))? line (\d+) at (?:EXECUTE|FOR over EXECUTE|RETURN QUERY|OPEN)/

/** An unknown name may be one with a schema. */
function isSame(wanted: readonly string[], { tokens, isCut }: Told): boolean {
  let at = 0
  for (const [index, token] of wanted.entries()) {
    if (at >= tokens.length) return isCut
    if (token !== ANY && token !== tokens[at]) return false
    at += 1
    if (token !== ANY || wanted[index + 1] === '.') continue
    while (tokens.at(at) === '.') at += 2
  }
  return at === tokens.length
}

/** The tokens with a mark for each constant; a list of constants counts as one, as the server tells it since 18. */
function shape(text: string): string[] | null {
  const tokens = tokensOf(text)
  if (tokens === null) return null
  const found: string[] = []
  for (const { text: token } of tokens) {
    if (token === ';') continue
    if (!CONSTANT.test(token)) {
      found.push(token)
      continue
    }
    if (found.at(-1) === '-') found.pop()
    if (found.at(-1) === ',' && found.at(-2) === '?') found.pop()
    else found.push('?')
  }
  return found
}
