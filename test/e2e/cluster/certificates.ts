import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PLACE } from './place.ts'

const run = promisify(execFile)

/** Makes the authority, and the key that signs service-account tokens. */
export async function createAuthority(folder: string): Promise<void> {
  const options = { cwd: folder }
  await run('openssl', ['genrsa', '-out', 'sa.key', '2048'], options)
  await run('openssl', ['rsa', '-in', 'sa.key', '-pubout', '-out', 'sa.pub'], options)
  const authority = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=test-ca',
    '-days',
    '30',
  ]
  await run('openssl', authority, options)
}

/** Makes a certificate for client and server use; `subject` as `/O=group/CN=user`, alternative names as `IP:…,DNS:…`. */
export async function createCertificate(
  folder: string,
  name: string,
  subject: string,
  names = 'DNS:none',
): Promise<void> {
  const options = { cwd: folder }
  await writeFile(join(folder, `${name}.ext`), `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`)
  await run(
    'openssl',
    ['req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject],
    options,
  )
  const sign = [
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    // Several are signed at once: they cannot share a file of serials.
    '-set_serial',
    `0x${randomBytes(8).toString('hex')}`,
    '-out',
    `${name}.crt`,
  ]
  await run('openssl', [...sign, '-days', '30', '-extfile', `${name}.ext`], options)
}

/** Writes a kubeconfig that names the certificate's files. */
export async function writeKubeconfig(
  path: string,
  options: { name: string; server: string; pki: string },
): Promise<void> {
  const { name, server, pki } = options
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: PLACE.cluster, cluster: { server, 'certificate-authority': join(pki, 'ca.crt') } }],
    users: [{ name, user: { 'client-certificate': join(pki, `${name}.crt`), 'client-key': join(pki, `${name}.key`) } }],
    contexts: [{ name: PLACE.cluster, context: { cluster: PLACE.cluster, user: name } }],
    'current-context': PLACE.cluster,
  }
  await writeFile(path, JSON.stringify(config, null, 1), { mode: 0o600 })
}
