import { type Bad, certificateIsBad } from './bad-certificate.ts'
import {
  answered,
  asCertified,
  asking,
  BUILD,
  candidate,
  certified,
  COMMIT,
  database,
  IMAGE,
  ledgerOf,
  MADE,
  moved,
  NOW,
  of,
  OTHER_BUILD,
  OTHER_IMAGE,
  PRODUCTION,
  question,
  running,
  seen,
  STAGING,
  under,
} from './scene.ts'

const candidateIsBad: readonly Bad[] = [
  ['another commit', running({ commit: '4'.repeat(40) }), 'admission/other-candidate', 'fail', `commit ${COMMIT}`],
  ['another tree', running({ tree: '4'.repeat(40) }), 'admission/other-candidate', 'fail', 'tree'],
  ['no git', running({ commit: null, tree: null, isDirty: null }), 'admission/candidate-unknown', 'unproven', 'commit'],
  ['nobody asked git', running({ isDirty: undefined }), 'admission/candidate-unknown', 'unproven', 'uncommitted'],
  ['uncommitted changes', running({ isDirty: true }), 'admission/dirty-candidate', 'fail', 'about to run has'],
  ['judged with them', of({ isDirty: true }), 'admission/dirty-candidate', 'fail', 'what was judged had'],
  ['other migrations', running({ migrations: [] }), 'admission/other-candidate', 'fail', 'migrations is not there'],
  [
    'edited migrations',
    running({ migrations: [{ ...candidate.migrations[0]!, digest: OTHER_BUILD.digest }] }),
    'admission/other-candidate',
    'fail',
    'are not those that were judged',
  ],
  [
    'nobody looked at the migrations',
    running({ migrations: undefined }),
    'admission/candidate-unknown',
    'unproven',
    'nobody looked',
  ],
  [
    'a folder that nobody judged, in another tree',
    running({
      tree: '9'.repeat(40),
      migrations: [...candidate.migrations, { folder: 'more', format: 'sqlx', digest: IMAGE.digest }],
    }),
    'admission/other-candidate',
    'fail',
    'more is about to run, and was not judged',
  ],
  [
    'another image',
    of({ images: [IMAGE] }, { images: [OTHER_IMAGE] }),
    'admission/other-candidate',
    'fail',
    IMAGE.name,
  ],
  ['no image', of({ images: [IMAGE] }, { images: undefined }), 'admission/candidate-unknown', 'unproven', IMAGE.name],
  [
    'an image besides',
    running({ images: [IMAGE] }),
    'admission/other-candidate',
    'fail',
    'names no registry.example/app',
  ],
  [
    'an image besides the one that was judged',
    of({ images: [IMAGE] }, { images: [IMAGE, { ...IMAGE, name: 'registry.example/other' }] }),
    'admission/other-candidate',
    'fail',
    'names no registry.example/other',
  ],
  ['another build', of({ buildInfo: BUILD }, { buildInfo: OTHER_BUILD }), 'admission/other-candidate', 'fail', 'build'],
  ['no build', of({ buildInfo: BUILD }, { buildInfo: null }), 'admission/candidate-unknown', 'unproven', 'build'],
  [
    'a build of another commit',
    running({ buildInfo: OTHER_BUILD }),
    'admission/other-candidate',
    'fail',
    'build is of commit 9',
  ],
  [
    'a build that was not named, of no commit',
    running({ buildInfo: { ...BUILD, commit: null } }),
    'admission/other-candidate',
    'fail',
    'the certificate names none',
  ],
  [
    'a build that was not named, outside of git',
    of(
      { commit: null, tree: null, isDirty: null },
      { commit: null, tree: null, isDirty: null, buildInfo: OTHER_BUILD },
    ),
    'admission/other-candidate',
    'fail',
    'the certificate names none',
  ],
  [
    'nothing to compare',
    of({ commit: null, tree: null, isDirty: null, migrations: [] }),
    'admission/candidate-unknown',
    'unproven',
    'names nothing',
  ],
]

