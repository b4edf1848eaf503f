import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCertificate, writeKubeconfig } from './certificates.ts'
import { PLACE } from './place.ts'
import { recordProcess, signal, startServer } from './processes.ts'

/** The host's side of the nodes' network. Names and addresses are the test cluster's own. */
export const NETWORK = { bridge: `${PLACE.prefix}0`, host: `${PLACE.network}.1`, nodes: ['1', '2'] } as const

/** Controllers of cgroup v1 that the kubelet and runc use. */
const CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids', 'devices', 'freezer', 'blkio', 'systemd']

const isUnified = existsSync('/sys/fs/cgroup/cgroup.controllers')

interface NodeOptions {
  readonly number: string
  readonly workDir: string
  readonly servers: string
  readonly server: string
}

/** Runs a command as root and fails loudly. */
export function must(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Runs a command whose failure is no news. */
export function may(command: string, ...args: string[]): void {
  try {
    must(command, ...args)
  } catch {
    // What should be removed is not there.
  }
}

/** Makes the bridge that the nodes are joined by. */
export function createBridge(): void {
  must('ip', 'link', 'add', NETWORK.bridge, 'type', 'bridge')
  must('ip', 'addr', 'add', `${NETWORK.host}/24`, 'dev', NETWORK.bridge)
  must('ip', 'link', 'set', NETWORK.bridge, 'up')
}

/** Starts a node: a network namespace, a mount namespace, a containerd, a kubelet and a kube-proxy of its own. */
export async function startNode(options: NodeOptions): Promise<void> {
  const { number, workDir } = options
  const folder = nodeFolder(workDir, number)
  for (const name of ['containerd', 'state', 'run', 'kubelet', 'cni', 'logs'])
    await mkdir(join(folder, name), { recursive: true })
  createNetwork(number)
  createCgroups(number)
  const pki = join(workDir, 'pki')
  const name = nodeName(number)
  await createCertificate(pki, name, `/O=system:nodes/CN=system:node:${name}`, `IP:${address(number)},DNS:${name}`)
  await writeKubeconfig(join(workDir, `${name}.kubeconfig`), { name, server: options.server, pki })
  await writeFile(join(folder, 'containerd.toml'), containerdConfig(folder))
  await writeFile(join(folder, 'cni', '10-test.conflist'), JSON.stringify(cniConfig(number, folder)))
  await writeFile(join(folder, 'kubelet.yaml'), JSON.stringify(kubeletConfig(options, folder)))
  await writeFile(join(folder, 'machine-id'), `${createHash('md5').update(name).digest('hex')}\n`)
  await writeFile(join(folder, 'start.sh'), startScript(options, folder))
  // nsenter, not `ip netns exec`: that one remounts /sys and hides the cgroup mounts from the kubelet.
  startServer('nsenter', [`--net=/var/run/netns/${space(number)}`, 'unshare', '-m', 'bash', join(folder, 'start.sh')], {
    log: join(workDir, 'log', `${name}.log`),
    record: join(workDir, 'pids'),
  })
}

/** Records what a node's script started, so that it is ended with the rest; not what has taken over the id of one that is dead. */
export function recordNode(workDir: string, number: string): void {
  const ours = processesInSpace(number)
  for (const name of ['containerd', 'kubelet', 'kube-proxy']) {
    const file = join(nodeFolder(workDir, number), `${name}.pid`)
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
    if (ours.includes(pid)) recordProcess(pid, join(workDir, 'pids'))
  }
}

/** Runs a command among a node's mounts, where its containerd is the only one. */
export function runInNode(workDir: string, number: string, command: string, ...args: string[]): void {
  const containerd = readFileSync(join(nodeFolder(workDir, number), 'containerd.pid'), 'utf8').trim()
  must('nsenter', `--target=${containerd}`, '--mount', command, ...args)
}

/** Process id of a node's kubelet, for tests that kill it. */
export function kubeletPid(workDir: string, number: string): number {
  return Number(readFileSync(join(nodeFolder(workDir, number), 'kubelet.pid'), 'utf8'))
}

/** Starts a node's kubelet anew with other settings. */
export async function reconfigureKubelet(
  workDir: string,
  number: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  const file = join(nodeFolder(workDir, number), 'kubelet.yaml')
  const start = await endKubelet(workDir, number, 'SIGTERM')
  await writeFile(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...settings }))
  await start()
}

