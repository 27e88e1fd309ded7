import { placeOfUrl } from '../../gate/redaction.ts'

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

const shown = (word: string, isUrl: boolean): string =>
  isUrl || /^\s*[a-z][a-z0-9+.-]*:\/\//i.test(word) ? placeOfUrl(word) : word.replaceAll(URL_INSIDE, placeOfUrl)

/** A URL in a longer text, up to its first blank. */
const URL_INSIDE = /\b[a-z][a-z0-9+.-]*:\/\/\S+/gi
