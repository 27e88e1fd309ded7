import { as, type SelectStmt } from '../../../sql/tree.ts'
import { error, type Harms, NONE } from '../harm.ts'
import { judgeShadow } from '../protection/shadows.ts'
import type { Scene } from '../scene.ts'
import { plain, type Thing } from '../thing.ts'
import { bare, nodeOf } from './constraint-text.ts'
import { isBesideRows } from './added-columns.ts'
import { along, type FacetRule, owner, type SortRules, unnoticed, whenItComes } from './rules.ts'

const subject = (thing: Thing): string => `view ${plain(thing.name)}`
const KEEP = 'Keep the view as it is, and give the new query a view of its own.'

const selectOf = (definition: string | null): SelectStmt | undefined => as(nodeOf(definition), 'SelectStmt')

const rest = (select: SelectStmt): string => bare({ ...select, targetList: [] })

/** Whether the new query is the old one with more columns after the old ones. */
function onlyAdds(from: string | null, to: string | null, scene: Scene): boolean {
  const [was, is] = [selectOf(from), selectOf(to)]
  if (was === undefined || is === undefined || was.op !== is.op || was.larg !== undefined) return false
  const old = was.targetList ?? []
  const isSame = rest(was) === rest(is) && old.every((one, index) => bare(one) === bare(is.targetList?.[index]))
  const more = (is.targetList ?? []).slice(old.length)
  return isSame && (more.length === 0 || (is.distinctClause === undefined && isBesideRows(more, is, scene)))
}

/** A renamed table changes the text of the views over it and nothing else; the trace then has no event of the view. */
const isUntouched = (thing: Thing, scene: Scene): boolean =>
  scene.renames.length > 0 &&
  scene.doing((event) => (event.kind === 'created' || event.kind === 'altered') && event.object === thing.object) ===
    null

const definition: FacetRule = ({ after, from, to }, scene) => {
  if (onlyAdds(from, to, scene) || isUntouched(after, scene)) return NONE
  return error(
    'compat/replace-view',
    subject(after),
    `replaces the query of ${after.object}: whoever reads it gets other rows or values`,
    {
      hint: KEEP,
    },
  )
}

const optionsOf = (text: string | null): ReadonlySet<string> =>
  new Set((text ?? '').split(', ').filter((one) => one !== '' && !/=(?:false|off|no|0)$/i.test(one)))

const has = (set: ReadonlySet<string>, name: string): boolean => [...set].some((one) => one.startsWith(`${name}=`))

const unchecked = (thing: Thing, words: string): Harms =>
  error(
    'security/weaken-view',
    subject(thing),
    `lets rows be written through ${thing.object} that it does not show: WITH CHECK OPTION ${words} them`,
    { hint: `ALTER VIEW ${thing.name} SET (check_option = cascaded);` },
  )

const options: FacetRule = ({ after, from, to }) => {
  const [was, is] = [optionsOf(from), optionsOf(to)]
  const harms: Harms[number][] = []
  for (const name of ['security_invoker', 'security_barrier']) {
    if (has(was, name) && !has(is, name))
      harms.push(
        ...error(
          'security/weaken-view',
          subject(after),
          `takes ${name} from ${after.object}: it shows rows that its reader may not see`,
          { hint: `ALTER VIEW ${after.name} SET (${name} = true);` },
        ),
      )
  }
  if (has(was, 'check_option') && !has(is, 'check_option')) harms.push(...unchecked(after, 'no longer refuses'))
  else if (was.has('check_option=cascaded') && !is.has('check_option=cascaded'))
    harms.push(...unchecked(after, 'itself alone refuses, and no view below it,'))
  if (!has(was, 'security_invoker') && has(is, 'security_invoker'))
    harms.push(
      ...error(
        'compat/replace-view',
        subject(after),
        `lets ${after.object} read with its reader's own rights, which the running roles may not have`,
        { hint: KEEP },
      ),
    )
  if (!has(was, 'check_option') && has(is, 'check_option'))
    harms.push(
      ...error('compat/replace-view', subject(after), `lets ${after.object} refuse rows that it does not show`, {
        hint: KEEP,
      }),
    )
  return harms
}

const unpopulated: FacetRule = ({ after }) =>
  error(
    'compat/unpopulated-view',
    `materialized view ${plain(after.name)}`,
    `leaves ${after.object} without data: every query of it fails`,
    {
      hint: `REFRESH MATERIALIZED VIEW ${after.name};`,
    },
  )

const facets: SortRules['facets'] = {
  'owner ': owner,
  'options ': options,
  'definition ': definition,
  'tablespace ': unnoticed,
  'access method ': unnoticed,
  unlogged: unnoticed,
  'not populated': whenItComes(unpopulated),
}

export const views: SortRules = {
  facets,
  added: judgeShadow,
  removed: (thing, _, alongWith) =>
    error(
      'compat/drop-view',
      subject(thing),
      `drops ${thing.object}, which the running version may read${along(alongWith)}`,
      {
        hint: `CREATE OR REPLACE VIEW ${thing.name} AS … with the old columns first and new ones after them.`,
      },
    ),
}

export const materializedViews: SortRules = {
  facets: { ...facets, 'options ': unnoticed },
  added: judgeShadow,
  removed: (thing, _, alongWith) =>
    error(
      'data-loss/drop-materialized-view',
      `materialized view ${plain(thing.name)}`,
      `drops ${thing.object}${along(alongWith)}`,
      {
        hint: 'Create its successor under another name and drop this one in a later release.',
      },
    ),
}
