import { REDACTED } from '../../gate/redaction.ts'

/** The flags that take a URL of a database; `capture` takes it as an argument. */
const URL_FLAGS: ReadonlySet<string> = new Set(['--ledger-url', '--shape-url', '--server', '--against'])

/**
 * The command as the ledger keeps it. Of a URL only the scheme, the host, the port and the path stay, wherever it stands: a
 * user or a parameter may be a secret. What a flag for URLs was given and is none is left out.
 */
export function commandLine(argv: readonly string[]): string {
  const words = argv.map((word, index) => {
    const [, flag, value] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? []
    if (flag !== undefined && value !== undefined) return `${flag}=${shown(value, URL_FLAGS.has(flag))}`
    return shown(word, URL_FLAGS.has(argv[index - 1] ?? ''))
  })
  return ['seaworthy', ...words].join(' ')
}

function shown(word: string, isUrl: boolean): string {
  const [, scheme] = /^\s*([a-z][a-z0-9+.-]*:)\/\//i.exec(word) ?? []
  if (scheme !== undefined) return withoutSecrets(word, scheme)
  return isUrl ? REDACTED : word.replaceAll(URL_INSIDE, (url) => shown(url, true))
}

/** A URL in a longer text, up to its first blank. */
const URL_INSIDE = /\b[a-z][a-z0-9+.-]*:\/\/\S+/gi

function withoutSecrets(text: string, scheme: string): string {
  // Several hosts, which PostgreSQL allows, are no URL by the standard: then only the scheme is certain.
  if (!URL.canParse(text)) return `${scheme}//${REDACTED}`
  const { host, pathname, username, password, search, hash } = new URL(text)
  const user = username + password === '' ? '' : `${REDACTED}@`
  return `${scheme}//${user}${host}${pathname}${search + hash === '' ? '' : `?${REDACTED}`}`
}
