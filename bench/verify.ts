import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type * as CandidateModule from '../seaworthy/src/commands/check/candidate.ts'
import type * as CertifyModule from '../seaworthy/src/commands/check/certify.ts'
import type * as QuestionModule from '../seaworthy/src/evidence/question.ts'
import type * as ReadModule from '../seaworthy/src/evidence/read.ts'
import type * as WriteModule from '../seaworthy/src/evidence/write.ts'
import type * as CanonicalModule from '../seaworthy/src/gate/canonical.ts'
import type * as DsseModule from '../seaworthy/src/gate/certificate/dsse.ts'
import type * as StatementModule from '../seaworthy/src/gate/certificate/statement.ts'
import type * as EvaluateModule from '../seaworthy/src/gate/evaluate.ts'
import type { Question, Subject } from '../seaworthy/src/gate/evaluate.ts'
import type * as EvidenceModule from '../seaworthy/src/gate/evidence.ts'
import type * as TreeModule from '../seaworthy/src/observers/migration-tree/kind.ts'
import type * as RehearsalModule from '../seaworthy/src/observers/rehearsal/kind.ts'
import { history, writeFolder } from './history.ts'
import { alternate, type Command, run } from './measure.ts'
import { limitRow, type Row } from './table.ts'
import type { Workspace } from './workspace.ts'

/** Seven observations each: 1,000 files, and 50 MB in all. */
const FOLDERS = 143
const HISTORY = 145

/** Of so many folders one has something pending, in the bundle that is mostly quiet. */
const PENDING_IN_ONE_OF = 20

/**
 * `seaworthy verify` of large bundles: the whole process. What was observed of one real folder, once with nothing pending
 * and once with its last migration, stands in many folders.
 */
export async function measureVerify(workspace: Workspace): Promise<Row[]> {
  const quiet = await observedOnce(workspace, 'quiet', HISTORY)
  const busy = await observedOnce(workspace, 'busy', HISTORY - 1)
  const few = await largeBundle(workspace, 'few', (number) => (number % PENDING_IN_ONE_OF === 0 ? busy : quiet))
  const all = await largeBundle(workspace, 'all', () => busy)
  const samples = await alternate({ few: timed(few.command), all: timed(all.command) }, workspace.rounds)
  const isPending = `one migration pending in ${Math.ceil(FOLDERS / PENDING_IN_ONE_OF)} of them`
  return [
    limitRow(figure(few, isPending), samples.few, 1_000),
    limitRow(figure(all, 'one migration pending in each'), samples.all, 1_000),
  ]
}

const timed = (command: Command) => async (): Promise<number> => (await run(command)).wallMs

const figure = ({ files, bytes }: LargeBundle, what: string): string =>
  `\`verify\` of ${files} files, ${Math.round(bytes / 1e6)} MB: ${FOLDERS} folders, ${what}`

interface LargeBundle {
  readonly command: Command
  readonly files: number
  readonly bytes: number
}

/** One real folder, as it was observed and judged. */
interface ObservedOnce {
  readonly question: Question
  readonly manifest: EvidenceModule.Manifest
}

async function observedOnce(workspace: Workspace, name: string, baseline: number): Promise<ObservedOnce> {
  const evidence = path.join(workspace.folder, 'verify', name, 'one')
  const folder = writeFolder(workspace.folder, `verify/${name}`, history(HISTORY))
  await run(workspace.seaworthy('check', folder, '--baseline', String(baseline), '--evidence', evidence))
  const { readBundle }: typeof ReadModule = await import(workspace.built('evidence/read'))
  const { questionOfBundle }: typeof QuestionModule = await import(workspace.built('evidence/question'))
  const read = await readBundle(evidence)
  return { question: await questionOfBundle(read), manifest: read.manifest }
}

