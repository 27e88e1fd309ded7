/**
 * The witness of something that was seen in a database that says who it is: `where` it was looked at, and behind it the
 * database's identity, so that two names for one database, and one name for two, are noticed.
 */
export const witnessIn = (where: string, identity: string | null): string =>
  identity === null ? where : `${where} of ${identity}`

/** The identity (`sha256:…`) of the database in a witness; null where it names none. */
export const identityIn = (witness: string): string | null => IDENTITY.exec(witness)?.[1] ?? null

/** The same without the identity: where it was looked at. */
export const placeIn = (witness: string): string => witness.replace(IDENTITY, '')

const IDENTITY = / of (sha256:[0-9a-f]{64})$/
