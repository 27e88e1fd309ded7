import { type CatalogueQuery, definitionOf, openSetting, roleName } from './scope.ts'

const SETTINGS = `(SELECT string_agg(${openSetting('setting')}, E'\\x1f' ORDER BY setting) FROM unnest(s.setconfig) setting)`

/** ALTER ROLE … SET and ALTER DATABASE … SET, as far as they reach sessions of this database. */
export const settings: CatalogueQuery = {
  about: 'database',
  text: `SELECT CASE WHEN s.setrole = 0 THEN 'settings of the database' WHEN s.setdatabase = 0 THEN 'settings of role '
      || ${roleName('s.setrole')} ELSE format('settings of role %s in this database', ${roleName('s.setrole')}) END AS object,
    ${definitionOf(`'of ' || CASE s.setrole WHEN 0 THEN 'database' ELSE 'role ' || ${roleName('s.setrole')} END`, SETTINGS)}
  FROM pg_db_role_setting s
  WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))`,
}
