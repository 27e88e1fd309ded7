import { error, type Harms, NONE } from '../harm.ts'
import type { Scene } from '../scene.ts'
import { hasFacet, ownName, plain, type Thing, wholeName } from '../thing.ts'
import { along, type FacetRule, type SortRules } from './rules.ts'

const subject = (thing: Thing): string => `policy ${plain(wholeName(thing))}.${ownName(thing)}`

/** Whether policies decided about the table's rows before the release, and do now. */
const isSecured = (thing: Thing, scene: Scene): boolean =>
  hasFacet(scene.before.get(thing.parent ?? ''), 'row security enabled') &&
  hasFacet(scene.after.get(thing.parent ?? ''), 'row security enabled')

function added(thing: Thing, scene: Scene): Harms {
  if (!isSecured(thing, scene)) return NONE
  return hasFacet(thing, 'permissive')
    ? error(
        'security/widen-policy',
        subject(thing),
        `lets more through: ${thing.object} adds to the rows that ${valueTo(thing)} may see or write`,
        {
          hint: 'Narrow it to the roles and rows that need it, and accept it in the policy.',
        },
      )
    : error(
        'compat/narrow-policy',
        subject(thing),
        `keeps rows back: ${thing.object} hides them from ${valueTo(thing)}, the running version among them`,
        {
          hint: 'Try the running version as its own role against it, and accept it in the policy.',
        },
      )
}

const valueTo = (thing: Thing): string => thing.facets.find((one) => one.startsWith('to '))?.slice(3) ?? 'everybody'

const another: FacetRule = ({ after, from, to }, scene) =>
  isSecured(after, scene)
    ? error(
        'security/widen-policy',
        subject(after),
        `changes which rows ${after.object} lets through: ${from ?? 'nothing'} before, ${to ?? 'nothing'} now`,
        {
          hint: 'Show in the policy that the new condition lets nobody see more, nor the running version less.',
        },
      )
    : NONE

export const policies: SortRules = {
  facets: { '*': another },
  added,
  removed: (thing, _, alongWith) =>
    error(
      'security/drop-policy',
      subject(thing),
      `drops policy ${ownName(thing)} of ${thing.parent ?? ''}${along(alongWith)}`,
      {
        hint: `ALTER POLICY ${ownName(thing)} ON ${wholeName(thing)} …;`,
      },
    ),
}
