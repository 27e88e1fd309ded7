/** What stands where a secret stood. */
export const REDACTED = '***'

/** A secret shorter than this is not searched for: it would black out ordinary words. */
const SHORTEST_SECRET = 4

/**
 * Takes secrets out of texts at the border, before they become an observation, a message or a log line.
 * Knows the values it was given (in plain and in percent-encoded form) and the user part of any URL.
 */
export class Redactor {
  readonly #secrets: readonly string[]

  constructor(secrets: readonly (string | null | undefined)[]) {
    const forms = secrets
      .filter((secret): secret is string => typeof secret === 'string' && secret.length >= SHORTEST_SECRET)
      .flatMap((secret) => [secret, encodeURIComponent(secret), decoded(secret)])
    // The longest first, so that a secret that contains another one leaves nothing of itself.
    this.#secrets = [...new Set(forms)].toSorted((a, b) => b.length - a.length)
  }

  text(input: string): string {
    let output = input
    for (const secret of this.#secrets) output = output.replaceAll(secret, REDACTED)
    return withoutUrlCredentials(output)
  }

  /** The same for every string in a JSON value, keys included. */
  json<T>(value: T): T {
    // The shape is kept: only the content of strings changes.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return this.#walk(value) as T
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value)
    if (Array.isArray(value)) return value.map((item) => this.#walk(item))
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, member]) => [this.text(key), this.#walk(member)]))
    }
    return value
  }
}

function decoded(secret: string): string {
  try {
    return decodeURIComponent(secret)
  } catch {
    return secret
  }
}

/** Names of parameters that speak of a secret. */
const SECRET_PARAMETER = /pass|pwd|token|secret|key|sig|credential|auth|jwt|code/i

/**
 * Blanks what stands between `://` and the last `@` before the path (user names can be secrets too), and parameters of a URL
 * whose names speak of a secret. A URL that was taken for a path has one slash left.
 */
export function withoutUrlCredentials(text: string): string {
  return text
    .replaceAll(/([a-z][a-z0-9+.-]{0,30}:\/{1,2})[^\s/?#]+@/gi, `$1${REDACTED}@`)
    .replaceAll(/([?&](?:ssl)?password=)[^\s&#"']*/gi, `$1${REDACTED}`)
    .replaceAll(/[a-z][a-z0-9+.-]{0,30}:\/{1,2}[^\s"'<>]*/gi, withoutSecretParameters)
}

const withoutSecretParameters = (url: string): string =>
  url.replaceAll(/([?&#])([^=&#?]*)=[^&#]*/g, (whole, mark: string, name: string) =>
    SECRET_PARAMETER.test(name) ? `${mark}${name}=${REDACTED}` : whole,
  )

/**
 * Of a URL the scheme, the host, the port and the path, for what is written down for good: a user or a parameter may be a
 * secret. Of what is no URL nothing is told.
 */
export function placeOfUrl(text: string): string {
  const [, scheme] = /^\s*([a-z][a-z0-9+.-]*:)\/\//i.exec(text) ?? []
  if (scheme === undefined) return REDACTED
  // Several hosts, which PostgreSQL allows, are no URL by the standard: then only the scheme is certain.
  if (!URL.canParse(text)) return `${scheme}//${REDACTED}`
  const { host, pathname, username, password, search, hash } = new URL(text)
  const user = username + password === '' ? '' : `${REDACTED}@`
  return `${scheme}//${user}${host}${pathname}${search + hash === '' ? '' : `?${REDACTED}`}`
}

/** The password of a connection URL, for a Redactor; null if there is none or it is no URL. */
export function secretOfUrl(url: string): string | null {
  try {
    const parsed = new URL(url)
    return parsed.password === '' ? parsed.searchParams.get('password') : parsed.password
  } catch {
    return null
  }
}
