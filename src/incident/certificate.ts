import { X509Certificate } from 'node:crypto'

/** What a certificate says of its time. */
export interface Certificate {
  readonly subject: string
  readonly from: number
  readonly until: number
}

/** Certificates that are read of one bundle of them. */
const MOST = 20

const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,20000}-----END CERTIFICATE-----/g

/** Reads PEM certificates, as they stand or in base64 once more as `caBundle` has them; what is none is left out. */
export function readCertificates(text: string): readonly Certificate[] {
  const plain = text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('latin1')
  return [...plain.matchAll(PEM)].slice(0, MOST).flatMap(([pem]) => readCertificate(pem))
}

function readCertificate(pem: string): readonly Certificate[] {
  try {
    const { subject, validFromDate, validToDate } = new X509Certificate(pem)
    return [{ subject: subject.replaceAll('\n', ', '), from: validFromDate.getTime(), until: validToDate.getTime() }]
  } catch {
    return []
  }
}

/** Whether every certificate of a bundle is past its end: one that is valid is enough to be trusted. */
export function areExpired(certificates: readonly Certificate[], now: number): boolean {
  return certificates.length > 0 && certificates.every(({ until }) => until < now)
}
