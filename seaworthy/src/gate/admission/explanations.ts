import type { Explanation } from '../finding.ts'

const NOTHING_MOVED = 'Nothing yet: nothing was admitted, so nothing went live.'

const certificate: readonly Explanation[] = [
  {
    code: 'admission/not-signed',
    title: 'There is no certificate',
    why: 'An evidence bundle without a signature, or no certificate at all, could have been written by anybody, the author of the migration among them. No action takes it.',
    instead: 'Sign the verdict where it is made: `seaworthy check --action deploy --evidence DIR --sign KEY`.',
    production: NOTHING_MOVED,
    steps: ['`seaworthy keys create --out K`, once.', 'Check with `--sign K`, and admit with `--key K.pub`.'],
  },
  {
    code: 'admission/other-key',
    title: 'Another key signed the certificate',
    why: 'The key that is trusted is named by whoever admits (`--key`), and never by the certificate.',
    instead:
      'Give the public half of the key that your gate signs with. If that key was replaced, check again with the new one.',
    production: NOTHING_MOVED,
    steps: ['Compare the ids: `seaworthy keys show K.pub`, `seaworthy certificate show FILE`.'],
  },
  {
    code: 'admission/bad-signature',
    title: 'The certificate was changed',
    why: 'Its signature is not of this key over this content, or it is not written in the one form that Seaworthy writes. Somebody edited it, or a part of it got lost.',
    instead: 'Do not act on it. Take it anew from where it was made, or run the check again.',
    production: NOTHING_MOVED,
    steps: ['Find out where it was changed: `seaworthy verify BUNDLE --key K.pub --policy FILE`.'],
  },
  {
    code: 'admission/not-readable',
    title: 'The certificate is of a form that this version does not know',
    why: 'The key signed it, and it is no certificate of a release as this version writes it: another kind of statement, or one of a newer version. What is not understood is not acted on.',
    instead: 'Use the version of Seaworthy that wrote it, or run the check again with this one.',
    production: NOTHING_MOVED,
    steps: ['Use one version for checking and for admitting.'],
  },
  {
    code: 'admission/not-a-pass',
    title: 'The certificate is of a verdict that is no pass',
    why: 'A verdict that refuses, or that could not be proved, is signed as well, so that it can be shown. It admits nothing.',
    instead: 'Mend what the check found, and run it again.',
    production: NOTHING_MOVED,
    steps: ['`seaworthy certificate show FILE` tells what was found.'],
  },
  {
    code: 'admission/other-action',
    title: 'The certificate is good for another action',
    why: 'A pull request asks "may this be merged?", a deploy "may this go live now?": the second one needs production’s answers. A certificate for the one never admits the other.',
    instead: 'Ask the gate for the action that is to be done: `seaworthy check --action deploy --sign KEY`.',
    production: NOTHING_MOVED,
    steps: ['Check with `--action deploy` right before the deploy.'],
  },
  {
    code: 'admission/expired',
    title: 'The certificate has expired',
    why: 'It counts for as many hours after its verdict as the policy says, and never longer than an acceptance in it.',
    instead: 'Run the check again: what it saw may have changed.',
    production: NOTHING_MOVED,
    steps: ['Check again.', 'If that happens often, think about `policy.certificate.validHours`.'],
  },
  {
    code: 'admission/not-yet-valid',
    title: 'The certificate is of the future',
    why: 'It was made more than a minute after what the clock says here. One of two clocks is wrong, so nobody knows whether it still counts.',
    instead: 'Set the clocks of both machines (NTP), and run the check again.',
    production: NOTHING_MOVED,
    steps: ['Look at the clocks.', 'Check again.'],
  },
  {
    code: 'admission/other-policy',
    title: 'The certificate was made under another policy',
    why: 'A verdict is a pass of a policy. Whoever admits brings the policy that counts; the certificate must have been made under exactly that one, to the byte.',
    instead:
      'Compare both (`policy.json` in the evidence; `seaworthy policy` prints yours), and check again under the one that counts.',
    production: 'A release goes live that was only good enough for a policy that somebody loosened.',
    steps: ['Let the check read its configuration from the base branch: `--config-from origin/main`.'],
  },
]

const candidate: readonly Explanation[] = [
  {
    code: 'admission/other-candidate',
    title: 'Something else is about to run than was judged',
    why: 'Commit, tree, migrations, images and build are compared with what the certificate names: each has to be the same, and nothing may come besides.',
    instead: 'Check out and deploy what was judged, or let the gate judge what is to run.',
    production: 'A migration goes live at which nobody has looked.',
    steps: ['Build once; check, sign and deploy that.'],
  },
  {
    code: 'admission/folder-not-judged',
    title: 'A migration folder that nobody judged',
    why: 'The checkout has another migration folder than those that the certificate names. It was there when they were judged, since commit and tree are the same, and the configuration did not ask for it.',
    instead: 'If the release applies it, name it under `migrations` in the configuration and let the gate judge it.',
    production:
      'Nothing, if nobody applies it (samples, fixtures); else a migration goes live at which nobody has looked.',
    steps: ['Name every folder that a release applies.'],
  },
  {
    code: 'admission/candidate-unknown',
    title: 'What is about to run is not known',
    why: 'The certificate names something (a commit, an image, a build), and nobody said or could see which one is about to run. Not known is not the same.',
    instead:
      'Run it in the checkout of what is to run, and name the rest: `--image NAME@sha256:…`, `--build-info FILE`.',
    production: NOTHING_MOVED,
    steps: ['Give the image by its digest, never by a tag.'],
  },
  {
    code: 'admission/dirty-candidate',
    title: 'There are uncommitted changes',
    why: 'Either what was judged or what is about to run is not exactly its commit. Nobody can check it out again, so nobody can look at it again.',
    instead: "Commit the changes, or remove them. `policy.admission.dirty: 'allow'` turns it into a warning.",
    production: 'Something runs that no commit names.',
    steps: [
      '`git status` names the files.',
      'Write evidence outside of the checkout, or into a folder that git ignores.',
    ],
    falseAlarm: 'Files that the pipeline itself writes into the checkout, such as the evidence. Let git ignore them.',
  },
]

