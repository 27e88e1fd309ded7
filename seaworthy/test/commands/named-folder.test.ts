import { describe, expect, it } from 'vitest'
import { Project, seaworthy } from './cli.ts'

/** Production applied its first migration under another name, as its ledger says. */
const files = {
  'db/migrations/001_users.sql': 'CREATE TABLE users (id bigint PRIMARY KEY);\n',
  'db/migrations/002_courts.sql': 'CREATE TABLE courts (id bigint PRIMARY KEY);\n',
  'ledger.csv': 'version,name\n1,people\n',
}

describe('a folder of the configuration', () => {
  it.each(['db', 'db/migrations'])('configured as %s keeps its ledger, however it is named', async (dir) => {
    const config = JSON.stringify({ migrations: [{ dir, ledger: 'ledger.csv' }] })
    using project = new Project({ ...files, 'seaworthy.config.json': config })
    for (const args of [[], ['.'], ['db'], ['db/migrations']]) {
      const ran = await seaworthy(['check', '--only', 'migrations-ledger', ...args], project.root)
      expect(ran.stdout).toContain('ledger/applied-under-another-name')
      expect(ran.code).toBe(1)
    }
  })
})
