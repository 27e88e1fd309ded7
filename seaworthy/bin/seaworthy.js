#!/usr/bin/env node
// Committed, because npm links no missing file. In the package it starts dist/, in a checkout the sources themselves.
import { existsSync } from 'node:fs'
import module from 'node:module'

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `seaworthy needs Node.js 24 or newer, and this is ${process.version}.\n  → Install Node 24 (https://nodejs.org)\n`,
  )
  process.exitCode = 2
} else {
  // Spares the next run the compiling of everything that this one loads from here on; Node keeps it in a folder of its own.
  module.enableCompileCache()
  const source = new URL('../src/cli.ts', import.meta.url)
  const { main } = await import(existsSync(source) ? source.href : new URL('../dist/cli.js', import.meta.url).href)
  await main(process.argv.slice(2))
}