const shape = { ...ledgerOf({ 'table public.users': 'aa' }), kind: 'shape' }
const drifted = { ...ledgerOf({ 'table public.users': 'bb' }), kind: 'shape' }

const worldIsBad: readonly Bad[] = [
  [
    'a drifted shape',
    certified(
      { preconditions: [ledgerOf({ '1': 'aa', '2': 'bb' }), shape] },
      { seen: [...asCertified.seen, { kind: 'shape', subject: 'migrations', precondition: drifted }] },
    ),
    'admission/precondition-moved',
    'fail',
    'changed: table public.users',
  ],
  [
    'a row more',
    moved({ '1': 'aa', '2': 'bb', '3': 'cc' }),
    'admission/precondition-moved',
    'fail',
    'added: migration 3',
  ],
  [
    'a table, with the evidence at hand',
    certified(
      { preconditions: [ledgerOf({ '1': 'aa', '2': 'bb' }), shape] },
      {
        seen: [
          ...asCertified.seen,
          {
            kind: 'shape',
            subject: 'migrations',
            precondition: drifted,
            changes: new Map([['table public.users', 'new: column public.users.email']]),
          },
        ],
      },
    ),
    'admission/precondition-moved',
    'fail',
    'changed: table public.users (new: column public.users.email)',
  ],
  [
    'a ledger of one row that says how far it is',
    certified({ preconditions: [ledgerOf({ '3': 'aa' })] }, { seen: [seen(ledgerOf({ '4': 'bb' }))] }),
    'admission/precondition-moved',
    'fail',
    ': moved from 3 to 4',
  ],
  [
    'the same with another mark at its row',
    certified({ preconditions: [ledgerOf({ '3': 'aa' })] }, { seen: [seen(ledgerOf({ '3': 'bb' }))] }),
    'admission/precondition-moved',
    'fail',
    'changed: migration 3',
  ],
  [
    'one row in place of two',
    certified({}, { seen: [seen(ledgerOf({ '3': 'aa' }))] }),
    'admission/precondition-moved',
    'fail',
    'added: migration 3; gone: migration 1, migration 2',
  ],
  [
    'two rows in place of one',
    certified({ preconditions: [ledgerOf({ '3': 'aa' })] }),
    'admission/precondition-moved',
    'fail',
    'added: migration 1, migration 2; gone: migration 3',
  ],
  ['a row less', moved({ '1': 'aa' }), 'admission/precondition-moved', 'fail', 'gone: migration 2'],
  ['another row', moved({ '1': 'aa', '2': 'cc' }), 'admission/precondition-moved', 'fail', 'changed: migration 2'],
  [
    'twelve rows more',
    moved(
      Object.fromEntries(
        Array.from({ length: 14 }, (_, index) => [
          String(index + 1),
          index < 2 ? 'aabb'.slice(index * 2, index * 2 + 2) : 'x',
        ]),
      ),
    ),
    'admission/precondition-moved',
    'fail',
    'migration 12 and 2 more',
  ],
  [
    'other in no named part',
    { ...asCertified, seen: [seen({ ...ledgerOf({ '1': 'aa', '2': 'bb' }), digest: 'sha256:' })] },
    'admission/precondition-moved',
    'fail',
    'in a way that no part of it names',
  ],
  ['nobody looked', { ...asCertified, seen: [] }, 'admission/precondition-not-looked-at', 'unproven', 'nobody looked'],
  [
    'looked twice',
    { ...asCertified, seen: [...asCertified.seen, ...asCertified.seen] },
    'admission/precondition-not-looked-at',
    'unproven',
    'nobody looked',
  ],
  [
    'of another folder',
    { ...asCertified, seen: [{ ...asCertified.seen[0]!, subject: 'other' }] },
    'admission/precondition-not-looked-at',
    'unproven',
    'nobody looked',
  ],
  [
    'could not look',
    { ...asCertified, seen: [{ kind: 'ledger', subject: 'migrations', reason: 'no route', hint: null }] },
    'admission/precondition-not-looked-at',
    'unproven',
    'no route',
  ],
  [
    'a replica',
    { ...asCertified, databases: [{ ...database, isReplica: true }] },
    'admission/precondition-not-looked-at',
    'unproven',
    'is a replica',
  ],
  [
    'made about no folder',
    certified(
      { preconditions: [], candidate: { ...candidate, migrations: [] } },
      { running: { ...candidate, migrations: [] } },
    ),
    'admission/precondition-missing',
    'unproven',
    'ledger',
  ],
  ['made without a ledger', certified({ preconditions: [] }), 'admission/precondition-missing', 'unproven', 'ledger'],
  ['made without a shape', under({ requires: ['shape'] }), 'admission/precondition-missing', 'unproven', 'shape'],
]