/** Ends a node's kubelet, and only it; the result starts it again. */
export async function endKubelet(workDir: string, number: string, name: NodeJS.Signals): Promise<() => Promise<void>> {
  const folder = nodeFolder(workDir, number)
  const pid = kubeletPid(workDir, number)
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  signal(pid, name)
  while (existsSync(`/proc/${pid}/fd/0`)) await sleep(100)
  return async () => {
    const containerd = readFileSync(join(folder, 'containerd.pid'), 'utf8').trim()
    const started = startServer('nsenter', [`--target=${containerd}`, '--mount', '--net', ...command], {
      log: join(workDir, 'log', `kubelet${number}.log`),
      record: join(workDir, 'pids'),
    })
    await writeFile(join(folder, 'kubelet.pid'), `${started}\n`)
  }
}

/** Gives pods of a node only the first addresses of its range, the bridge's included; containerd sees the new configuration by itself. */
export async function limitPodAddresses(workDir: string, number: string, addresses: number): Promise<void> {
  const folder = nodeFolder(workDir, number)
  const config = cniConfig(number, folder, `${PLACE.pods}.${number}.${addresses}`)
  await writeFile(join(folder, 'cni', '10-test.conflist'), JSON.stringify(config))
}

/**
 * Lets a node lose the packets that begin connections, all but one in so many: what a full table of connections does. Those of the kubelet's
 * own port come through, or nobody could look.
 */
export function dropNewConnections(number: string, oneIn: number): void {
  const probability = String(1 - 1 / oneIn)
  const lost = [
    '-m',
    'conntrack',
    '--ctstate',
    'NEW',
    '-m',
    'statistic',
    '--mode',
    'random',
    '--probability',
    probability,
  ]
  const inside = (...rule: string[]) =>
    must('nsenter', `--net=/var/run/netns/${space(number)}`, 'iptables', '-t', 'mangle', '-I', ...rule)
  inside('PREROUTING', '-p', 'tcp', '!', '--dport', '10250', ...lost, '-j', 'DROP')
  inside('OUTPUT', '-p', 'tcp', '-d', `${PLACE.pods}.0.0/16`, ...lost, '-j', 'DROP')
}

/** Removes what a node leaves when its servers have ended: containers, mounts, namespaces, cgroups. */
export function removeNode(workDir: string, number: string): void {
  endContainers(number)
  for (const pid of processesInSpace(number)) signal(pid, 'SIGKILL')
  for (const mount of mountsBelow(nodeFolder(workDir, number))) may('umount', '-l', mount)
  may('ip', 'netns', 'del', space(number))
  may('ip', 'link', 'del', `${PLACE.prefix}v${number}`)
  for (const root of cgroupsLeft(number)) removeCgroup(root)
}

/** Ends what runs in the work folder (the servers, containerd's shims), and removes the bridge and the pods' network namespaces. */
export function removeRest(workDir: string): void {
  for (const entry of readdirSync('/proc')) {
    if (/^\d+$/.test(entry) && isBelow(cwdOf(entry), workDir)) signal(Number(entry), 'SIGKILL')
  }
  for (const name of podNetworks()) may('ip', 'netns', 'del', name)
  may('ip', 'link', 'del', NETWORK.bridge)
}

/** What of the cluster is still on the machine, outside of its folder. */
export function leftOf(): string[] {
  const links = [NETWORK.bridge, ...NETWORK.nodes.map((number) => `${PLACE.prefix}v${number}`)]
  return [
    ...links.map((name) => `/sys/class/net/${name}`),
    ...NETWORK.nodes.map((number) => `/run/netns/${space(number)}`),
    ...NETWORK.nodes.flatMap(cgroupsLeft),
  ].filter(existsSync)
}

/** Removes what the network plugins noted of the pods, which they do themselves only for pods that are ended in peace. */
export function removeRecords(): void {
  for (const file of podRecords()) {
    rmSync(join(RECORDS, file), { force: true })
    const container = /-([0-9a-f]{64})-/.exec(file)?.[1]
    if (container) rmSync(join(RECORDS, `cni-loopback-${container}-lo`), { force: true })
  }
}

/** Where libcni notes what it gave to which container. */
const RECORDS = '/var/lib/cni/results'

function podRecords(): string[] {
  const ours = NETWORK.nodes.map((number) => `${PLACE.prefix}test${number}-`)
  return existsSync(RECORDS)
    ? readdirSync(RECORDS).filter((file) => ours.some((beginning) => file.startsWith(beginning)))
    : []
}

