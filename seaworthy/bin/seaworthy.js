#!/usr/bin/env node
// Committed, because npm links no missing file. In the package it starts dist/, in a checkout the sources themselves.
import { existsSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import module from 'node:module'
import path from 'node:path'

/**
 * Where Node keeps what it has compiled; null where there is no place that only this user can write to. What lies there is
 * run: Node's own choice, a folder in the temporary one, anybody could have made before us.
 */
function compiledFolder() {
  const { SEAWORTHY_CACHE: own, XDG_CACHE_HOME: xdg, HOME: home } = process.env
  const cache = [own, xdg && path.join(xdg, 'seaworthy'), home && path.join(home, '.cache/seaworthy')].find(Boolean)
  if (cache === undefined || !path.isAbsolute(cache)) return null
  try {
    const folder = path.join(cache, 'compiled')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const user = process.geteuid?.()
    for (let at = realpathSync(folder); ; at = path.dirname(at)) {
      const { uid, mode } = statSync(at)
      // In a folder with the sticky bit nobody else can put another one in its place.
      const isOpen = (mode & 0o022) !== 0 && (mode & 0o1000) === 0
      if (isOpen || (uid !== user && uid !== 0)) return null
      if (at === path.dirname(at)) return folder
    }
  } catch {
    return null
  }
}

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `seaworthy needs Node.js 24 or newer, and this is ${process.version}.\n  → Install Node 24 (https://nodejs.org)\n`,
  )
  process.exitCode = 2
} else {
  // Spares the next run the compiling of everything that this one loads from here on.
  const compiled = compiledFolder()
  if (compiled !== null) module.enableCompileCache(compiled)
  const source = new URL('../src/cli.ts', import.meta.url)
  const { main } = await import(existsSync(source) ? source.href : new URL('../dist/cli.js', import.meta.url).href)
  await main(process.argv.slice(2))
}
