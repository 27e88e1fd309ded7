import { readFileSync } from 'node:fs'

/** The version of this package, from its own package.json. */
export function ownVersion(): string {
  const json: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  if (typeof json === 'object' && json !== null && 'version' in json && typeof json.version === 'string')
    return json.version
  throw new Error('package.json has no version')
}