/** Network namespaces of the pods (cni-<uuid>). */
function podNetworks(): string[] {
  return podRecords().flatMap((file) => {
    const record = readFileSync(join(RECORDS, file), 'utf8')
    return /"(?:netns|sandbox)":"[^"]*\/(cni-[0-9a-f-]+)"/.exec(record)?.[1] ?? []
  })
}

/** Tells a node's containerd where a registry is that has no name here, nor a certificate. */
export async function redirectRegistry(workDir: string, number: string, name: string, url: string): Promise<void> {
  const folder = join(registryFolder(nodeFolder(workDir, number)), name)
  await mkdir(folder, { recursive: true })
  // Without the second part containerd 1.6 overlooks the first.
  const lines = [`server = "${url}"`, `[host."${url}"]`, 'capabilities = ["pull", "resolve"]']
  await writeFile(join(folder, 'hosts.toml'), `${lines.join('\n')}\n`)
}

function registryFolder(folder: string): string {
  return join(folder, 'registries')
}

function nodeName(number: string): string {
  return `${PLACE.node}${number}`
}

function nodeFolder(workDir: string, number: string): string {
  return join(workDir, `node${number}`)
}

function space(number: string): string {
  return `${PLACE.prefix}-node${number}`
}

function address(number: string): string {
  return `${PLACE.network}.1${number}`
}

function createNetwork(number: string): void {
  const inside = (...args: string[]) => must('nsenter', `--net=/var/run/netns/${space(number)}`, ...args)
  must('ip', 'netns', 'add', space(number))
  must('ip', 'link', 'add', `${PLACE.prefix}v${number}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space(number))
  must('ip', 'link', 'set', `${PLACE.prefix}v${number}`, 'master', NETWORK.bridge)
  must('ip', 'link', 'set', `${PLACE.prefix}v${number}`, 'up')
  inside('ip', 'link', 'set', 'lo', 'up')
  inside('ip', 'addr', 'add', `${address(number)}/24`, 'dev', 'eth0')
  inside('ip', 'link', 'set', 'eth0', 'up')
  inside('ip', 'route', 'add', 'default', 'via', NETWORK.host)
  for (const other of NETWORK.nodes) {
    if (other !== number) inside('ip', 'route', 'add', `${PLACE.pods}.${other}.0/24`, 'via', address(other))
  }
  inside('sysctl', '-qw', 'net.ipv4.ip_forward=1')
  must('ip', 'route', 'replace', `${PLACE.pods}.${number}.0/24`, 'via', address(number))
}

function cgroupRoots(number: string): string[] {
  return isUnified
    ? [`/sys/fs/cgroup/${space(number)}`]
    : CONTROLLERS.map((name) => `/sys/fs/cgroup/${name}/${space(number)}`)
}

/** Those of the node, and the one that the kubelet makes where cgroup v2 is beside v1. */
function cgroupsLeft(number: string): string[] {
  return [...cgroupRoots(number), `/sys/fs/cgroup/unified/${space(number)}`]
}

function createCgroups(number: string): void {
  for (const root of cgroupRoots(number)) must('mkdir', '-p', root)
  if (isUnified) {
    may('sh', '-c', 'for c in cpuset cpu io memory pids; do echo +$c >/sys/fs/cgroup/cgroup.subtree_control; done')
    return
  }
  // A new cpuset has neither processors nor memory, and no process may enter it.
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    must('sh', '-c', `cat /sys/fs/cgroup/cpuset/${file} >/sys/fs/cgroup/cpuset/${space(number)}/${file}`)
  }
}

function removeCgroup(root: string): void {
  if (!existsSync(root)) return
  for (const entry of readdirSync(root, { withFileTypes: true }))
    if (entry.isDirectory()) removeCgroup(join(root, entry.name))
  try {
    rmdirSync(root)
  } catch {
    // EBUSY: a process is still dying.
  }
}

function endContainers(number: string): void {
  const root = isUnified ? `/sys/fs/cgroup/${space(number)}` : `/sys/fs/cgroup/pids/${space(number)}`
  if (!existsSync(root)) return
  for (const pid of processesBelow(root)) signal(pid, 'SIGKILL')
}

function processesBelow(root: string): number[] {
  return readdirSync(root, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.name === 'cgroup.procs')
    .flatMap((entry) =>
      readFileSync(join(entry.parentPath, entry.name), 'utf8').split('\n').filter(Boolean).map(Number),
    )
}

/** The longest first, so that what is mounted inside goes before what it is mounted in. */
function mountsBelow(folder: string): string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  return mounts.filter((mount) => mount.startsWith(`${folder}/`)).sort((a, b) => b.length - a.length)
}

/** Processes in a node's network namespace: its servers, whether they were recorded or not. */
function processesInSpace(number: string): number[] {
  const file = `/run/netns/${space(number)}`
  if (!existsSync(file)) return []
  const name = `net:[${statSync(file).ino}]`
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && linkOf(`/proc/${entry}/ns/net`) === name)
    .map(Number)
}

/** Also of a folder that is there no more. */
function isBelow(folder: string, root: string): boolean {
  return folder === root || folder === `${root} (deleted)` || folder.startsWith(`${root}/`)
}

function cwdOf(pid: string): string {
  return linkOf(`/proc/${pid}/cwd`)
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** restrict_oom_score_adj: without CAP_SYS_RESOURCE runc fails with "can't get final child's PID from pipe". */
function containerdConfig(folder: string): string {
  return `version = 2
root = "${folder}/containerd"
state = "${folder}/state"
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.8"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "${registryFolder(folder)}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${folder}/cni"
`
}

function cniConfig(number: string, folder: string, rangeEnd = `${PLACE.pods}.${number}.254`): unknown {
  const subnet = `${PLACE.pods}.${number}.0/24`
  const ipam = { type: 'host-local', dataDir: `${folder}/ipam`, subnet, rangeEnd, routes: [{ dst: '0.0.0.0/0' }] }
  const bridge = { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: true, ipam }
  return {
    cniVersion: '0.4.0',
    name: `${PLACE.prefix}test${number}`,
    plugins: [bridge, { type: 'portmap', capabilities: { portMappings: true } }],
  }
}

function kubeletConfig({ number, workDir }: NodeOptions, folder: string): unknown {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${workDir}/pki/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${space(number)}`,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: ['pods'],
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    volumePluginDir: `${folder}/volumes`,
    tlsCertFile: `${workDir}/pki/${nodeName(number)}.crt`,
    tlsPrivateKeyFile: `${workDir}/pki/${nodeName(number)}.key`,
    resolvConf: '/dev/null',
    evictionHard: { 'nodefs.available': '1%', 'imagefs.available': '1%', 'memory.available': '100Mi' },
    // One workload writes a single line of 200 MB.
    containerLogMaxSize: '1Gi',
    // The back-off of a crash loop is capped early, so that restarts come while tests wait (KEP-4603).
    featureGates: { KubeletCrashLoopBackOffMax: true },
    crashLoopBackOff: { maxContainerRestartPeriod: '10s' },
  }
}

