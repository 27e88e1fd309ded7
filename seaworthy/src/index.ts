export { defineConfig } from './config/define.ts'
export type {
  AcceptanceConfig,
  Config,
  MigrationsConfig,
  PolicyConfig,
  RolesConfig,
  SigningConfig,
} from './config/define.ts'
export type { Finding, Severity, Where } from './gate/finding.ts'
export type { CheckVerdict, Verdict } from './gate/verdict.ts'
