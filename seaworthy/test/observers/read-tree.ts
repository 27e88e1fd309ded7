import { readTree } from '../../src/migrations/detect.ts'
import type { FormatName, MigrationTree } from '../../src/migrations/model.ts'

/** The tree of a folder, through its real reader. */
export const treeAt = (root: string, folder: string, format: FormatName = 'golang-migrate'): Promise<MigrationTree> =>
  readTree(root, { folder, format, detectedBy: 'test' })