/** Everything of a node that must share its mount namespace; containerd at its default socket, or cAdvisor loses the container labels. */
function startScript({ number, workDir, servers }: NodeOptions, folder: string): string {
  const name = nodeName(number)
  return `set -eu
mkdir -p /run/containerd
mount --make-rprivate /
[ ! -e /etc/machine-id ] || mount --bind '${folder}/machine-id' /etc/machine-id
mount --bind '${folder}/run' /run/containerd
mount --bind '${folder}/logs' /var/log
ln -sf '${workDir}/log/kubelet${number}.log' /var/log/kubelet.log
containerd -c '${folder}/containerd.toml' >'${workDir}/log/containerd${number}.log' 2>&1 &
echo $! >'${folder}/containerd.pid'
for i in $(seq 100); do ctr version >/dev/null 2>&1 && break; sleep 0.1; done
for image in pause busybox; do ctr -n k8s.io image import '${workDir}'/$image.tar >/dev/null; done
mount --make-rshared /
'${servers}' kubelet --kubeconfig='${workDir}/${name}.kubeconfig' --config='${folder}/kubelet.yaml' --root-dir='${folder}/kubelet' \\
  --hostname-override=${name} --node-ip=${address(number)} >'${workDir}/log/kubelet${number}.log' 2>&1 &
echo $! >'${folder}/kubelet.pid'
'${servers}' kube-proxy --kubeconfig='${workDir}/proxy.kubeconfig' --hostname-override=${name} --proxy-mode=iptables \\
  --cluster-cidr=${PLACE.pods}.0.0/16 --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 \\
  --conntrack-tcp-timeout-close-wait=0 >'${workDir}/log/kube-proxy${number}.log' 2>&1 &
echo $! >'${folder}/kube-proxy.pid'
wait
`
}
