/** Examples first: what most people look for in --help. */
export const MAIN_EXAMPLES = `Examples
  seaworthy check                          judge the pending migrations of this repository
  seaworthy check --ledger ledger.csv      … against what production has applied
  seaworthy capture URL -o shape.json      production's shape: roles, sizes, queries; no data
  seaworthy check --shape shape.json       … in that shape
  seaworthy prove --against URL --shape shape.json
                                           ask production what only its rows can say
  seaworthy admit evidence --key K.pub --action deploy --policy policy.json
                                           may this go live now?
  seaworthy drill                          attack the gate, and see what it would let through
  seaworthy reserve "add court rooms"      create the next free migration
  seaworthy explain data-loss/drop-table   why, and what to do instead
`

export const CHECK_EXAMPLES = `Examples
  seaworthy check                                  what is new on this branch, in every folder that is found
  seaworthy check db/migrations --baseline 0122    all after 0122
  seaworthy check --roles split                    as a deploy role that does not own the tables
  seaworthy check --action deploy --ledger l.csv   is what production lacks safe to apply now?
  seaworthy check --pg 15 --json                   on PostgreSQL 15, for a machine to read
  seaworthy check --report sarif=seaworthy.sarif --report markdown=comment.md
`

export const RESERVE_EXAMPLES = `Examples
  seaworthy reserve "add court rooms"
  seaworthy reserve --ledger ledger.csv --dir db/migrations
`

export const CAPTURE_EXAMPLES = `Examples
  seaworthy capture "postgresql://replica/app?user=reader" -o shape.json
  SEAWORTHY_CAPTURE_URL=postgresql://… seaworthy capture > shape.json
  seaworthy check --shape shape.json
`

export const PROVE_EXAMPLES = `Examples
  seaworthy prove --against "postgresql://replica/app?user=reader" --shape shape.json
  SEAWORTHY_PROVE_URL=postgresql://… seaworthy prove --evidence evidence --out answers.json
  seaworthy check --action deploy --answers answers.json --shape shape.json
`

/** The flags of the subcommand that runs where none is named: commander shows them there only. */
export const LEDGER_FLAGS = `
Flags of ledger alone (all: seaworthy ledger list --help)
  --state FILE      the ledger, for every subcommand (or SEAWORTHY_STATE)
  --kind KIND       only these entries (repeatable); also --since TIME, --until TIME,
                    --candidate DIGEST, --limit NUMBER
  --json            one JSON document
`

export const LEDGER_EXAMPLES = `Examples
  seaworthy ledger                                 the newest entries
  seaworthy ledger --kind emergency --since 2026-11-01 --json
  seaworthy ledger --state audit/state.db          another ledger than the usual one
  seaworthy ledger verify --certificate evidence/certificate.json --key seaworthy.pub
  seaworthy ledger export ledger.jsonl             whole entries, oldest first
  seaworthy ledger backup ledger-backup.db         a verified copy, while others write
  seaworthy ledger restore ledger-backup.db        put a copy in the ledger's place
  seaworthy ledger close 3 --reason "rolled back"  an emergency that is over
`

/** Source: DESIGN.md, "The contract of the command line". */
export const EXIT_CODES = `
Exit codes
  0 pass   1 fail   2 usage or configuration   3 unproven   4 nothing to check
  70 a bug   130 cancelled
`
