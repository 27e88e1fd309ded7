import type { Entry, Json } from '../../gate/chain/chain.ts'
import { isByHand } from '../../gate/chain/emergency.ts'
import { numbers } from '../../reports/emergencies.ts'
import { plainLine } from '../../reports/plain-text.ts'
import { count } from '../../reports/wording.ts'

/** What tells most of an entry, in this order. */
const TELLING = ['event', 'verdict', 'outcome', 'action', 'code', 'finding', 'reason']

/** What an entry says, in one line that cannot steer a terminal. The whole of it is in `--json`. */
export function said({ kind, content }: Pick<Entry, 'kind' | 'content'>): string {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return plainLine(String(content))
  const members = new Map(Object.entries(content))
  if (kind === 'review' && members.get('event') === 'answered') return answered(members)
  if (kind === 'restore') return restored(members)
  const emergency = members.get('emergency')
  if (isByHand({ kind, content }) && typeof emergency === 'number') {
    return plainLine(`closes emergency #${emergency} by hand: ${textOf(members, 'reason')}`)
  }
  const texts = TELLING.map((name) => members.get(name)).filter((value) => typeof value === 'string')
  return plainLine([...texts, ...closed(members)].join(', '))
}

/** The emergencies that a certificate or an admission closes. */
function closed(members: Members): string[] {
  const closes = members.get('closes')
  if (!Array.isArray(closes) || closes.length === 0) return []
  return [`closes ${numbers(closes.map(Number))}`]
}

type Members = ReadonlyMap<string, Json>

const textOf = (members: Members, name: string): string => {
  const value = members.get(name)
  return typeof value === 'string' ? value : '?'
}

function answered(members: Members): string {
  const counts = members.get('counts')
  // Entries of before this was entered do not say it.
  const whether =
    counts === true ? ', counts' : counts === false ? `, does not count: ${textOf(members, 'objection')}` : ''
  return plainLine(`${textOf(members, 'finding')} answered by ${textOf(members, 'by')}${whether}`)
}

function restored(members: Members): string {
  const [rows, emergencies] = [members.get('lostRows'), members.get('lostEmergencies')]
  const went = typeof rows === 'number' ? `${count(rows, 'row')} gone` : 'gone is nobody knows how much'
  const open =
    typeof emergencies !== 'number'
      ? ', open emergencies not known'
      : emergencies === 0
        ? ''
        : `, with ${count(emergencies, 'open emergency', 'open emergencies')}`
  return plainLine(`${went}${open}; kept as ${textOf(members, 'kept')}`)
}
