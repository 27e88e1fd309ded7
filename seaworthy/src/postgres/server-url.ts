/**
 * The URL of a PostgreSQL server; null for what is none. With another number of slashes a URL still parses, and has its user and its
 * password in what is told of it, the path: so there is no `@` in the path of one that is taken.
 */
export function postgresUrl(text: string): URL | null {
  if (!/^postgres(?:ql)?:\/\//i.test(text) || !URL.canParse(text)) return null
  const url = new URL(text)
  return url.pathname.includes('@') ? null : url
}
