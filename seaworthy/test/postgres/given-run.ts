import { stage } from './rehearse.ts'

// Started by given-host.test.ts: opens a rehearsal on the given server, says so, and waits to be killed.
const [, , serverUrl = ''] = process.argv
await stage({
  texts: [
    'CREATE TABLE a (id int); GRANT SELECT ON a TO a_role_that_is_assumed; CREATE ROLE a_role_that_is_made;',
    'SELECT 1;',
  ],
  live: 1,
  serverUrl,
})
process.stdout.write('ready\n')
setInterval(() => undefined, 1_000)
