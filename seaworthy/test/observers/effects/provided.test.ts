import { describe, expect, it } from 'vitest'
import type { CatalogueEntry, Provided } from '../../../src/migrations/engine.ts'
import { withoutProvided } from '../../../src/observers/effects/provided.ts'

const role = (name: string, ...facets: readonly string[]): CatalogueEntry => ({
  object: `role ${name}`,
  definition: facets.join('\n'),
})
const provided = (what: Provided['what'], name: string): Provided => ({
  what,
  name,
  why: 'a test',
  neededBy: 'pending',
  isUnproven: false,
})
const given = [provided('role', 'ghost'), provided('role', 'deploy CREATEROLE'), provided('ownership', 'app')]
const membership = { object: 'membership of deploy in app', definition: '' }
const schema = (rights: string): CatalogueEntry => ({
  object: 'privileges on schema public for app',
  definition: `of schema public\ngranted ${rights}`,
})
const changed = (before: CatalogueEntry, after: CatalogueEntry) => ({ before, after })

describe('what the rehearsal provided', () => {
  it('is no effect of the migrations', () => {
    const difference = {
      added: [role('ghost'), membership, schema('CREATE, USAGE')],
      removed: [],
      changed: [changed(role('deploy', 'login'), role('deploy', 'login', 'createrole'))],
    }
    expect(withoutProvided(difference, given, 'deploy')).toEqual({ added: [], removed: [], changed: [] })
    expect(withoutProvided(difference, [], 'deploy')).toEqual(difference)
  })

  it('hides nothing that a migration did to the same roles', () => {
    const powerful = role('ghost', 'createrole')
    const admin = { ...membership, definition: 'with admin option' }
    const more = changed(role('deploy', 'login'), role('deploy', 'login', 'createrole', 'bypassrls'))
    const taken = changed(role('deploy', 'login', 'createrole'), role('deploy', 'login'))
    const left = withoutProvided(
      { added: [powerful, admin, schema('CREATE')], removed: [], changed: [more, taken] },
      given,
      'deploy',
    )
    expect(left.added).toEqual([powerful, admin, schema('CREATE')])
    expect(left.changed).toEqual([changed(role('deploy', 'login'), role('deploy', 'login', 'bypassrls')), taken])
  })
})
