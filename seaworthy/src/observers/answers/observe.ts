import { constants, open } from 'node:fs/promises'
import { reasonOf, SeaworthyError } from '../../gate/error.ts'
import type { Observation } from '../../gate/observation.ts'
import { answersFileSchema } from './schema.ts'

/** The largest file of answers that is read, in bytes. */
const LIMIT_BYTES = 8 * 1024 * 1024

const HINT = 'Ask production again: seaworthy prove --against URL --out FILE.'

/** Reads production's answers from the file that `seaworthy prove` wrote. Throws SeaworthyError('config') that names the file. */
export async function observeAnswers(file: string): Promise<Observation> {
  const text = await readLimited(file)
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch {
    throw broken(file, 'it is no JSON')
  }
  const parsed = answersFileSchema.safeParse(content)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const part = issue?.path.join('.') ?? ''
  throw broken(file, part === '' || part === 'kind' ? 'prove did not write it' : `${part}: ${issue?.message}`)
}

async function readLimited(file: string): Promise<string> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = await handle.stat()
    if (!stat.isFile()) throw broken(file, 'it is not a file')
    if (stat.size > LIMIT_BYTES) throw broken(file, `it has ${stat.size} bytes, and at most ${LIMIT_BYTES} are read`)
    return await handle.readFile('utf8')
  } catch (error) {
    if (error instanceof SeaworthyError) throw error
    throw broken(file, reasonOf(error))
  }
}

const broken = (file: string, why: string): SeaworthyError =>
  new SeaworthyError('config', `${file} holds no answers of production: ${why}`, { hint: HINT })
