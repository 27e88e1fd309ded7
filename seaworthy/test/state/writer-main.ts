/** A process of its own that writes to a ledger: `writer-main.ts append FILE COUNT`, or `hold FILE`. It ends with its input. */
import { DatabaseSync } from 'node:sqlite'
import { openState } from '../../src/state/store.ts'
import { input } from '../gate/chain/entries.ts'

const [what, file = '', count = '1'] = process.argv.slice(2)

if (what === 'append') {
  const store = await openState(file, { isCreating: true })
  for (let number = 1; number <= Number(count); number += 1) {
    await store?.append(input({ content: [process.pid, number] }))
    if (number === 1) process.stdout.write('begun\n')
  }
  await store?.close()
} else {
  const db = new DatabaseSync(file)
  db.exec("BEGIN IMMEDIATE; INSERT INTO entries VALUES (99, '', '', '', '', NULL, '', '', '')")
  process.stdout.write('holding\n')
  process.stdin.resume()
  process.stdin.once('end', () => db.close())
}
