import type { Observations } from '../../gate/observation.ts'
import { type Effects, effects } from '../../observers/effects/kind.ts'
import { migrationTree } from '../../observers/migration-tree/kind.ts'
import { pending } from '../../observers/pending/kind.ts'
import { nameParts } from '../../sql/identifier.ts'
import { releaseOf } from './release.ts'

/** What a release names, makes, does something to or locks: rather too much than too little. */
export interface Reach {
  /** Whether it has to do with a thing of production, by its name (`table public.feeds`) or by what is said of it. */
  readonly thing: (object: string, said: string) => boolean
  /** Whether the running version's query names anything that the release does something to. */
  readonly query: (text: string) => boolean
}

/** What acts on other things than those that it names. */
const ON_ALL = /^(?:setting |event trigger |publication |default privileges )/

/** What queries mean depends on, whatever they name. */
const FOR_QUERIES =
  /^(?:database$|settings of |role |membership of |schema |privileges on (?:schema |database)|default privileges )/

/** By several looks at one release: what any of them saw is reached. Where one could not trace it, everything is. */
export function reachOf(looks: readonly Observations[]): Reach {
  const texts = words(looks.flatMap(pendingTexts).join('\n'))
  const seen = looks.flatMap((one) => one.maybe(effects) ?? [])
  const isTraced = seen.length > 0 && seen.every(({ traceUnproven }) => traceUnproven === null)
  const objects = seen.flatMap(objectsIn)
  const isForQueries = objects.some((one) => FOR_QUERIES.test(one)) || seen.some(isSettingForOthers)
  const names = [...new Set(objects.map(ownName))].map((name) => [...words(name)])
  const isNamedIn = (said: ReadonlySet<string>): boolean => names.some((name) => name.every((one) => said.has(one)))
  return {
    thing: (object, said) =>
      !isTraced ||
      ON_ALL.test(object) ||
      [...words(ownName(object))].every((one) => texts.has(one)) ||
      isNamedIn(words(`${object}\n${said}`)),
    query: (text) => !isTraced || isForQueries || isNamedIn(words(text)),
  }
}

/** The texts of what is pending. */
function pendingTexts(observations: Observations): string[] {
  const files = new Set(observations.maybe(pending)?.files)
  const { migrations = [] } = observations.maybe(migrationTree) ?? {}
  return migrations.filter(({ up }) => files.has(up.file)).map(({ up }) => up.text)
}

function objectsIn(seen: Effects): string[] {
  const { made, touched } = releaseOf(seen)
  const locks = seen.steps.flatMap((step) => step.statements.flatMap((one) => one.locks.map(({ object }) => object)))
  return [...made.keys(), ...touched.keys(), ...locks]
}

const isSettingForOthers = ({ steps }: Effects): boolean =>
  steps
    .flatMap((step) => step.statements.flatMap((one) => one.events))
    .some((event) => event.kind === 'setting' && event.scope !== 'session' && event.scope !== 'transaction')

/** `users` of `table public.users`, `column public.users.email`, `trigger t on public.users`, `privileges on … for app`. */
function ownName(object: string): string {
  const bare = object.replace(/ for (?:"[^"]*"|\S)+$/, '').replace(/\(.*$/s, '')
  const [name = bare] = /(?:"[^"]*"|[^\s"])+$/.exec(bare) ?? []
  const parts = nameParts(name)
  return parts.at(object.startsWith('column ') ? -2 : -1) ?? name
}

const words = (text: string): ReadonlySet<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}_$]+/gu))
