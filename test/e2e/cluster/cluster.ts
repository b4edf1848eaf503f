import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildServers } from './build.ts'
import { startControlPlane } from './control-plane.ts'
import { writeImages } from './images.ts'
import { kubectl } from './kubectl.ts'
import {
  createBridge,
  may,
  must,
  NETWORK,
  notePodNetworks,
  recordNode,
  removeNode,
  removeRest,
  startNode,
} from './node.ts'
import { KUBECONFIG, PLACE, WORK_DIR } from './place.ts'
import { areRunning, stopServers } from './processes.ts'

export { KUBECONFIG, WORK_DIR }

/** Programs that the cluster needs, by Debian package. */
const PROGRAMS: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  runc: 'runc',
  conntrack: 'conntrack',
  iptables: 'iptables',
  ipset: 'ipset',
  ip: 'iproute2',
  openssl: 'openssl',
  nsenter: 'util-linux',
  sysctl: 'procps',
}

/** Whether a cluster of this machine is up. */
export function isUp(): boolean {
  return existsSync(KUBECONFIG) && areRunning(join(WORK_DIR, 'pids'))
}

/**
 * Starts the control plane and two nodes, and waits until both are Ready; about fifteen seconds. Does nothing when it is up. `flags` are added
 * to the API server's.
 */
export async function up(flags: readonly string[] = []): Promise<void> {
  if (isUp()) return
  checkMachine()
  await down()
  await mkdir(WORK_DIR, { recursive: true, mode: 0o755 })
  try {
    const servers = await buildServers()
    createBridge()
    await writeImages(join(WORK_DIR, 'busybox.tar'), join(WORK_DIR, 'pause.tar'))
    const plane = await startControlPlane({
      workDir: WORK_DIR,
      host: NETWORK.host,
      port: PLACE.port,
      controllers: true,
      flags,
    })
    for (const number of NETWORK.nodes) await startNode({ number, workDir: WORK_DIR, servers, server: plane.server })
    await waitForNodes()
    for (const number of NETWORK.nodes) recordNode(WORK_DIR, number)
  } catch (error) {
    console.error(`The cluster did not come up; its logs are in ${join(WORK_DIR, 'log')}.`)
    throw error
  }
}

/** Ends everything that lives in the work folder and removes it, also after an `up` that failed half-way. */
export async function down(): Promise<void> {
  if (existsSync(WORK_DIR)) {
    for (const number of NETWORK.nodes) recordNode(WORK_DIR, number)
    await notePodNetworks(WORK_DIR)
    await stopServers(join(WORK_DIR, 'pids'))
  }
  for (const number of NETWORK.nodes) removeNode(WORK_DIR, number)
  removeRest(WORK_DIR)
  await sleep(200)
  for (const number of NETWORK.nodes) removeNode(WORK_DIR, number)
  for (const number of NETWORK.nodes)
    may(
      'sh',
      '-c',
      `rm -rf /var/lib/cni/networks/${PLACE.prefix}test${number} /var/lib/cni/results/${PLACE.prefix}test${number}-*`,
    )
  await rm(WORK_DIR, { recursive: true, force: true })
}

function checkMachine(): void {
  if (process.getuid?.() !== 0) throw new Error('The test cluster needs root: it makes network namespaces and mounts.')
  const missing = Object.entries(PROGRAMS).filter(([program]) => !isInstalled(program))
  const packages = missing.map(([, name]) => name)
  if (!existsSync('/usr/lib/cni/bridge')) packages.push('containernetworking-plugins')
  if (!existsSync('/bin/busybox') && !existsSync('/usr/bin/busybox')) packages.push('busybox-static')
  if (packages.length > 0) throw new Error(`Programs are missing. Install them: apt-get install ${packages.join(' ')}`)
}

function isInstalled(program: string): boolean {
  try {
    must('sh', '-c', `command -v ${program}`)
    return true
  } catch {
    return false
  }
}

async function waitForNodes(): Promise<void> {
  for (let attempt = 0; attempt < 240; attempt++) {
    const nodes = await kubectl(['get', 'nodes', '--no-headers']).catch(() => '')
    if (nodes.split('\n').filter((line) => / Ready /.test(line)).length === NETWORK.nodes.length) return
    await sleep(250)
  }
  throw new Error('The nodes did not become Ready.')
}
