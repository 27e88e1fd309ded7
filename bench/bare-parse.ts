// The other side of the static check: every file of a folder through PostgreSQL's grammar, and nothing else.
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { loadModule, parseSync } from 'libpg-query'

const [folder = ''] = process.argv.slice(2)
await loadModule()
let statements = 0
for (const name of readdirSync(folder)) {
  statements += parseSync(readFileSync(path.join(folder, name), 'utf8')).stmts?.length ?? 0
}
process.stdout.write(`${JSON.stringify({ statements })}\n`)
