export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  readonly text: string
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
// oxlint-disable-next-line eslint/no-control-regex
const NO_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/

/** A strict reader of the XML that our writer may use: elements, attributes, text and the five entities. Throws on all else. */
export function parseXml(source: string): XmlElement {
  if (NO_XML.test(source) || !source.isWellFormed()) throw new Error('a character that XML has no form for')
  const body = source.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '')
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray => {
    const found = new RegExp(pattern.source, 'y')
    found.lastIndex = at
    const match = found.exec(body)
    if (match === null) throw new Error(`no ${pattern.source} at ${JSON.stringify(body.slice(at, at + 60))}`)
    at = found.lastIndex
    return match
  }
  const element = (): XmlElement => {
    const [, name = '', written = '', end] = take(/<([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>/)
    const attributes = Object.fromEntries(
      [...written.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, decoded(value)]),
    )
    const children: XmlElement[] = []
    let text = ''
    if (end === '/') return { name, attributes, children, text }
    while (!body.startsWith('</', at)) {
      if (body[at] === '<') children.push(element())
      else text += decoded(take(/[^<]+/)[0])
    }
    take(new RegExp(`</${name}>`))
    return { name, attributes, children, text }
  }
  const root = element()
  if (body.slice(at).trim() !== '') throw new Error('text after the root')
  return root
}

function decoded(text: string): string {
  if (text.includes(']]>')) throw new Error(']]> stands in text')
  return text.replaceAll(/&([^;]*;?)/g, (_, entity: string) => {
    const character = ENTITIES[entity.slice(0, -1)]
    if (character === undefined || !entity.endsWith(';')) throw new Error(`no such entity: &${entity}`)
    return character
  })
}
