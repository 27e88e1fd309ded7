/** A name as SQL text: always in double quotes, so that no name is read as anything else. */
export const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The parts of a dotted name as the server writes it: `public."My ""Table"""` → `public`, `My "Table"`. */
export function nameParts(text: string): string[] {
  const parts: string[] = []
  let part = ''
  let isQuoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (character === '"' && isQuoted && text[at + 1] === '"') {
      part += '"'
      at += 1
    } else if (character === '"') isQuoted = !isQuoted
    else if (character === '.' && !isQuoted) {
      parts.push(part)
      part = ''
    } else part += character
  }
  return [...parts, part]
}

/** A dotted name as the server writes it, with every part in quotes. */
export const quotedQualified = (text: string): string => nameParts(text).map(quotedName).join('.')

/** A text as SQL text. Backslashes need the E form. */
export function quotedText(text: string): string {
  const doubled = text.replaceAll("'", "''")
  return text.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}
