import { type Command, Option } from 'commander'
import type { Action } from '../../gate/check.ts'
import { FORMAT_LIST, parseFormat, parseMajor } from './options.ts'

/** The flags that say what is live, for every command that asks what a release would do. */
export const addLiveOptions = (command: Command): Command =>
  command
    .option('--format <format>', `the tool, if it is not recognised (${FORMAT_LIST})`, parseFormat)
    .option('--baseline <version>', 'everything up to and including this version is live')
    .option('--since <ref>', 'what this commit has is live')
    .option('--all', 'take nothing as live: judge every migration')
    .option('--ledger <file>', "a snapshot of production's ledger: JSON, or CSV as COPY writes it")
    .option('--ledger-url <url>', "read production's ledger (read-only; or SEAWORTHY_LEDGER_URL)")

/** The flags that say on which server, as whom and with which rows it is rehearsed. */
export const addServerOptions = (command: Command): Command =>
  command
    .addOption(new Option('--roles <mode>', 'whether the deploy role owns what is there').choices(['single', 'split']))
    .option('--pg <major>', 'major version of PostgreSQL to rehearse on (default 18)', parseMajor)
    .option('--server <url>', 'rehearse on this server instead of a scratch one (or SEAWORTHY_SERVER_URL)')
    .option('--seed-sql <file>', 'rows for the tables (SQL), in place of synthetic ones')

/** The flags of a whole run of the gate besides: what it knows of production, and what it is asked. */
export const addGateOptions = (command: Command): Command =>
  command
    .option('--branches', 'refuse a version that another branch has taken')
    .addOption(new Option('--profile <profile>', 'what pending migrations may do').choices(['online', 'additive']))
    .option('--shape <file>', "production's shape, from seaworthy capture: rehearse with its roles, sizes and queries")
    .option('--workload <file>', 'queries of the running version (SQL) that must go on working')
    .option('--answers <file>', "production's answers, from seaworthy prove")
    .addOption(new Option('--down <extent>', 'which downs are tried').choices(['pending', 'all']))
    .addOption(
      new Option('--action <action>', 'what the verdict is to be good for').choices([
        'pull-request',
        'deploy',
      ] satisfies Action[]),
    )

/** Where the configuration comes from, and whether earlier work is used. */
export const addConfigOptions = (command: Command): Command =>
  command
    .option('--config <file>', 'the configuration, instead of the seaworthy.config.ts that is found')
    .option('--config-from <ref>', 'read the configuration as it stands at this revision')
    .option('--no-cache', 'use no cached baseline and no cached findings')
