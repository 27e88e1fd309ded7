/** How many characters a sample may have. */
const LONGEST = 200
const ANY = 'a'

/**
 * A text that matches a LIKE pattern: each wildcard stands for one letter.
 */
export function likeSample(pattern: string): string {
  let sample = ''
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? ''
    if (character === '\\') {
      index += 1
      sample += pattern[index] ?? ''
    } else sample += character === '%' || character === '_' ? ANY : character
  }
  return sample
}

/**
 * A text that matches a regular expression of PostgreSQL's advanced kind, as far as it is simple: literals, classes,
 * groups, alternatives, counts. Each `variant`, from 0, takes other characters of a class; odd ones the upper end of
 * each count. Null for anything else (look-around, back-references, embedded options).
 */
export function regexSample(pattern: string, variant: number): string | null {
  try {
    const reader = new Reader(pattern, variant)
    const sample = reader.alternatives()
    return reader.isAtEnd && sample.length <= LONGEST ? sample : null
  } catch (error) {
    if (error instanceof NotSimple) return null
    throw error
  }
}

class NotSimple extends Error {}

const CLASSES: Readonly<Record<string, string>> = { s: ' ', D: 'a', W: '-', S: 'a' }
const NAMED: Readonly<Record<string, string>> = {
  alpha: 'a',
  digit: '1',
  alnum: 'a',
  lower: 'a',
  upper: 'A',
  space: ' ',
  punct: '-',
  xdigit: 'a',
}

class Reader {
  readonly #text: string
  readonly #variant: number
  #at = 0

  constructor(text: string, variant: number) {
    this.#text = text
    this.#variant = variant
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  alternatives(): string {
    const first = this.#sequence()
    while (this.#text[this.#at] === '|') {
      this.#at += 1
      this.#sequence()
    }
    return first
  }

  #sequence(): string {
    let sample = ''
    while (!this.isAtEnd && this.#text[this.#at] !== '|' && this.#text[this.#at] !== ')') {
      const atom = this.#atom()
      sample += atom.repeat(this.#count())
      if (sample.length > LONGEST) throw new NotSimple()
    }
    return sample
  }

  #atom(): string {
    const character = this.#text[this.#at] ?? ''
    this.#at += 1
    if (character === '^' || character === '$') return ''
    if (character === '.') return this.#from('a', 'z')
    if (character === '[') return this.#bracket()
    if (character === '\\') return this.#escape()
    if (character === '*' || character === '+' || character === '?') throw new NotSimple()
    return character === '(' ? this.#group() : character
  }

  #group(): string {
    if (this.#text.startsWith('?:', this.#at)) this.#at += 2
    else if (this.#text[this.#at] === '?') throw new NotSimple()
    const inner = this.alternatives()
    if (this.#text[this.#at] !== ')') throw new NotSimple()
    this.#at += 1
    return inner
  }

  #escape(): string {
    const character = this.#text[this.#at] ?? ''
    this.#at += 1
    if (character === 'd') return this.#from('0', '9')
    if (character === 'w') return this.#from('a', 'z')
    const known = CLASSES[character]
    if (known !== undefined) return known
    if (/[a-zA-Z0-9]/.test(character)) throw new NotSimple()
    return character
  }

  /** One of the characters from … to …, by turns. */
  #from(first: string, last: string): string {
    const [from, to] = [first.codePointAt(0) ?? 0, last.codePointAt(0) ?? 0]
    if (to < from) throw new NotSimple()
    return String.fromCodePoint(from + (this.#variant % (to - from + 1)))
  }

  /** A character of a bracket expression: of the first range it lists, or the first one. */
  #bracket(): string {
    const isNegated = this.#text[this.#at] === '^'
    if (isNegated) this.#at += 1
    const listed: string[] = []
    do {
      const named = /^\[:(\w+):\]/.exec(this.#text.slice(this.#at))
      if (named !== null) {
        listed.push(NAMED[named[1] ?? ''] ?? ANY)
        this.#at += named[0].length
      } else if (this.#text[this.#at] === '\\') {
        this.#at += 1
        listed.push(this.#escape())
      } else {
        const range = /^(.)-([^\]])/su.exec(this.#text.slice(this.#at))
        listed.push(range === null ? (this.#text[this.#at] ?? '') : this.#from(range[1] ?? '', range[2] ?? ''))
        this.#at += range === null ? 1 : range[0].length
      }
    } while (!this.isAtEnd && this.#text[this.#at] !== ']')
    if (this.isAtEnd) throw new NotSimple()
    this.#at += 1
    if (!isNegated) return listed[0] ?? ANY
    const other = ['a', 'A', '1', '-', ' '].find((character) => !listed.includes(character))
    return other ?? ANY
  }

  #count(): number {
    const rest = this.#text.slice(this.#at)
    const found = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/.exec(rest)
    if (found === null) return 1
    this.#at += found[0].length
    const [least, most] = bounds(found[0], found[1], found[2], found[3])
    return this.#variant % 2 === 1 ? most : least
  }
}

function bounds(
  whole: string,
  least: string | undefined,
  comma: string | undefined,
  most: string | undefined,
): [number, number] {
  if (whole.startsWith('*')) return [0, 3]
  if (whole.startsWith('+')) return [1, 3]
  if (whole.startsWith('?')) return [0, 1]
  const from = Number(least)
  if (comma === undefined) return [from, from]
  return [from, most === undefined || most === '' ? from + 2 : Number(most)]
}
