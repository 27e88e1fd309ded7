import { as, type FuncCall, type Node, partsOf, quoteName } from './tree.ts'

/** The text that an expression has, as far as it can be told without running it. */
export interface FoldedText {
  readonly text: string
  /** False where a part is computed at run time; it then reads `"?"`, a name that nothing has. */
  readonly isExact: boolean
}

/** Stands for a name or value that only exists at run time. */
export const UNKNOWN_NAME = '?'
const UNKNOWN_PART: FoldedText = { text: `"${UNKNOWN_NAME}"`, isExact: false }
const MAX_TEXT = 1_000_000

const exact = (text: string): FoldedText => ({ text, isExact: true })

/** Folds string constants, `||`, concat, format, quote_ident and quote_literal. */
export function foldText(node: Node | undefined): FoldedText {
  const constant = as(node, 'A_Const')
  if (constant !== undefined) {
    if (constant.sval !== undefined) return exact(constant.sval.sval ?? '')
    if (constant.ival !== undefined) return exact(String(constant.ival.ival ?? 0))
    if (constant.fval !== undefined) return exact(constant.fval.fval ?? '')
    return UNKNOWN_PART
  }
  const cast = as(node, 'TypeCast')
  if (cast !== undefined) return foldText(cast.arg)
  const operation = as(node, 'A_Expr')
  if (operation?.kind === 'AEXPR_OP' && partsOf(operation.name).join('.') === '||') {
    return join([foldText(operation.lexpr), foldText(operation.rexpr)])
  }
  const call = as(node, 'FuncCall')
  return call === undefined ? UNKNOWN_PART : foldCall(call)
}

function join(parts: readonly FoldedText[]): FoldedText {
  const text = parts.map((part) => part.text).join('')
  if (text.length > MAX_TEXT) return UNKNOWN_PART
  return { text, isExact: parts.every((part) => part.isExact) }
}

function foldCall(call: FuncCall): FoldedText {
  const args = call.args ?? []
  switch (partsOf(call.funcname).at(-1)) {
    case 'concat':
      return join(args.map(foldText))
    case 'quote_ident': {
      const name = foldText(args[0])
      return name.isExact ? exact(quoteName(name.text)) : UNKNOWN_PART
    }
    case 'quote_literal':
    case 'quote_nullable':
      return literal(foldText(args[0]))
    case 'format':
      return foldFormat(args)
    default:
      return UNKNOWN_PART
  }
}

const literal = (part: FoldedText): FoldedText =>
  part.isExact ? exact(`'${part.text.replaceAll("'", "''")}'`) : { text: `'${UNKNOWN_NAME}'`, isExact: false }

/** The placeholders of PostgreSQL's format(): `%I`, `%1$L`, `%-10s`, `%%`. */
const PLACEHOLDER = /%(?:(\d+)\$)?-?\d*([sIL%])/g

function foldFormat(args: readonly Node[]): FoldedText {
  const template = foldText(args[0])
  if (!template.isExact) return UNKNOWN_PART
  let isExact = true
  let next = 1
  const text = template.text.replaceAll(PLACEHOLDER, (_, position: string | undefined, type: string) => {
    if (type === '%') return '%'
    const index = position === undefined ? next : Number(position)
    next = index + 1
    const value = foldText(args[index])
    const part = type === 'L' ? literal(value) : type === 'I' && value.isExact ? exact(quoteName(value.text)) : value
    isExact &&= part.isExact
    return part.text
  })
  return text.length > MAX_TEXT ? UNKNOWN_PART : { text, isExact }
}
