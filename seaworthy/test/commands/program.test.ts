import { expect, test } from 'vitest'
import { Project, seaworthy } from './cli.ts'

const SECRETS = { SEAWORTHY_SIGN_KEY: 'canary-key', SEAWORTHY_KEY_PASSPHRASE: 'canary-phrase' }
const TELLTALE = `process.stderr.write(\`seen: \${JSON.stringify(process.env)}\\n\`)\nexport default {}\n`

test.each([
  ['policy'],
  ['reserve', 'fees'],
  ['prove', '--against', 'postgresql://127.0.0.1:1/x'],
  ['drill', '--tier', 'judge'],
  ['ledger'],
  ['admit', '--action', 'deploy', '--policy', 'seaworthy.config.ts', '--emergency', 'login is down, Ada'],
])('%s hands no secret for signing to a configuration, which is a program', async (...args) => {
  using project = new Project({ 'migrations/001_courts.sql': 'SELECT 1;\n', 'seaworthy.config.ts': TELLTALE })
  // Whatever it comes to afterwards.
  const { stderr } = await seaworthy(args, project.root, { ...SECRETS, XDG_STATE_HOME: project.at('state') })
  expect(stderr).toContain('seen: {')
  expect(stderr).not.toContain('canary')
})

test('what the command line says of a flag that it does not take repeats no password', async () => {
  using project = new Project()
  const admit = ['admit', '--action', 'deploy', '--policy', 'p']
  for (const args of [['--ledger-urll=postgresql://u:canary@h/d'], ['--timeout', 'https://x/?token=canary']]) {
    const { code, stderr } = await seaworthy([...admit, ...args], project.root)
    expect(code).toBe(2)
    expect(stderr).toContain('***')
    expect(stderr).not.toContain('canary')
  }
})
