import { z } from 'zod'

/**
 * An array of a schema for observations: the first wrong item ends the parsing with an error. A bundle that anybody may have
 * written must not have millions of items told one by one, which takes minutes and gigabytes.
 */
export const list = <T extends z.ZodType>(item: T): z.ZodArray<z.ZodCatch<T>> =>
  z.array(
    item.catch(({ error }) => {
      const [issue] = error.issues
      throw new Error(`an item of a list is none: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
    }),
  )