const world: readonly Explanation[] = [
  {
    code: 'admission/precondition-moved',
    title: 'Production has moved on since the verdict',
    why: 'The verdict rests on what production had applied, and on its shape. Looked at again, it is not the same any more; what came, went or changed is named. The release was rehearsed in a world that is gone.',
    instead: 'Find out who changed it. Then check again with production as it is now.',
    production: 'A migration that was proved on one schema is applied to another one.',
    steps: ['Capture production again, if its shape changed.', 'Check again, sign, admit.'],
    falseAlarm: 'Two deploys at once: the second one has to be judged after the first.',
  },
  {
    code: 'admission/precondition-not-looked-at',
    title: 'Production could not be looked at again',
    why: 'The verdict rests on something that nobody could compare: no URL was given, the server did not answer, or it is a replica, which may be behind.',
    instead: 'Name the primary server: `--ledger-url URL`, `--shape-url URL`. A login that may only read is enough.',
    production: NOTHING_MOVED,
    steps: ['Mend the access.', 'Admit again.'],
  },
  {
    code: 'admission/precondition-missing',
    title: 'The verdict was made without something that the policy asks for',
    why: '`policy.admission.requires` names what of production a verdict has to rest on before anybody acts on it; by default the ledger.',
    instead: 'Run the check with it: `--ledger-url URL`, `--shape FILE`.',
    production: 'Nobody would notice that production had moved on.',
    steps: ['Check again with production’s ledger.', 'Where there is none: `policy.admission.requires: []`.'],
  },
  {
    code: 'admission/other-database',
    title: 'Not everything speaks of one database',
    why: 'The database in the certificate, the one that was looked at now, and the one that answered have to be one and the same. A copy of production has the same ledger, and says nothing of production.',
    instead: 'Name production everywhere. If it has moved to another cluster, capture it and check again.',
    production: 'A release is admitted by staging, and goes live in production.',
    steps: [
      'Look at the URLs.',
      'A server that does not say who it is: grant EXECUTE on pg_control_system() to the login.',
    ],
  },
  {
    code: 'admission/obligation-open',
    title: 'A question to production has no answer',
    why: 'The release asks something of production’s rows that only production can say.',
    instead: 'Ask it: `seaworthy prove --against URL --out FILE`; then `--answers FILE`.',
    production: 'The migration fails half-way, or loses rows.',
    steps: ['`seaworthy prove`, then admit with `--answers`.'],
  },
  {
    code: 'admission/obligation-violated',
    title: 'Production’s rows stand in the way',
    why: 'Production has answered, and its rows are not as the release needs them.',
    instead: 'Mend the rows first, then ask again.',
    production: 'The migration fails half-way, or loses rows.',
    steps: ['Mend the rows.', '`seaworthy prove`, then admit with `--answers`.'],
  },
  {
    code: 'admission/obligation-stale',
    title: 'Production’s answer is too old',
    why: 'Rows change while the release waits. An answer counts for as many hours as the policy says (`answersMaxAgeHours`), at the time of the action; one that is dated in the future does not count either.',
    instead: 'Ask again: `seaworthy prove --against URL --out FILE`; then `--answers FILE`.',
    production: 'The migration fails half-way, or loses rows.',
    steps: ['Ask right before the deploy.'],
  },
]

const emergencies: readonly Explanation[] = [
  {
    code: 'admission/emergency',
    title: 'Admitted by an emergency override',
    why: 'Somebody went past the gate with `--emergency "reason"`. It is in the ledger, and every report tells it until the same candidate has passed the gate for the same action, or somebody says why it is over.',
    instead: 'As soon as it is calm: let the same candidate pass the gate and sign it.',
    production: 'Whatever the findings beside it say, which did not stop it.',
    steps: [
      '`seaworthy ledger` has who, when and why.',
      'Check out what went live, and let the gate judge the very migrations that went past it: `seaworthy check --action deploy --baseline VERSION-BEFORE --evidence DIR --sign KEY`. A pass closes it; so does a later admission of the same candidate with its evidence.',
      'What was rolled back or cannot be judged any more is closed by hand: `seaworthy ledger close N --reason "…"`.',
    ],
  },
  {
    code: 'admission/emergency-forbidden',
    title: 'The policy forbids emergency overrides',
    why: "`policy.admission.emergency: 'forbid'`. The attempt is in the ledger.",
    instead: 'Let the release pass the gate.',
    production: NOTHING_MOVED,
    steps: ['Mend what the other findings say.'],
  },
]

/** Every code that an admission can say. */
export const admissionExplanations: readonly Explanation[] = [...certificate, ...candidate, ...world, ...emergencies]
