import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { stripTypeScriptTypes } from 'node:module'
import { init, parse } from 'es-module-lexer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const src = path.join(root, 'seaworthy/src')

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !file.includes(`${path.sep}fixtures${path.sep}`))

interface Import {
  readonly from: string
  readonly to: string
}

/** Every import of a file with a relative path, types included: they are kept by lexing the source as it is. */
function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  const specifiers = new Set<string>()
  for (const { n } of parse(stripTypeScriptTypes(text), file)[0]) if (n !== undefined) specifiers.add(n)
  for (const [, specifier = ''] of text.matchAll(/^(?:import|export) type .*? from '([^']+)'$/gms))
    specifiers.add(specifier)
  return [...specifiers]
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => ({ from: file, to: path.resolve(path.dirname(file), specifier) }))
}

const roomOf = (file: string): string => {
  const relative = path.relative(src, file)
  return relative.includes(path.sep) ? (relative.split(path.sep)[0] ?? '') : '.'
}

/** What each room may import besides itself. ARCHITECTURE.md describes the same picture. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  gate: [],
  sql: [],
  migrations: ['gate'],
  git: ['gate'],
  state: ['gate'],
  postgres: ['gate', 'migrations', 'sql'],
  reports: ['gate'],
  config: ['gate', 'migrations'],
  signing: ['gate'],
  observers: ['gate', 'migrations', 'postgres', 'git', 'sql'],
  checks: ['gate', 'sql', 'observers'],
  evidence: ['gate', 'config', 'observers', 'checks'],
  commands: [
    'gate',
    'config',
    'migrations',
    'postgres',
    'git',
    'reports',
    'observers',
    'checks',
    'state',
    'signing',
    'evidence',
    '.',
  ],
  '.': ['commands', 'config', 'gate', 'reports', 'checks'],
}

describe('the house', () => {
  let imports: Import[]
  beforeAll(async () => {
    await init
    imports = filesBelow(src).flatMap(importsOf)
  })

  it('imports point one way', () => {
    expect(imports.length).toBeGreaterThan(100)
    const wrong = imports.filter(({ from, to }) => {
      const [a, b] = [roomOf(from), roomOf(to)]
      return a !== b && !(MAY_IMPORT[a] ?? []).includes(b)
    })
    expect(wrong.map(({ from, to }) => `${path.relative(src, from)} imports ${path.relative(src, to)}`)).toEqual([])
  })

  it('checks import of observers their kinds only', () => {
    const wrong = imports.filter(
      ({ from, to }) => roomOf(from) === 'checks' && roomOf(to) === 'observers' && !to.endsWith('/kind.ts'),
    )
    expect(wrong).toEqual([])
  })

  it('a judge and the gate load nothing that can look or act', () => {
    const pure = filesBelow(src).filter(
      (file) => roomOf(file) === 'gate' || roomOf(file) === 'checks' || roomOf(file) === 'sql',
    )
    const wrong = pure.filter((file) => /from '(?:node:(?!crypto)|pg'|zod')/.test(readFileSync(file, 'utf8')))
    expect(wrong).toEqual([])
  })

  it('every file has a reader', () => {
    // The last one is started as a process of its own.
    const entries = new Set(
      ['cli.ts', 'index.ts', 'postgres/given-cleaner-main.ts'].map((file) => path.join(src, file)),
    )
    const users = [...filesBelow(path.join(root, 'tools')), ...filesBelow(path.join(root, 'bench'))].flatMap(importsOf)
    const read = new Set([...imports, ...users].map(({ to }) => to))
    const fromTests = new Set(
      filesBelow(path.join(root, 'seaworthy/test'))
        .flatMap(importsOf)
        .map(({ to }) => to),
    )
    // Mutants and samples are read by the tests that hold each check to them.
    const isForTests = (file: string): boolean => /\/(mutants|sample)\.ts$/.test(file) && fromTests.has(file)
    const dead = filesBelow(src).filter((file) => !entries.has(file) && !read.has(file) && !isForTests(file))
    expect(dead.map((file) => path.relative(src, file))).toEqual([])
  })

  it('no folder or file is named after a kind of code', () => {
    const all = filesBelow(src).map((file) => path.relative(src, file))
    expect(all.filter((file) => /(^|[/-])(utils?|helpers?|common|managers?|lib|misc)([./-]|$)/.test(file))).toEqual([])
    expect(all.filter((file) => !/^[a-z0-9/.-]+$/.test(file))).toEqual([])
  })

  it('every check has a judge, mutants, bad worlds, a README and explanations', () => {
    const checks = readdirSync(path.join(src, 'checks'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(checks.length).toBeGreaterThanOrEqual(4)
    for (const { name } of checks) {
      for (const file of ['index.ts', 'judge.ts', 'mutants.ts', 'worlds.ts', 'README.md']) {
        expect(existsSync(path.join(src, 'checks', name, file)), `${name}/${file}`).toBe(true)
      }
    }
  })

  it('versions are exact', () => {
    for (const file of ['package.json', 'seaworthy/package.json']) {
      const json: Record<string, Record<string, string> | undefined> = JSON.parse(
        readFileSync(path.join(root, file), 'utf8'),
      )
      const groups = ['dependencies', 'devDependencies', 'optionalDependencies'].map((group) => json[group] ?? {})
      const versions = groups.flatMap((group) => Object.values(group))
      expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
    }
  })
})

describe('the documentation', () => {
  it('names no finding that does not exist', () => {
    const pages = path.join(root, 'docs/findings')
    const files = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.md'),
    )
    const texts = ['README.md', 'CONTRIBUTING.md', ...files.map((name) => `docs/${name}`)]
    const families = readdirSync(pages).filter((name) => !name.endsWith('.md'))
    const code = new RegExp(`\\b(?:${families.join('|')})/[a-z][a-z0-9]*(?:-[a-z0-9]+)+(?![a-z0-9/-])`, 'g')
    const named = texts.flatMap((name) => readFileSync(path.join(root, name), 'utf8').match(code) ?? [])
    expect(named.length).toBeGreaterThan(100)
    expect([...new Set(named)].filter((one) => !existsSync(path.join(pages, `${one}.md`)))).toEqual([])
  })
})

describe('the linter watches what this test does not', () => {
  // Inside the repository, since the linter reads its configuration from there; removed again below.
  const folder = mkdtempSync(path.join(root, 'seaworthy/test/.lint-probe-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const complaintsAbout = (name: string, text: string): string => {
    const file = path.join(folder, name)
    writeFileSync(file, text)
    try {
      return execFileSync(path.join(root, 'node_modules/.bin/oxlint'), ['--type-aware', file], {
        cwd: root,
        encoding: 'utf8',
      })
    } catch (error) {
      return error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
    }
  }

  it('refuses a file over 400 lines and a function over 70', () => {
    const long = Array.from({ length: 401 }, (_, index) => `export const a${index} = ${index}`).join('\n')
    expect(complaintsAbout('long.ts', long)).toContain('max-lines')
    const body = Array.from({ length: 71 }, () => '  n += 1').join('\n')
    const text = `export function f(): number {\n  let n = 0\n${body}\n  return n\n}\n`
    expect(complaintsAbout('function.ts', text)).toContain('max-lines-per-function')
  })

  it('refuses an assertion that nobody awaits, a test without one, and a skipped test', () => {
    const head = "import { expect, it } from 'vitest'\n"
    expect(
      complaintsAbout(
        'unawaited.test.ts',
        `${head}it('x', () => {\n  expect(Promise.resolve(1)).resolves.toBe(1)\n})\n`,
      ),
    ).toMatch(/valid-expect|no-floating-promises/)
    expect(complaintsAbout('empty.test.ts', `${head}it('x', () => {\n  void expect\n})\n`)).toContain('expect-expect')
    expect(complaintsAbout('skip.test.ts', `${head}it.skip('x', () => {\n  expect(1).toBe(1)\n})\n`)).toContain(
      'disabled',
    )
  })
})
