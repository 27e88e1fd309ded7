import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type SecretCommand, secretFrom } from '../../src/signing/secret-command.ts'

const CANARY = 'hunter2-canary-hunter2'
let dir = ''
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'seaworthy-secret-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** A secret manager, as a program of our own. */
const command = (script: string, over: Partial<SecretCommand> = {}): SecretCommand => ({
  argv: [process.execPath, '-e', script],
  cwd: dir,
  env: { PATH: process.env['PATH'], VAULT_TOKEN: CANARY },
  signal: new AbortController().signal,
  ...over,
})

const messageOf = async (wanted: SecretCommand): Promise<string> => {
  const error: unknown = await secretFrom(wanted).then(
    () => 'no error',
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Error)) return String(error)
  expect(error).toMatchObject({ code: 'unreadable', exitCode: 2 })
  return error.message
}

/** Ends when the process is gone. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    // A zombie that nobody waits for is gone as well.
    if (/^State:\s+Z/m.test(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : ''))
      return
    await new Promise((resolve) => setImmediate(resolve))
  }
}

it('what it prints is the secret, arguments are given as they are, and there is no shell', async () => {
  const print = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'
  const argv = [process.execPath, '-e', print, 'a b', '$HOME', '`id`']
  expect(await secretFrom(command('', { argv }))).toBe('["a b","$HOME","`id`"]')
  expect(await secretFrom(command('process.stdout.write("x".repeat(60000) + "\\n")'))).toHaveLength(60_001)
})

it('one that fails says why, without anything like a secret', async () => {
  const said = await messageOf(
    command(`
      console.log('${CANARY}-printed')
      console.error('permission denied for ' + process.env.VAULT_TOKEN + ' and ${CANARY}-printed')
      console.error('-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2Vw\\n-----END PRIVATE KEY-----')
      console.error('\\u001b[2J' + 'QUJD'.repeat(20) + ' https://user:${CANARY}@vault/')
      process.exitCode = 3
    `),
  )
  expect(said).toContain('gave no secret: it ended with 3: permission denied for *** and ***')
  expect(said).not.toContain(CANARY)
  expect(said).not.toContain('MC4CAQ')
  expect(said).not.toContain('QUJDQUJD')
  expect(said).toMatch(/^[ -~]+$/)
  const long = await messageOf(command('console.error("why ".repeat(10000)); process.exitCode = 1'))
  expect(long.length).toBeLessThan(500)
})

it('one that is not there, and one that is killed, give nothing', async () => {
  expect(await messageOf(command('', { argv: ['no-such-secret-manager'] }))).toContain('there is no such program')
  expect(await messageOf(command('process.kill(process.pid, "SIGTERM")'))).toContain('it ended with SIGTERM')
})

it('one that takes too long is ended', async () => {
  expect(await messageOf(command('setInterval(() => {}, 1000)', { timeoutMs: 50 }))).toContain(
    'it took longer than 0.05 seconds',
  )
})

it('one that leaves a program behind with its pipes open does not keep the run waiting', async () => {
  const leaving = `
    require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
    process.stdout.write('the secret', () => process.exit(0))`
  expect(await secretFrom(command(leaving))).toBe('the secret')
})

it('one that prints too much is ended', async () => {
  const said = await messageOf(
    command(
      `process.stdout.on('error', () => {}); setInterval(() => process.stdout.write('${CANARY}'.repeat(1000)), 1)`,
    ),
  )
  expect(said).toContain('printed more than 65536 bytes')
  expect(said).not.toContain(CANARY)
})

it('one that is still at work ends with the run, with everything that it started', async () => {
  const file = path.join(dir, 'pids')
  const started = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
    require('node:fs').writeFileSync('pids.part', process.pid + ' ' + child.pid)
    require('node:fs').renameSync('pids.part', 'pids')
    setInterval(() => {}, 1000)`
  const cancel = new AbortController()
  const running = secretFrom(command(started, { signal: cancel.signal }))
  running.catch(() => undefined)
  while (!existsSync(file)) await new Promise((resolve) => setImmediate(resolve))
  cancel.abort(new Error('ctrl-C'))
  await expect(running).rejects.toThrow('ctrl-C')
  for (const pid of readFileSync(file, 'utf8').split(' ')) await gone(Number(pid))
  await expect(secretFrom(command('', { signal: cancel.signal }))).rejects.toThrow('ctrl-C')
})
