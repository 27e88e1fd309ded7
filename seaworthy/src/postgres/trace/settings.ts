import type { TraceEvent } from '../../migrations/effects.ts'
import type { KeptSetting, Seen } from './look.ts'

type SettingEvent = Extract<TraceEvent, { kind: 'setting' }>
/** Whether a setting goes with the transaction is only known at its end. */
type Provisional = { -readonly [K in keyof SettingEvent]: SettingEvent[K] }

/** Follows the settings of the migrating session, and those that are kept for roles and databases. */
export class Settings {
  #session: ReadonlyMap<string, string>
  #kept: readonly KeptSetting[]
  readonly #database: number
  #provisional: Provisional[] = []

  constructor(before: Seen, database: number) {
    this.#session = before.settings
    this.#kept = before.kept
    this.#database = database
  }

  /** Whether something was set in the transaction that may go with it. */
  get isProvisional(): boolean {
    return this.#provisional.length > 0
  }

  /**
   * What a statement set for the session or the transaction; which of both is settled by `settle`, where the statement
   * itself does not say it (`isLocal`).
   */
  changed(now: ReadonlyMap<string, string>, isLocal = false): TraceEvent[] {
    const events: Provisional[] = [...now]
      .filter(([name, value]) => this.#session.get(name) !== value)
      .map(([name, value]) => ({
        kind: 'setting',
        name,
        value,
        scope: isLocal ? 'transaction' : 'session',
        subject: null,
      }))
    this.#session = now
    this.#provisional.push(...events)
    return events
  }

  /** The transaction ended: what nobody set to something else, and is no longer so, was only set for it. */
  settle(now: ReadonlyMap<string, string>): void {
    const last = new Map(this.#provisional.map((event) => [event.name, event]))
    for (const event of last.values()) if (now.get(event.name) !== event.value) event.scope = 'transaction'
    this.#provisional = []
    this.#session = now
  }

  /** What a statement set for a role or a database from now on. */
  keptChanged(now: readonly KeptSetting[]): TraceEvent[] {
    const before = this.#kept
    this.#kept = now
    return [
      ...now.filter((one) => !before.some((other) => isSame(one, other))).map((one) => this.#eventOf(one, false)),
      ...before.filter((one) => !now.some((other) => isSameName(one, other))).map((one) => this.#eventOf(one, true)),
    ]
  }

  #eventOf({ role, database, setting }: KeptSetting, isReset: boolean): TraceEvent {
    const name = nameOf(setting)
    const isOurs = database === 0 || database === this.#database
    return {
      kind: 'setting',
      name,
      value: isReset ? null : setting.slice(name.length + 1),
      scope: role === null ? 'database' : 'role',
      subject: role === null ? (isOurs ? 'database' : 'another database') : `role ${role}`,
    }
  }
}

const nameOf = (setting: string): string => setting.slice(0, setting.indexOf('='))

const isSameName = (a: KeptSetting, b: KeptSetting): boolean =>
  a.role === b.role && a.database === b.database && nameOf(a.setting) === nameOf(b.setting)

const isSame = (a: KeptSetting, b: KeptSetting): boolean => isSameName(a, b) && a.setting === b.setting
