import { createHash, createPrivateKey, generateKeyPair, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { bitString, boolean, identifier, integer, octetString, sequence, set, tagged, text, time } from './der.ts'

/** A key and the certificate over it, both PEM. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

/** Clocks differ, and nobody keeps a replay open for a month. */
const BACKDATED_MS = 60 * 60 * 1000
const LIFETIME_MS = 30 * 24 * 60 * 60 * 1000

/** Makes a certificate that signs itself, for these names and addresses: TLS on loopback, without which kubectl sends no token. */
export async function createCertificate(hosts: readonly string[]): Promise<Certificate> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const signed = describeCertificate(publicKey, hosts, Date.now())
  const signature = sign('sha256', signed, createPrivateKey(privateKey))
  return { key: privateKey, cert: toPem(sequence(signed, ECDSA_WITH_SHA256, bitString(signature))) }
}

/** ecdsa-with-SHA256 (RFC 5758, 3.2). */
const ECDSA_WITH_SHA256 = sequence(identifier('1.2.840.10045.4.3.2'))

/** Issuer and subject: a common name (RFC 5280, appendix A.1). */
const NAME = sequence(set(sequence(identifier('2.5.4.3'), text('freezeframe replay'))))

/** TBSCertificate (RFC 5280, 4.1). */
function describeCertificate(publicKey: Buffer, hosts: readonly string[], now: number): Buffer {
  return sequence(
    tagged(0, integer(Buffer.from([2])), 'around'), // version 3
    integer(serialNumber()),
    ECDSA_WITH_SHA256,
    NAME,
    sequence(time(new Date(now - BACKDATED_MS)), time(new Date(now + LIFETIME_MS))),
    NAME,
    publicKey,
    tagged(3, sequence(...describeExtensions(publicKey, hosts)), 'around'),
  )
}

/** Unique, positive, at most 20 bytes (RFC 5280, 4.1.2.2). */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f)
  return bytes
}

/** An authority of one: clients trust it because it is the authority that the kubeconfig names (RFC 5280, 4.2.1). */
function describeExtensions(publicKey: Buffer, hosts: readonly string[]): Buffer[] {
  return [
    extension('2.5.29.19', sequence(boolean(true)), 'critical'), // basicConstraints: cA
    extension('2.5.29.15', bitString(Buffer.from([0b1000_0100]), 2), 'critical'), // keyUsage: digitalSignature, keyCertSign
    extension('2.5.29.37', sequence(identifier('1.3.6.1.5.5.7.3.1'))), // extKeyUsage: serverAuth
    extension('2.5.29.14', octetString(keyIdentifier(publicKey))), // subjectKeyIdentifier, which strict readers want of an authority
    extension('2.5.29.17', sequence(...hosts.map(alternativeName))), // subjectAltName
  ]
}

/** SHA-1 of the key's bits (RFC 5280, 4.2.1.2): a point of P-256 uncompressed, the last 65 bytes of the structure around it. */
function keyIdentifier(publicKey: Buffer): Buffer {
  return createHash('sha1').update(publicKey.subarray(-65)).digest()
}

function extension(id: string, value: Buffer, critical?: 'critical'): Buffer {
  return sequence(identifier(id), ...(critical ? [boolean(true)] : []), octetString(value))
}

/** dNSName is [2] and iPAddress [7], in network byte order (RFC 5280, 4.2.1.6). */
function alternativeName(host: string): Buffer {
  if (host.includes(':')) return tagged(7, bytesOfIPv6(host), 'bare')
  if (/^\d+(\.\d+){3}$/.test(host)) return tagged(7, Buffer.from(host.split('.').map(Number)), 'bare')
  return tagged(2, Buffer.from(host), 'bare')
}

/** Sixteen bytes; WHATWG URLs write every IPv6 address in one way, the last 32 bits never as IPv4. */
function bytesOfIPv6(host: string): Buffer {
  const [left = '', right = ''] = new URL(`http://[${host.split('%')[0]}]/`).hostname.slice(1, -1).split('::')
  const [front, back] = [left, right].map((part) => part.split(':').filter(Boolean)) as [string[], string[]]
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0')
  return Buffer.from([...front, ...zeros, ...back].map((group) => group.padStart(4, '0')).join(''), 'hex')
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
