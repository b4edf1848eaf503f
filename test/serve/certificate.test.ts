import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Certificate, createCertificate } from '../../src/serve/certificate.ts'

const run = promisify(execFile)

let folder: string
let certificate: Certificate
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freezeframe-certificate-'))
  certificate = await createCertificate(['127.0.0.1', '::1', 'localhost', '2001:db8::10.0.0.1'])
  await writeFile(join(folder, 'cert.pem'), certificate.cert)
})
afterAll(() => rm(folder, { recursive: true }))

describe('the certificate of a replay', () => {
  it('names every address and host, and is valid from an hour ago for thirty days', () => {
    const parsed = new X509Certificate(certificate.cert)
    expect(parsed.subjectAltName).toBe(
      'IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost, IP Address:2001:DB8:0:0:0:0:A00:1',
    )
    const hours = (date: string) => Math.round((Date.parse(date) - Date.now()) / 3_600_000)
    expect([hours(parsed.validFrom), hours(parsed.validTo)]).toEqual([-1, 30 * 24])
    expect(parsed.verify(parsed.publicKey)).toBe(true)
    expect(parsed.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
  })

  it('is another one each time, also in its serial number', async () => {
    const serials = await Promise.all(
      Array.from(
        { length: 20 },
        async () => new X509Certificate((await createCertificate(['localhost'])).cert).serialNumber,
      ),
    )
    expect(new Set(serials).size).toBe(20)
  })

  it.each(['127.0.0.1', 'localhost'])(
    'is accepted by a client of Node for %s, which is told nothing but the certificate',
    async (host) => {
      expect(await get(host, certificate)).toBe(200)
    },
  )

  it('is refused for a host that it does not name', async () => {
    const other = await createCertificate(['replay.example'])
    await expect(get('127.0.0.1', other)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })

  it('is accepted by OpenSSL at its strictest', async () => {
    const args = [
      'verify',
      '-x509_strict',
      '-verify_ip',
      '127.0.0.1',
      '-purpose',
      'sslserver',
      '-CAfile',
      'cert.pem',
      'cert.pem',
    ]
    expect((await run('openssl', args, { cwd: folder })).stdout).toBe('cert.pem: OK\n')
  })
})

/** Asks a server that has this certificate, from a client that trusts nothing else; gives the answer's status. */
async function get(host: string, own: Certificate): Promise<number | undefined> {
  const server = createServer(own, (_, response) => response.end())
  server.listen(0)
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const asked = request({ host, port, family: 4, ca: own.cert }).end()
    const [response] = await once(asked, 'response')
    response.resume()
    return response.statusCode
  } finally {
    server.close()
  }
}
