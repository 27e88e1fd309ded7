import { expect, it } from 'vitest'
import { witnessOf } from '../../src/observers/ledger/database.ts'
import { serverUrl } from '../../src/postgres/production.ts'
import { postgresUrl } from '../../src/postgres/server-url.ts'

it.each([
  'postgresql://u:canary@h:5432/app?sslmode=require',
  'POSTGRES://h/app',
  'postgresql:///app?host=/run/postgresql',
  'postgres://h',
])('%s is the URL of a server', (text) => {
  expect(postgresUrl(text)?.href).toBe(new URL(text).href)
})

it.each([
  'postgresql:u:canary@h/db',
  'postgres:/u:canary@h/db',
  'postgresql:///u:canary@h/db',
  'postgresql:////u:canary@h/db',
  'postgresql://h/u:canary@h/db',
  ' postgresql://u:canary@h/db',
  'mysql://u:canary@h/db',
  'host=h password=canary',
  'postgresql://[canary',
  '',
])('%s is none, and nothing of it is told', (text) => {
  expect(postgresUrl(text)).toBeNull()
  for (const read of [() => serverUrl(text, '--against'), () => witnessOf(text)]) {
    expect(read).toThrow(expect.objectContaining({ code: 'usage', message: expect.not.stringContaining('canary') }))
  }
})
