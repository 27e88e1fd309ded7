/**
 * The first member name that an object of a JSON text has twice, or null. Readers of such a text differ in which of the two
 * they take. The text must be JSON: whoever calls has parsed it. One walk, whatever the depth.
 */
export function repeatedName(json: string): string | null {
  /** The names of each open object; null for an open list. */
  const open: (Set<string> | null)[] = []
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at]
    if (character === '{') open.push(new Set())
    else if (character === '[') open.push(null)
    else if (character === '}' || character === ']') open.pop()
    if (character !== '"') continue
    const end = endOfString(json, at)
    const names = open.at(-1)
    if (names !== null && names !== undefined && isBeforeColon(json, end)) {
      const name = String(JSON.parse(json.slice(at, end)))
      if (names.has(name)) return name
      names.add(name)
    }
    at = end - 1
  }
  return null
}

/** The offset behind the quote that ends the string which begins at an offset. */
function endOfString(json: string, start: number): number {
  let at = start + 1
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1
  return at + 1
}

/** In JSON, a string before a colon is the name of a member, and nothing else is. */
function isBeforeColon(json: string, from: number): boolean {
  let at = from
  while (' \t\r\n'.includes(json[at] ?? '.')) at += 1
  return json[at] === ':'
}
