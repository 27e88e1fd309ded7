/** A thread of its own: looks through the bytes that it is given, and says which files are sound. */
import { parentPort, workerData } from 'node:worker_threads'
import { type PlacedFile, soundAmong } from './sound.ts'

const { bytes, files }: { readonly bytes: Uint8Array; readonly files: readonly PlacedFile[] } = workerData
parentPort?.postMessage(soundAmong(bytes, files))