/** A signed bundle of many folders, each of which is what was observed of another one. */
async function largeBundle(
  workspace: Workspace,
  name: string,
  observedOf: (number: number) => ObservedOnce,
): Promise<LargeBundle> {
  const at = (file: string): string => path.join(workspace.folder, 'verify', name, file)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const subjects: Subject[] = []
  for (let number = 0; number < FOLDERS; number += 1)
    subjects.push(await ofFolder(workspace, observedOf(number).question, number))
  const { question } = observedOf(0)
  const files = await signed(workspace, { ...question, subjects }, (number) => observedOf(number).manifest, privateKey)
  const { writeEvidence }: typeof WriteModule = await import(workspace.built('evidence/write'))
  mkdirSync(at('.'), { recursive: true })
  await writeEvidence(files, at('bundle'))
  writeFileSync(at('key.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  writeFileSync(at('policy.json'), files.get('policy.json') ?? '')
  return {
    command: workspace.seaworthy('verify', at('bundle'), '--key', at('key.pub'), '--policy', at('policy.json')),
    files: files.size,
    bytes: [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0),
  }
}

/** The same folder under another name, with a comment of its own in each script: no text is that of another folder. */
async function ofFolder(workspace: Workspace, one: Question, number: number): Promise<Subject> {
  const { migrationTree }: typeof TreeModule = await import(workspace.built('observers/migration-tree/kind'))
  const { rehearsal }: typeof RehearsalModule = await import(workspace.built('observers/rehearsal/kind'))
  const { sha256 }: typeof CanonicalModule = await import(workspace.built('gate/canonical'))
  const [{ observations } = none()] = one.subjects
  const [foundTree = none(), foundRun = none()] = [observations.find(migrationTree), observations.find(rehearsal)]
  const [tree, run] = [observations.need(migrationTree), observations.need(rehearsal)]
  const migrations = tree.migrations.map(({ up, ...rest }) => ({
    ...rest,
    up: { ...up, text: `${up.text}\n-- in folder ${number}\n` },
  }))
  const steps = run.steps.map((step, index) => ({ ...step, sha256: sha256(migrations[index]?.up.text ?? '') }))
  const name = `services/${number}/migrations`
  return {
    name,
    observations: observations.with(
      { ...foundTree, status: 'observed', data: { ...tree, folder: name, migrations } },
      { ...foundRun, status: 'observed', data: { ...run, steps } },
    ),
  }
}

const none = (): never => {
  throw new Error('no folder was observed')
}

/** The bundle of a question, judged, with its certificate. */
async function signed(
  workspace: Workspace,
  question: Question,
  manifestOf: (number: number) => EvidenceModule.Manifest,
  key: KeyObject,
): Promise<Map<string, string>> {
  const { migrationTree }: typeof TreeModule = await import(workspace.built('observers/migration-tree/kind'))
  const { evaluate }: typeof EvaluateModule = await import(workspace.built('gate/evaluate'))
  const { bundle, digestsOf }: typeof EvidenceModule = await import(workspace.built('gate/evidence'))
  const { candidateOf }: typeof CandidateModule = await import(workspace.built('commands/check/candidate'))
  const { certificateInput }: typeof CertifyModule = await import(workspace.built('commands/check/certify'))
  const { statementOf }: typeof StatementModule = await import(workspace.built('gate/certificate/statement'))
  const { IN_TOTO, sealEnvelope }: typeof DsseModule = await import(workspace.built('gate/certificate/dsse'))
  const { canonicalJson }: typeof CanonicalModule = await import(workspace.built('gate/canonical'))
  const trees = question.subjects.map(({ observations }) => observations.need(migrationTree))
  const nowhere = { commit: null, tree: null, isDirty: null }
  const candidate = candidateOf(nowhere, trees, { images: [], buildInfo: null })
  const { toolVersion, request } = manifestOf(0)
  const folders = trees.map((tree, number) => {
    const [asked = none()] = manifestOf(number).request.folders
    return { ...asked, dir: tree.folder }
  })
  const evaluation = evaluate(question)
  const files = bundle(question, evaluation, { toolVersion, candidate, request: { ...request, folders } })
  const run = { question, evaluation, candidate, digests: digestsOf(files), toolVersion, ledgerHead: null }
  const payload = canonicalJson(statementOf(certificateInput(run)))
  return new Map([...files, ['certificate.json', sealEnvelope(IN_TOTO, payload, key)]])
}
