import { beforeAll, describe, expect, it } from 'vitest'
import { isContradiction } from '../../../src/checks/migrations-effects/sorts/contradiction.ts'
import { loadGrammar } from '../../../src/sql/parse.ts'

beforeAll(loadGrammar)

describe('a check that nothing meets', () => {
  it.each([
    'CHECK (((n > 10) AND (n < 5))) NOT VALID',
    "CHECK (((name = 'a'::text) AND (name = 'b'::text)))",
    "CHECK (((name = ANY (ARRAY['a'::text, 'b'::text])) AND (name <> ALL (ARRAY['b'::text, 'a'::text]))))",
    "CHECK (((n > '-3'::integer) AND (n < '-5'::integer)))",
    'CHECK ((n IS NULL))',
    'CHECK ((NOT ((n > 1) OR (n <= 1))))',
  ])('%s', (definition) => {
    expect(isContradiction(definition, () => true)).toBe(true)
    // A NULL meets what it is compared in, and what asks for it.
    expect(isContradiction(definition, () => false)).toBe(false)
  })

  it.each([
    'CHECK (((n > 10) AND (n < 12)))',
    'CHECK (((n > 1) AND (n < 2)))',
    "CHECK ((name = ANY (ARRAY['a'::text, 'b'::text])))",
    'CHECK (((n > 10) OR (m < 5)))',
    "CHECK (((name > 'b'::text) AND (name < 'a'::text)))",
    'CHECK (((f(n) > 10) AND (f(n) < 5)))',
    'CHECK ((n > m))',
  ])('is none of these: %s', (definition) => {
    expect(isContradiction(definition, () => true)).toBe(false)
  })
})
