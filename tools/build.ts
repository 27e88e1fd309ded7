/** Makes the published package: dist/ by tsc, and beside it what lies at the root of the repository. */
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import path from 'node:path'

const root = path.dirname(import.meta.dirname)
const target = path.join(root, 'seaworthy')

for (const name of ['dist', 'docs', 'LICENSE', 'README.md'])
  rmSync(path.join(target, name), { recursive: true, force: true })
const tsc = spawnSync(path.join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (tsc.status !== 0) process.exit(1)
for (const name of ['LICENSE', 'README.md']) cpSync(path.join(root, name), path.join(target, name))
// Findings and errors name their pages; they are there without the repository, too (`seaworthy explain`).
cpSync(path.join(root, 'docs'), path.join(target, 'docs'), { recursive: true })
// The schema of the ledger is read when one is begun.
const migrations = 'state/migrations'
cpSync(path.join(target, 'src', migrations), path.join(target, 'dist', migrations), { recursive: true })
