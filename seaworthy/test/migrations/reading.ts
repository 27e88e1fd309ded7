import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { findMigrationFolders, readTree } from '../../src/migrations/detect.ts'
import type { FormatName, MigrationTree, TreeProblem } from '../../src/migrations/model.ts'

/** The absolute path of a fixture project. */
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/migrations/${name}`, import.meta.url))

/** Finds and reads the only migration folder of a project. */
export async function readOnly(root: string, forced?: FormatName): Promise<MigrationTree> {
  const found = await findMigrationFolders(root, forced)
  if (found.length !== 1 || found[0] === undefined) throw new Error(`found ${JSON.stringify(found)}`)
  return await readTree(root, found[0])
}

/** A temporary project with these files, removed after the test. */
export function project(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = mkdtempSync(join(tmpdir(), 'seaworthy-migrations-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  write(root, files)
  return root
}

export function write(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
}

export const kindsOf = (tree: MigrationTree): string[] => tree.problems.map((one) => `${one.kind} ${one.file}`)

export function problemOf(tree: MigrationTree, file: string): TreeProblem {
  const found = tree.problems.find((one) => one.file.endsWith(file))
  if (found === undefined) throw new Error(`no problem for ${file} in ${kindsOf(tree).join(', ')}`)
  return found
}

export const versionsOf = (tree: MigrationTree): string[] => tree.migrations.map((one) => one.version)
