import type { FormatName } from '../migrations/model.ts'

/** One migration folder of the project, with what is known about it. */
export interface MigrationsConfig {
  /** Relative to the configuration file. */
  dir: string
  format?: FormatName
  /** The newest version that is live in production, and all before it. */
  baseline?: string
  /** A snapshot of production's ledger: JSON, or CSV as COPY writes it. Relative to the configuration file. */
  ledger?: string
  /** The ledger table, where it is not the one that the tool makes: `public.applied_migrations`. */
  ledgerTable?: string
}

export interface RolesConfig {
  mode: 'single' | 'split'
  /** Name of the role that migrates. Default: `deploy`. */
  deploy?: string
  /** Name of the role that owns the baseline in split mode. Default: `owner`. */
  owner?: string
  attributes?: ('createrole' | 'createdb' | 'bypassrls' | 'replication')[]
  /** Roles that the deploy role is a member of. */
  memberOf?: string[]
  /** Relations (`schema.name`) that the deploy role owns although the owner made them. */
  owns?: string[]
}

export interface AcceptanceConfig {
  code: string
  /** Only in this file, relative to the repository root. */
  file?: string
  subject?: string
  reason: string
  author: string
  /** The last day on which it counts: `YYYY-MM-DD`, UTC. */
  expires: string
}

export interface PolicyConfig {
  /** Ids of the checks that must pass, by action. */
  required?: { 'pull-request'?: string[]; deploy?: string[] }
  accept?: AcceptanceConfig[]
  /** Families of findings that `-- seaworthy:allow` may accept. Default: lock, compat, repeat. */
  inlineAcceptance?: string[]
  /** Whether each pending migration needs a down file that works. Default: false. */
  requireDowns?: boolean
  /** From which size on a table counts as large where `shape` tells its size. Default: 10,000 rows or 10 MB. */
  largeTable?: { rows?: number; bytes?: number }
  /** How old production's answers may be when a deploy relies on them, in hours. Default: 24. */
  answersMaxAgeHours?: number
  /** How many of production's queries may not even prepare before the release, in percent. Default: 20. */
  staleQueriesPercent?: number
  /** What becomes of a release that changes the configuration, shape, queries, answers or rows that it is judged by. Default: warn. */
  changedInputs?: 'warn' | 'refuse'
  /** For how many hours after its verdict a certificate counts. Default: 24. */
  certificate?: { validHours?: number }
  admission?: {
    /** What of production has to be looked at again before anybody acts: `ledger`, `shape`. Default: ledger. */
    requires?: ('ledger' | 'shape')[]
    /** Whether a candidate with uncommitted changes may be admitted. Default: refuse. */
    dirty?: 'refuse' | 'allow'
    /** Whether `--emergency` is there at all. Default: allow. */
    emergency?: 'forbid' | 'allow'
  }
  review?: {
    /** Whether blocking findings are answered by another key than the one that signed. Default: false. */
    isIndependent?: boolean
    /** Ids of the keys that may answer (`seaworthy keys show`); any key where the list is empty. */
    reviewers?: string[]
  }
}

/** Where the key for certificates comes from. Never the key itself: a configuration is committed. */
export interface SigningConfig {
  /** A private key's file. Relative to the configuration file. */
  key?: string
  /** A command of a secret manager that prints the private key, as a list of arguments. It is run without a shell. */
  command?: string[]
  /** One that prints the passphrase of an encrypted key. */
  passphraseCommand?: string[]
}

/** The content of `seaworthy.config.ts`. Every key is optional; a flag of the same name wins. */
export interface Config {
  /** The folders, where they should not be looked for, or where something is known about one of them. */
  migrations?: MigrationsConfig[]
  /** For folders that `migrations` says nothing else about. */
  format?: FormatName
  baseline?: string
  ledger?: string
  /** Better in the environment (SEAWORTHY_LEDGER_URL, SEAWORTHY_SERVER_URL): a password does not belong here. */
  ledgerUrl?: string
  server?: string
  /** Ids of the checks to run; the answer is then partial. */
  only?: string[]
  action?: 'pull-request' | 'deploy'
  /** A commit that is live: what came after it is pending. */
  since?: string
  all?: boolean
  branches?: boolean
  profile?: 'online' | 'additive'
  roles?: 'single' | 'split' | RolesConfig
  /** Major version of PostgreSQL to rehearse on. Default: 18. */
  pg?: number
  down?: 'pending' | 'all'
  /** Production's shape, as `seaworthy capture` writes it. Relative to the configuration file, as the next three. */
  shape?: string
  /** Queries of the running version, as SQL. */
  workload?: string
  /** Rows for the tables in place of synthetic ones, as SQL. */
  seedSql?: string
  /** Production's answers, as `seaworthy prove` writes them. */
  answers?: string
  cache?: boolean
  timeouts?: { lockTimeoutMs?: number; statementTimeoutMs?: number }
  evidence?: string
  /** The ledger of what was judged and admitted. Relative to the configuration file; see guides/own-ledger.md. */
  state?: string
  reports?: { kind: 'sarif' | 'junit' | 'markdown' | 'json'; file: string }[]
  policy?: PolicyConfig
  signing?: SigningConfig
}

/** Types the configuration file; returns it as it is. It is checked when it is loaded. */
export const defineConfig = (config: Config): Config => config
