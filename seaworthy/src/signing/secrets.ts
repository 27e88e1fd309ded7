/** What the environment held of secrets for signing. */
export interface SigningSecrets {
  readonly key: string | null
  readonly passphrase: string | null
}

export const KEY_VARIABLE = 'SEAWORTHY_SIGN_KEY'
const PASSPHRASE_VARIABLE = 'SEAWORTHY_KEY_PASSPHRASE'

/**
 * Takes the secrets out of an environment, so that no configuration sees them and no program that is started from it inherits
 * them. Done once, before a command begins.
 */
export function takeSigningSecrets(env: NodeJS.ProcessEnv): SigningSecrets {
  const take = (name: string): string | null => {
    const value = env[name] ?? ''
    delete env[name]
    return value === '' ? null : value
  }
  return { key: take(KEY_VARIABLE), passphrase: take(PASSPHRASE_VARIABLE) }
}
