import path from 'node:path'
import { writeEvidence } from '../../evidence/write.ts'
import { canonicalJson, sha256 } from '../../gate/canonical.ts'
import { candidateName } from '../../gate/certificate/candidate.ts'
import { IN_TOTO, keyId, sealEnvelope } from '../../gate/certificate/dsse.ts'
import { statementOf } from '../../gate/certificate/statement.ts'
import { bundle, digestsOf } from '../../gate/evidence.ts'
import type { ReportEvidence } from '../../reports/run-report.ts'
import { certificateInput } from './certify.ts'
import { judgedFolders, pendingIn } from '../pending-in.ts'
import type { JudgedRun } from './judged-run.ts'
import { runRequest } from './run-request.ts'
import type { Signer } from './signer.ts'

const CERTIFICATE = 'certificate.json'

/**
 * Writes the evidence bundle of a run, with its certificate if somebody signs: the folder appears with both or not at all.
 * A run of any verdict can be signed; that it failed is a statement too.
 */
export async function writeBundle(
  run: JudgedRun,
  dir: string,
  signer: Signer | null,
  toolVersion: string,
): Promise<ReportEvidence> {
  const { around, request, folders, candidate, configFile, question, evaluation } = run
  const about = { toolVersion, candidate, request: await runRequest(around.root, request, folders, configFile) }
  const files = bundle(question, evaluation, about)
  if (signer === null) {
    await writeEvidence(files, dir)
    return { dir, certificate: null }
  }
  const ledgerHead = await signer.head()
  const statement = statementOf(
    certificateInput({ question, evaluation, candidate, digests: digestsOf(files), toolVersion, ledgerHead }),
  )
  const payload = canonicalJson(statement)
  await writeEvidence(new Map([...files, [CERTIFICATE, sealEnvelope(IN_TOTO, payload, signer.key)]]), dir)
  const { expiresAt, manifest, verdict, action } = statement.predicate.seaworthy_release
  const signed = { keyId: keyId(signer.key), expiresAt }
  const closes = await signer.record({
    kind: 'certificate',
    candidate: candidateName(candidate),
    content: {
      ...signed,
      verdict,
      action,
      pending: pendingIn(question),
      folders: judgedFolders(candidate.migrations, question.subjects).map((one) => ({ ...one })),
      manifest,
      statement: `sha256:${sha256(payload)}`,
    },
  })
  return {
    dir,
    certificate: { file: path.join(dir, CERTIFICATE), ...signed, ...(closes.length === 0 ? {} : { closes }) },
  }
}
