/**
 * The keys of a TOML file that stand before its first table, as written after the `=`, without comments. Null if a
 * line is none of the simple forms that migration tools write (comment, `key = value`, `[table]`).
 */
export function topLevelKeys(text: string): ReadonlyMap<string, string> | null {
  const keys = new Map<string, string>()
  let isTopLevel = true
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    if (/^\[[^\]]+\](?:\s*#.*)?$/.test(line)) {
      isTopLevel = false
      continue
    }
    const match = /^(?:([A-Za-z0-9_-]+)|"([^"\\]*)")\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#"'][^#]*?)\s*(?:#.*)?$/.exec(
      line,
    )
    if (match === null) return null
    const key = match[1] ?? match[2] ?? ''
    if (isTopLevel) {
      if (keys.has(key)) return null
      keys.set(key, match[3] ?? '')
    }
  }
  return keys
}
