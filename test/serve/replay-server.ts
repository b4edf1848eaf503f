import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBundle } from '../../src/bundle/reader.ts'
import { openReplay, type Replay, type ReplayOptions } from '../../src/serve/replay.ts'
import { startServer } from '../../src/serve/server.ts'

/** The bearer token of every replay that tests start. */
export const TOKEN = 'a-token-of-the-tests'

/** A bundle, served on loopback within this process. */
export interface ServedBundle {
  readonly url: string
  readonly port: number
  /** Of a kubeconfig that names it. */
  readonly kubeconfig: string
  /** Gone when it is closed; the kubeconfig lies in it. */
  readonly folder: string
  readonly replay: Replay
  close(): Promise<void>
}

/** Serves a bundle; with `tls`, because kubectl and client-go give a token over nothing else. */
export async function serveBundle(
  source: string,
  options: ReplayOptions & { tls?: boolean } = {},
): Promise<ServedBundle> {
  const replay = await openReplay(await openBundle(source), options)
  const folder = await mkdtemp(join(tmpdir(), 'freezeframe-replay-'))
  const certificate = options.tls ? await makeCertificate(folder) : undefined
  const server = await startServer(replay, { address: '127.0.0.1', port: 0, token: TOKEN, certificate })
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, describeKubeconfig(server.url, certificate?.cert), { mode: 0o600 })
  return {
    url: server.url,
    port: server.port,
    kubeconfig,
    folder,
    replay,
    async close() {
      await server.close()
      await replay.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function makeCertificate(folder: string): Promise<{ key: string; cert: string }> {
  const names = ['-subj', '/CN=replay', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
  execFileSync('openssl', ['req', ...kind, ...names, ...files], { stdio: 'pipe' })
  return {
    key: await readFile(join(folder, 'key.pem'), 'utf8'),
    cert: await readFile(join(folder, 'cert.pem'), 'utf8'),
  }
}

function describeKubeconfig(server: string, cert: string | undefined): string {
  const authority = cert && { 'certificate-authority-data': Buffer.from(cert).toString('base64') }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'replay', cluster: { server, ...authority } }],
    users: [{ name: 'replay', user: { token: TOKEN } }],
    contexts: [{ name: 'replay', context: { cluster: 'replay', user: 'replay' } }],
    'current-context': 'replay',
  })
}

/** What a client got. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** Asks a served bundle as any HTTP client does, with the token. */
export async function askServed(
  { url }: Pick<ServedBundle, 'url'>,
  path: string,
  options: { accept?: string; method?: string; body?: string; token?: string } = {},
): Promise<Answered> {
  const { accept = 'application/json', method = 'GET', token = TOKEN, body } = options
  const headers = { accept, authorization: `Bearer ${token}` }
  const answer = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}
