import { quotedText } from '../../../sql/identifier.ts'
import { as, type Node } from '../../../sql/tree.ts'
import { error, type Harms, NONE, remark } from '../harm.ts'
import { judgeShadow } from '../protection/shadows.ts'
import { plain, type Thing } from '../thing.ts'
import { nodeOf } from './constraint-text.ts'
import { along, type FacetRule, owner, type SortRules } from './rules.ts'

const subject = (thing: Thing): string => `type ${plain(thing.name)}`

const removed: SortRules['removed'] = (thing, _, alongWith) =>
  error('compat/drop-type', subject(thing), `drops ${thing.object}${along(alongWith)}`, {
    hint: 'Drop it without CASCADE in a release in which nothing names it any more.',
  })

/** The values of `'low', 'it''s'`. */
function valuesOf(text: string | null): string[] {
  const select = as(nodeOf(`SELECT ARRAY[${text ?? ''}]`), 'SelectStmt')
  const array = as(as(select?.targetList?.[0], 'ResTarget')?.val, 'A_ArrayExpr')
  return (array?.elements ?? []).map((one: Node) => as(one, 'A_Const')?.sval?.sval ?? '')
}

const values: FacetRule = ({ after, from, to }) => {
  const [was, is] = [valuesOf(from), valuesOf(to)]
  const kept = is.filter((one) => was.includes(one))
  if (kept.join('\n') === was.join('\n')) return NONE
  const isRenamed = was.length === is.length && was.filter((one, index) => one !== is[index]).length === 1
  if (isRenamed) {
    const at = was.findIndex((one, index) => one !== is[index])
    return error(
      'compat/rename-enum-value',
      subject(after),
      `renames value '${was[at] ?? ''}' of ${after.object} to '${is[at] ?? ''}'`,
      {
        hint: `ALTER TYPE ${after.name} ADD VALUE ${quotedText(is[at] ?? '')};`,
      },
    )
  }
  return error(
    'compat/change-type',
    subject(after),
    `changes the values of ${after.object}: ${from ?? ''} before, ${to ?? ''} now`,
    {
      hint: 'Add new values, and keep the old ones in their order.',
    },
  )
}

const another: FacetRule = ({ after, from, to }) =>
  error(
    'compat/change-type',
    subject(after),
    `changes ${after.object}: ${from ?? 'nothing'} before, ${to ?? 'nothing'} now`,
    {
      hint: 'Make a type of another name beside it.',
    },
  )

export const types: SortRules = {
  facets: { 'owner ': owner, 'enum ': values, '*': another },
  added: judgeShadow,
  removed,
}

const domain: FacetRule = ({ after, from, to }) =>
  error(
    'compat/change-domain',
    after.object,
    `changes ${after.object}: ${from ?? 'nothing'} before, ${to ?? 'nothing'} now`,
    {
      hint: 'Make a domain of another name, and use it for new columns.',
    },
  )

export const domains: SortRules = {
  facets: {
    'owner ': owner,
    'default ': (change, scene) =>
      change.to === null
        ? domain(change, scene)
        : remark(
            'compat/change-default',
            change.after.object,
            `changes the default of ${change.after.object} to ${change.to}`,
          ),
    'not null': (change, scene) =>
      change.to === null
        ? remark('compat/allow-null', change.after.object, `lets ${change.after.object} be NULL`)
        : domain(change, scene),
    '*': domain,
  },
  added: judgeShadow,
  removed: (thing, scene, alongWith): Harms => removed(thing, scene, alongWith),
}
