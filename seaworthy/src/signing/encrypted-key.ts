import { createCipheriv, type KeyObject, pbkdf2Sync, randomBytes } from 'node:crypto'

/** As OWASP recommends for PBKDF2 with HMAC-SHA-256 (Password Storage Cheat Sheet, 2023); node:crypto's own export takes 2048. */
const ITERATIONS = 600_000

const SEQUENCE = 0x30
const INTEGER = 0x02
const OCTETS = 0x04
const NULL = Buffer.from([0x05, 0x00])

// Object identifiers, encoded: RFC 8018 (PBES2, PBKDF2, HMAC), NIST (AES).
const PBES2 = Buffer.from('06092a864886f70d01050d', 'hex')
const PBKDF2 = Buffer.from('06092a864886f70d01050c', 'hex')
const HMAC_SHA256 = Buffer.from('06082a864886f70d0209', 'hex')
const AES_256_CBC = Buffer.from('060960864801650304012a', 'hex')

/**
 * A private key under a passphrase, as PKCS#8 PEM (RFC 5958 and 8018): AES-256-CBC, its key by PBKDF2 with HMAC-SHA-256 and
 * 600,000 iterations. OpenSSL reads it.
 */
export function encryptedPem(key: KeyObject, passphrase: string): string {
  const [salt, iv] = [randomBytes(16), randomBytes(16)]
  const cipher = createCipheriv('aes-256-cbc', pbkdf2Sync(passphrase, salt, ITERATIONS, 32, 'sha256'), iv)
  const encrypted = Buffer.concat([cipher.update(key.export({ type: 'pkcs8', format: 'der' })), cipher.final()])
  const iterations = Buffer.from(ITERATIONS.toString(16).padStart(6, '0'), 'hex')
  const derivation = der(
    SEQUENCE,
    PBKDF2,
    der(SEQUENCE, der(OCTETS, salt), der(INTEGER, iterations), der(SEQUENCE, HMAC_SHA256, NULL)),
  )
  const scheme = der(SEQUENCE, PBES2, der(SEQUENCE, derivation, der(SEQUENCE, AES_256_CBC, der(OCTETS, iv))))
  const lines =
    der(SEQUENCE, scheme, der(OCTETS, encrypted))
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN ENCRYPTED PRIVATE KEY-----', ...lines, '-----END ENCRYPTED PRIVATE KEY-----', ''].join('\n')
}

/** One DER value of up to 65,535 bytes. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
