import { mkdir, readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildServers } from './build.ts'
import { createAuthority, createCertificate, writeKubeconfig } from './certificates.ts'
import { startServer, stopServers } from './processes.ts'

/** A real etcd and API server, and the controllers if asked for. */
export interface ControlPlane {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string
  readonly server: string
  readonly workDir: string
  /** Process id of the API server, for tests that kill it. */
  readonly apiServerPid: number
  stop(): Promise<void>
}

/** Users of the control plane, with a certificate and a kubeconfig each. */
const USERS: Readonly<Record<string, string>> = {
  admin: '/O=system:masters/CN=admin',
  kubeletclient: '/O=system:masters/CN=apiserver-kubelet',
  front: '/CN=front-proxy',
  controllers: '/CN=system:kube-controller-manager',
  scheduler: '/CN=system:kube-scheduler',
  proxy: '/CN=system:kube-proxy',
}

/**
 * Starts a control plane in `workDir` (made if it is not there). `host` is the address that clients use; without one it is loopback on a
 * free port, and no root is needed. `flags` are added to the API server's.
 */
export async function startControlPlane(options: {
  workDir: string
  host?: string
  port?: number
  controllers?: boolean
  flags?: readonly string[]
}): Promise<ControlPlane> {
  const servers = await buildServers()
  const { workDir, host = '127.0.0.1' } = options
  const port = options.port ?? (await freePort())
  const [etcdPort, peerPort] = [await freePort(), await freePort()]
  const server = `https://${host}:${port}`
  const pki = join(workDir, 'pki')
  await mkdir(pki, { recursive: true })
  await mkdir(join(workDir, 'log'), { recursive: true })
  await createAuthority(pki)
  const names = `IP:127.0.0.1,IP:${host},IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default`
  await Promise.all([
    createCertificate(pki, 'apiserver', '/CN=kube-apiserver', names),
    ...Object.entries(USERS).map(([name, subject]) => createCertificate(pki, name, subject)),
  ])
  for (const name of Object.keys(USERS))
    await writeKubeconfig(join(workDir, `${name}.kubeconfig`), { name, server, pki })

  const start = (name: string, args: readonly string[]) =>
    startServer(servers, [name, ...args], {
      log: join(workDir, 'log', `${name}.log`),
      record: join(workDir, 'pids'),
      cwd: workDir,
    })
  start('etcd', etcdFlags(etcdPort, peerPort))
  const apiServerPid = start('kube-apiserver', [...apiServerFlags(host, port, etcdPort), ...(options.flags ?? [])])
  await waitUntilReady(server, pki, join(workDir, 'log'))
  if (options.controllers) {
    start('kube-controller-manager', CONTROLLER_FLAGS)
    start('kube-scheduler', ['--kubeconfig=scheduler.kubeconfig', '--leader-elect=true', '--secure-port=0'])
  }
  return {
    kubeconfig: join(workDir, 'admin.kubeconfig'),
    server,
    workDir,
    apiServerPid,
    stop: () => stopServers(join(workDir, 'pids')),
  }
}

/** Without fsync: nobody keeps this data. 8 GiB is etcd's documented maximum for normal use. */
function etcdFlags(port: number, peerPort: number): string[] {
  const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`]
  return [
    ...['--data-dir', 'etcd', '--unsafe-no-fsync', '--quota-backend-bytes=8589934592'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client, '--listen-peer-urls', peer],
    ...['--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
  ]
}

function apiServerFlags(host: string, port: number, etcdPort: number): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--bind-address=${host}`,
    // An endpoint of the service "kubernetes" may not be loopback; nobody uses it there.
    `--advertise-address=${host.startsWith('127.') ? '10.255.255.1' : host}`,
    ...(host.startsWith('127.') ? ['--endpoint-reconciler-type=none'] : []),
    `--secure-port=${port}`,
    '--tls-cert-file=pki/apiserver.crt',
    '--tls-private-key-file=pki/apiserver.key',
    '--client-ca-file=pki/ca.crt',
    '--kubelet-client-certificate=pki/kubeletclient.crt',
    '--kubelet-client-key=pki/kubeletclient.key',
    '--kubelet-preferred-address-types=InternalIP',
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    '--service-account-key-file=pki/sa.pub',
    '--service-account-signing-key-file=pki/sa.key',
    '--service-account-issuer=https://kubernetes.default',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--requestheader-client-ca-file=pki/ca.crt',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--proxy-client-cert-file=pki/front.crt',
    '--proxy-client-key-file=pki/front.key',
  ]
}

const CONTROLLER_FLAGS = [
  '--kubeconfig=controllers.kubeconfig',
  // Nobody asks it, and another cluster of this machine may have the port.
  '--secure-port=0',
  '--leader-elect=true',
  '--use-service-account-credentials',
  '--service-account-private-key-file=pki/sa.key',
  '--root-ca-file=pki/ca.crt',
  '--cluster-signing-cert-file=pki/ca.crt',
  '--cluster-signing-key-file=pki/ca.key',
  // Deleted nodes and pods are seen sooner.
  '--node-monitor-grace-period=20s',
]

async function waitUntilReady(server: string, pki: string, logs: string): Promise<void> {
  const [ca, cert, key] = await Promise.all(
    ['ca.crt', 'admin.crt', 'admin.key'].map((name) => readFile(join(pki, name))),
  )
  for (let attempt = 0; attempt < 240; attempt++) {
    if (await answersOk(`${server}/readyz`, { ca, cert, key })) return
    await sleep(250)
  }
  throw new Error(`The API server did not become ready: see ${logs}.`)
}

function answersOk(
  url: string,
  tls: { ca: Buffer | undefined; cert: Buffer | undefined; key: Buffer | undefined },
): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { ...tls, timeout: 2000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    asked.on('error', () => resolve(false))
    asked.end()
  })
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
