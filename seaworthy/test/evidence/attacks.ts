import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, symlinkSync, truncateSync } from 'node:fs'
import path from 'node:path'
import type { Policy } from '../../src/gate/policy.ts'
import { type Damaged, newKey } from './signed-bundle.ts'

const TREE = 'observations/1/migration-tree.json'

/** What somebody without the key does to a bundle, and the step that refuses it. */
export const WITHOUT_KEY: readonly (readonly [
  what: string,
  step: string,
  code: string,
  damage: (it: Damaged) => void,
])[] = [
  ['an observation is taken away', 'files', 'bundle/missing', (it) => it.remove(TREE)],
  [
    'its entry as well',
    'files',
    'bundle/manifest',
    (it) => {
      it.remove(TREE)
      it.editManifest((manifest) => (manifest.files = manifest.files.filter((one) => one.path !== TREE)))
    },
  ],
  [
    'every trace of it',
    'statement',
    'verify/other-manifest',
    (it) => {
      it.remove('observations/1/repeat.json')
      it.editManifest((manifest) => {
        manifest.files = manifest.files.filter((one) => one.path !== 'observations/1/repeat.json')
        for (const one of manifest.subjects)
          one.observations = one.observations.filter((name) => name !== 'observations/1/repeat.json')
      })
    },
  ],
  [
    'the same, signed with another key',
    'signature',
    'verify/other-key',
    (it) => {
      it.remove('observations/1/repeat.json')
      it.editManifest((manifest) => {
        manifest.files = manifest.files.filter((one) => one.path !== 'observations/1/repeat.json')
        for (const one of manifest.subjects)
          one.observations = one.observations.filter((name) => name !== 'observations/1/repeat.json')
      })
      it.signAgain(newKey())
    },
  ],
  [
    'an observation says something else in as many bytes',
    'files',
    'bundle/digest',
    (it) => it.write(TREE, it.read(TREE).replace('courts', 'clerks')),
  ],
  ['a file is added', 'files', 'bundle/extra', (it) => it.write('observations/1/extra.json', '{}')],
  ['an empty folder is added', 'files', 'bundle/extra', (it) => mkdirSync(it.at('observations/3'))],
  ['a hidden file is added', 'files', 'bundle/extra', (it) => it.write('.policy.json', '{}')],
  ['a file that differs in its case is added', 'files', 'bundle/extra', (it) => it.write('Policy.json', '{}')],
  [
    'two observations are exchanged',
    'files',
    'bundle/size',
    (it) => {
      renameSync(it.at(TREE), it.at('observations/1/x'))
      renameSync(it.at('observations/1/pending.json'), it.at(TREE))
      renameSync(it.at('observations/1/x'), it.at('observations/1/pending.json'))
    },
  ],
  [
    'two folders are exchanged, and the manifest follows',
    'statement',
    'verify/other-manifest',
    (it) => {
      renameSync(it.at('observations/1'), it.at('observations/3'))
      renameSync(it.at('observations/2'), it.at('observations/1'))
      renameSync(it.at('observations/3'), it.at('observations/2'))
      it.digestAgain()
    },
  ],
  [
    'the verdict is another one',
    'statement',
    'verify/other-manifest',
    (it) => it.editManifest((manifest) => (manifest.verdict = 'fail')),
  ],
  [
    'it was made at another time',
    'statement',
    'verify/other-manifest',
    (it) => it.editManifest((manifest) => (manifest.evaluatedAt = '2026-01-01T00:00:00.000Z')),
  ],
  [
    'the policy asks for less',
    'statement',
    'verify/other-manifest',
    (it) => {
      const policy: Policy = JSON.parse(it.read('policy.json'))
      it.write('policy.json', JSON.stringify({ ...policy, required: { deploy: [], 'pull-request': [] } }))
      it.digestAgain()
    },
  ],
  ['the certificate is taken away', 'signature', 'verify/unsigned', (it) => it.remove('certificate.json')],
  ['it is of a later layout', 'files', 'bundle/other-layout', (it) => it.editManifest((m) => (m.schemaVersion = 3))],
  [
    'a file is a link to itself elsewhere',
    'files',
    'bundle/not-a-file',
    (it) => {
      renameSync(it.at('policy.json'), path.join(it.root, 'policy.json'))
      symlinkSync(path.join(it.root, 'policy.json'), it.at('policy.json'))
    },
  ],
  [
    'a folder is a link to itself elsewhere',
    'files',
    'bundle/not-a-file',
    (it) => {
      renameSync(it.at('observations'), path.join(it.root, 'observations'))
      symlinkSync(path.join(it.root, 'observations'), it.at('observations'))
    },
  ],
  [
    'a file is a pipe that nobody writes to',
    'files',
    'bundle/not-a-file',
    (it) => {
      it.remove('policy.json')
      execFileSync('mkfifo', [it.at('policy.json')])
    },
  ],
  [
    'a file is sparse, of ten gigabytes',
    'files',
    'bundle/size',
    (it) => truncateSync(it.at('policy.json'), 10_000_000_000),
  ],
  ['the manifest is sparse', 'files', 'bundle/limit', (it) => truncateSync(it.at('manifest.json'), 10_000_000_000)],
  [
    'the certificate is sparse',
    'files',
    'bundle/limit',
    (it) => truncateSync(it.at('certificate.json'), 10_000_000_000),
  ],
  [
    'a file that the manifest says is enormous',
    'files',
    'bundle/limit',
    (it) => it.editManifest((manifest) => manifest.files.forEach((one) => (one.bytes = 300_000_000))),
  ],
  ...['../policy.json', '/etc/passwd', 'observations\\1\\x.json', 'observations/1/../../policy.json', 'policy.json\0']
    .concat([
      'observations∕1∕x.json',
      'POLICY.json',
      'observations/01/x.json',
      '',
      'observations/1/x.json/',
      'manifest.json',
    ])
    .map(
      (name) =>
        [
          `the manifest lists ${JSON.stringify(name)}`,
          'files',
          'bundle/manifest',
          (it: Damaged) =>
            it.editManifest((manifest) => manifest.files.push({ path: name, sha256: '0'.repeat(64), bytes: 0 })),
        ] as const,
    ),
]
