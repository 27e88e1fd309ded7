// Runs on any Node from 18 on, before anything is installed: it must import nothing of the project.
// Installs exactly what package-lock.json names, when it is not there already; with --for-tests also what the tests
// need from the system. `npm start` and `npm test` begin with it.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import path from 'node:path'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const say = (line) => process.stderr.write(`set-up: ${line}\n`)

function installPackages() {
  const wanted = ['package-lock.json', 'package.json', 'seaworthy/package.json']
    .map((file) => readFileSync(path.join(root, file)))
    .reduce((hash, content) => hash.update(content), createHash('sha256'))
    .digest('hex')
  const marker = path.join(root, 'node_modules', '.seaworthy-set-up')
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return
  say('installing the packages of package-lock.json (npm ci)')
  const npm = process.env.npm_execpath
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const done = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (done.status !== 0) fail('npm ci failed; its message stands above.')
  writeFileSync(marker, wanted)
}

/** The pinned Node comes as a package where there is one for this machine; elsewhere the caller's own must do. */
function checkNode() {
  const bundled = path.join(root, 'node_modules', '.bin', 'node')
  const version = execFileSync(existsSync(bundled) ? bundled : process.execPath, ['--version'], { encoding: 'utf8' })
  if (Number(version.slice(1).split('.')[0]) < 24) {
    fail(`Node ${version.trim()} is too old and no newer one could be installed: install Node 24, then run this again.`)
  }
}

/** The tests rehearse on a second major version, as installed by the system. */
function installSecondPostgres() {
  const initdb = '/usr/lib/postgresql/15/bin/initdb'
  if (existsSync(initdb)) return
  const isDebian = existsSync('/usr/bin/apt-get')
  if (isDebian && process.getuid?.() === 0) {
    say('installing PostgreSQL 15 (apt-get install postgresql-15), on which the tests rehearse as well')
    // Only the programs are wanted: no cluster is made and no service is started.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    spawnSync('mkdir', ['-p', '/etc/postgresql-common/createcluster.d'])
    try {
      writeFileSync('/etc/postgresql-common/createcluster.d/no-main-cluster.conf', 'create_main_cluster = false\n')
    } catch {
      say('could not switch off the cluster that the package makes; it does no harm')
    }
    spawnSync('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 2, 2] })
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'postgresql-15'], {
      env,
      stdio: ['ignore', 2, 2],
    })
  }
  if (existsSync(initdb)) return
  const message = 'PostgreSQL 15 is not installed (on Debian 12: apt-get install postgresql-15)'
  if (process.env.CI) fail(`${message}, and under CI nothing is skipped.`)
  say(`${message}: the tests that rehearse on it will be skipped by name.`)
}

function fail(message) {
  say(message)
  process.exit(1)
}

installPackages()
checkNode()
if (process.argv.includes('--for-tests')) installSecondPostgres()
