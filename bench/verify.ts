import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
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
import type { MigrationTree } from '../seaworthy/src/migrations/model.ts'
import type * as TreeModule from '../seaworthy/src/observers/migration-tree/kind.ts'
import { history, writeFolder } from './history.ts'
import { alternate, type Command, run } from './measure.ts'
import { limitRow, type Row } from './table.ts'
import type { Workspace } from './workspace.ts'

/** Seven observations each: 1,000 files, and 50 MB in all. */
const FOLDERS = 142
const HISTORY = 145

/** `seaworthy verify` of large bundles: the whole process. What was observed of one real folder stands in many. */
export async function measureVerify(workspace: Workspace): Promise<Row[]> {
  const quiet = await largeBundle(workspace, 'quiet', HISTORY)
  const busy = await largeBundle(workspace, 'busy', HISTORY - 1)
  const samples = await alternate<string>({ quiet: timed(quiet.command), busy: timed(busy.command) }, workspace.rounds)
  const row = (bundle: LargeBundle, name: string, what: string): Row[] => {
    const sample = samples[name]
    return sample === undefined ? [] : [limitRow(figure(bundle, what), sample, 1_000)]
  }
  return [...row(quiet, 'quiet', 'nothing pending in them'), ...row(busy, 'busy', 'one migration pending in each')]
}

const timed = (command: Command) => async (): Promise<number> => (await run(command)).wallMs

const figure = ({ files, bytes }: LargeBundle, what: string): string =>
  `\`verify\` of ${files} files, ${Math.round(bytes / 1e6)} MB: ${FOLDERS} folders, ${what}`

interface LargeBundle {
  readonly command: Command
  readonly files: number
  readonly bytes: number
}

/** A signed bundle in which one real folder with that baseline stands many times, under names of their own. */
async function largeBundle(workspace: Workspace, name: string, baseline: number): Promise<LargeBundle> {
  const at = (file: string): string => path.join(workspace.folder, 'verify', name, file)
  const folder = writeFolder(workspace.folder, `verify/${name}`, history(HISTORY))
  await run(workspace.seaworthy('check', folder, '--baseline', String(baseline), '--evidence', at('one')))
  const { readBundle }: typeof ReadModule = await import(workspace.built('evidence/read'))
  const { questionOfBundle }: typeof QuestionModule = await import(workspace.built('evidence/question'))
  const read = await readBundle(at('one'))
  const one = await questionOfBundle(read)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const files = await signed(workspace, await manyFolders(workspace, one), read.manifest, privateKey)
  const { writeEvidence }: typeof WriteModule = await import(workspace.built('evidence/write'))
  await writeEvidence(files, at('bundle'))
  writeFileSync(at('key.pub'), publicKey.export({ type: 'spki', format: 'pem' }))
  writeFileSync(at('policy.json'), files.get('policy.json') ?? '')
  return {
    command: workspace.seaworthy('verify', at('bundle'), '--key', at('key.pub'), '--policy', at('policy.json')),
    files: files.size,
    bytes: [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0),
  }
}

/** The same folder many times. */
async function manyFolders(workspace: Workspace, one: Question): Promise<Question> {
  const { migrationTree }: typeof TreeModule = await import(workspace.built('observers/migration-tree/kind'))
  const [subject] = one.subjects
  const found = subject?.observations.find(migrationTree)
  if (subject === undefined || found?.status !== 'observed') throw new Error('no folder was observed')
  const tree = subject.observations.need(migrationTree)
  const named = (number: number): Subject => {
    const data: MigrationTree = { ...tree, folder: `services/${number}/migrations` }
    return { name: data.folder, observations: subject.observations.with({ ...found, data }) }
  }
  return { ...one, subjects: Array.from({ length: FOLDERS }, (_, index) => named(index)) }
}

/** The bundle of a question, judged, with its certificate. */
async function signed(
  workspace: Workspace,
  question: Question,
  { toolVersion, request }: EvidenceModule.Manifest,
  key: KeyObject,
): Promise<Map<string, string>> {
  const { migrationTree }: typeof TreeModule = await import(workspace.built('observers/migration-tree/kind'))
  const { evaluate }: typeof EvaluateModule = await import(workspace.built('gate/evaluate'))
  const { bundle }: typeof EvidenceModule = await import(workspace.built('gate/evidence'))
  const { candidateOf }: typeof CandidateModule = await import(workspace.built('commands/check/candidate'))
  const { certificateInput }: typeof CertifyModule = await import(workspace.built('commands/check/certify'))
  const { statementOf }: typeof StatementModule = await import(workspace.built('gate/certificate/statement'))
  const { IN_TOTO, sealEnvelope }: typeof DsseModule = await import(workspace.built('gate/certificate/dsse'))
  const { canonicalJson }: typeof CanonicalModule = await import(workspace.built('gate/canonical'))
  const trees = question.subjects.map(({ observations }) => observations.need(migrationTree))
  const nowhere = { commit: null, tree: null, isDirty: null }
  const candidate = candidateOf(nowhere, trees, { images: [], buildInfo: null })
  const [asked] = request.folders
  if (asked === undefined) throw new Error('no folder was asked for')
  const folders = trees.map((tree) => ({ ...asked, dir: tree.folder }))
  const evaluation = evaluate(question)
  const files = bundle(question, evaluation, { toolVersion, candidate, request: { ...request, folders } })
  const run = { question, evaluation, candidate, files, toolVersion, ledgerHead: null }
  const payload = canonicalJson(statementOf(certificateInput(run)))
  return new Map([...files, ['certificate.json', sealEnvelope(IN_TOTO, payload, key)]])
}