const answersAreBad: readonly Bad[] = [
  ['not asked', asking('open'), 'admission/obligation-open', 'unproven', 'was not asked'],
  ['answered at no time', asking('answered'), 'admission/obligation-open', 'unproven', 'was not asked'],
  ['violated', asking('violated', MADE), 'admission/obligation-violated', 'fail', 'production says no'],
  [
    'stale then',
    asking('stale', '2026-11-01T09:00:00.000Z'),
    'admission/obligation-stale',
    'unproven',
    'is of 2026-11-01',
  ],
  [
    'stale by now',
    asking('answered', '2026-11-20T11:59:59.000Z'),
    'admission/obligation-stale',
    'unproven',
    '24 hours',
  ],
  ['of the future', asking('answered', '2026-11-21T12:02:00.000Z'), 'admission/obligation-stale', 'unproven', 'future'],
  [
    'violated since',
    { ...asCertified, answers: answered(NOW, 8) },
    'admission/obligation-violated',
    'fail',
    '8 groups',
  ],
  [
    'could not answer',
    { ...asking('open'), answers: answered(NOW, null) },
    'admission/obligation-open',
    'unproven',
    'a timeout',
  ],
  [
    'an older good answer after a bad one',
    { ...asking('violated', MADE), answers: answered('2026-11-21T09:59:59.000Z', 0) },
    'admission/obligation-violated',
    'fail',
    'production says no',
  ],
  [
    'an answer to another question',
    {
      ...asking('open'),
      answers: { identity: PRODUCTION, answers: [{ id: 'x', answeredAt: NOW, rows: 0, problem: null }] },
    },
    'admission/obligation-open',
    'unproven',
    'was not asked',
  ],
]

const databasesAreBad: readonly Bad[] = [
  [
    'staging',
    { ...asCertified, databases: [{ ...database, identity: STAGING }] },
    'admission/other-database',
    'fail',
    '--ledger-url (db:5432/app) speaks of another',
  ],
  [
    'answers of staging',
    { ...asCertified, answers: answered(NOW, 0, STAGING) },
    'admission/other-database',
    'fail',
    '--answers speaks of another',
  ],
  [
    'answers in the certificate of staging',
    certified({ obligations: [{ ...question, witness: STAGING }] }),
    'admission/other-database',
    'fail',
    'the answer to "no duplicates',
  ],
  [
    'one that does not say',
    { ...asCertified, databases: [{ ...database, identity: null }] },
    'admission/other-database',
    'unproven',
    'does not say which',
  ],
  [
    'two that do not say',
    certified(
      { preconditions: [ledgerOf({ '1': 'aa', '2': 'bb' }, 'file x')], obligations: [] },
      {
        databases: [
          { ...database, identity: null },
          { ...database, place: 'other', identity: null },
        ],
      },
    ),
    'admission/other-database',
    'unproven',
    'does not say which',
  ],
]

export const bad = [...certificateIsBad, ...candidateIsBad, ...worldIsBad, ...answersAreBad, ...databasesAreBad]
