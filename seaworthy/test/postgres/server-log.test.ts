import { describe, expect, test } from 'vitest'
import { explainFailure, tailOf } from '../../src/postgres/server-log.ts'

describe('what a server that failed has to say', () => {
  test.each([
    [
      'FATAL:  could not write lock file "postmaster.pid": No space left on device',
      'no free disk: /run/x',
      'Free some space',
    ],
    ['FATAL:  could not map anonymous shared memory: Cannot allocate memory', 'no free memory', '256 MB'],
    [
      'initdb: error while loading shared libraries: libicui18n.so.60: cannot open shared object file',
      'libicui18n',
      'library libicui18n.so.60 is missing',
    ],
    [
      'LOG:  could not bind Unix address "/tmp/.s.PGSQL.5432": Address already in use',
      'could not start: LOG',
      'Another server has this socket',
    ],
    ['initdb: error: could not look up effective user ID 1234: user does not exist', 'user ID 1234', '/etc/passwd'],
    ['cp: /lib/ld-linux-x86-64.so.2: not found', 'not found', 'musl'],
    ['', 'it said nothing', '--server URL'],
  ])('%j', (log, message, hint) => {
    const explained = explainFailure('start', log, '/run/x')
    expect(explained.message).toContain(message)
    expect(explained.hint).toContain(hint)
  })

  test('a log that is not there says nothing', () => {
    expect(tailOf('/no/such/log')).toBe('')
  })
})
