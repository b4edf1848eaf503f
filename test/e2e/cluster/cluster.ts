import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildServers } from './build.ts'
import { startControlPlane } from './control-plane.ts'
import { writeImages } from './images.ts'
import { kubectl } from './kubectl.ts'
import {
  createBridge,
  leftOf,
  must,
  NETWORK,
  recordNode,
  removeNode,
  removeRecords,
  removeRest,
  startNode,
} from './node.ts'
import { KUBECONFIG, PLACE, WORK_DIR } from './place.ts'
import { areRunning, readRecord, recordProcess, stopServers } from './processes.ts'

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

/** Is there when `up` has come to its end: servers that run are no cluster yet. */
const COMPLETE = join(WORK_DIR, 'complete')

/** Names the process that is starting the cluster. */
const STARTING = join(WORK_DIR, 'starting')

/** Whether a cluster of this machine is up: all of it, not only what an interrupted start has left. */
export function isUp(): boolean {
  return existsSync(KUBECONFIG) && existsSync(COMPLETE) && areRunning(join(WORK_DIR, 'pids'))
}

/**
 * Starts the control plane and two nodes, and waits until both are Ready; about fifteen seconds. Does nothing when it is up; what an earlier
 * start or end has left half-way is taken down first. `flags` are added to the API server's.
 */
export async function up(flags: readonly string[] = []): Promise<void> {
  if (isUp()) return
  checkMachine()
  await down()
  await mkdir(WORK_DIR, { recursive: true, mode: 0o755 })
  recordProcess(process.pid, STARTING)
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
    await writeFile(COMPLETE, '')
  } catch (error) {
    console.error(`The cluster did not come up; its logs are in ${join(WORK_DIR, 'log')}.`)
    throw error
  } finally {
    await rm(STARTING, { force: true })
  }
}

/** Ends everything that is the cluster's and removes its folder, also after an `up` or a `down` that was killed half-way. */
export async function down(): Promise<void> {
  refuseWhileStarting()
  await rm(COMPLETE, { force: true })
  for (const number of NETWORK.nodes) recordNode(WORK_DIR, number)
  await stopServers(join(WORK_DIR, 'pids'))
  await removeAll()
  removeRecords()
  await rm(WORK_DIR, { recursive: true, force: true })
}

/** Two that start one cluster would take each other's down. */
function refuseWhileStarting(): void {
  const [starter] = readRecord(STARTING)
  if (!starter || starter.pid === process.pid || !areRunning(STARTING)) return
  throw new Error(
    `Process ${starter.pid} is starting the cluster: wait until it has ended, or end it, and run this again.`,
  )
}

/** Again and again, because what holds a namespace or a cgroup may still be dying; some four seconds at most. */
async function removeAll(): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    for (const number of NETWORK.nodes) removeNode(WORK_DIR, number)
    removeRest(WORK_DIR)
    if (leftOf().length === 0) return
    await sleep(200)
  }
  throw new Error(`The cluster has left ${leftOf().join(', ')}: run "npm run cluster -- down" again.`)
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
