import { createHash } from 'node:crypto'
import type { Size } from './load.ts'

/** Objects as real clusters hold them: the fields that the kubelet and the controllers fill, 8 to 12 KB a pod with its managedFields. */

const WORKLOADS_PER_NAMESPACE = 10

/** A hash that looks generated and is the same in every run. */
function hex(seed: string, length: number): string {
  return createHash('sha256').update(seed).digest('hex').slice(0, length)
}

function namespaceName(n: number): string {
  return `team-${String(n).padStart(3, '0')}`
}

function nodeName(n: number): string {
  return `ip-10-${(n >> 8) & 255}-${n & 255}-${(n * 7) % 250}.eu-central-1.compute.internal`
}

/** Namespace number n. */
export function namespaceOf(n: number) {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespaceName(n),
      labels: { team: namespaceName(n), tier: n % 3 === 0 ? 'critical' : 'standard' },
    },
  }
}

/** Node number n: ready, with conditions, capacity and thirty images; nothing listens at its address. */
export function nodeOf(n: number) {
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    message: `kubelet reports ${reason}`,
    lastHeartbeatTime: '2026-01-31T09:00:00Z',
    lastTransitionTime: '2026-01-30T09:00:00Z',
  })
  const capacity = { cpu: '16', memory: '64315628Ki', pods: '110', 'ephemeral-storage': '104845292Ki' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: nodeName(n),
      labels: {
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': nodeName(n),
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': 'm6i.4xlarge',
        'topology.kubernetes.io/region': 'eu-central-1',
        'topology.kubernetes.io/zone': `eu-central-1${'abc'[n % 3]}`,
      },
      annotations: { 'node.alpha.kubernetes.io/ttl': '300' },
    },
    spec: { providerID: `aws:///eu-central-1${'abc'[n % 3]}/i-0${hex(`node${n}`, 16)}` },
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      allocatable: capacity,
      capacity,
      conditions: [
        condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
        condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
        condition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
        condition('Ready', 'True', 'KubeletReady'),
      ],
      images: Array.from({ length: 30 }, (_, i) => ({
        names: [
          `registry.example.com/shop/service-${i}@sha256:${hex(`image${i}`, 64)}`,
          `registry.example.com/shop/service-${i}:v1.${i}.${n % 7}`,
        ],
        sizeBytes: 50_000_000 + i * 1_234_567,
      })),
      nodeInfo: {
        architecture: 'amd64',
        bootID: hex(`boot${n}`, 32),
        containerRuntimeVersion: 'containerd://1.7.27',
        kernelVersion: '6.1.141-155.222.amzn2023.x86_64',
        kubeProxyVersion: 'v1.34.4',
        kubeletVersion: 'v1.34.4',
        machineID: hex(`machine${n}`, 32),
        operatingSystem: 'linux',
        osImage: 'Amazon Linux 2023.8.20250707',
        systemUUID: hex(`uuid${n}`, 32),
      },
    },
  }
}

/** Pod number n: an application with a sidecar, environment, probes and volumes, bound to a node. */
export function podOf(n: number, size: Size) {
  const namespace = namespaceName(n % size.namespaces)
  const workload = `service-${Math.floor(n / size.namespaces) % WORKLOADS_PER_NAMESPACE}`
  const replicaSet = `${workload}-${hex(namespace + workload, 10)}`
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${replicaSet}-${hex(`pod${n}`, 5)}`,
      namespace,
      labels: {
        app: workload,
        'app.kubernetes.io/name': workload,
        'app.kubernetes.io/version': `v1.${n % 40}.0`,
        'pod-template-hash': hex(namespace + workload, 10),
      },
      annotations: {
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': '9090',
        'example.com/config-checksum': hex(`config${n}`, 64),
      },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: replicaSet,
          uid: uuid(namespace + replicaSet),
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      nodeName: nodeName(n % size.nodes),
      serviceAccountName: workload,
      containers: [application(workload, n), sidecar()],
      volumes: [
        { name: 'config', configMap: { name: `${workload}-config` } },
        { name: 'cache', emptyDir: { sizeLimit: '1Gi' } },
        { name: 'tls', secret: { secretName: `${workload}-tls` } },
      ],
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 100,
              podAffinityTerm: {
                topologyKey: 'kubernetes.io/hostname',
                labelSelector: { matchLabels: { app: workload } },
              },
            },
          ],
        },
      },
    },
  }
}

function application(workload: string, n: number) {
  return {
    name: 'app',
    image: `registry.example.com/shop/${workload}:v1.${n % 40}.0`,
    args: ['serve', '--listen=:8080', `--shard=${n % 64}`, '--log-format=json'],
    ports: [
      { name: 'http', containerPort: 8080 },
      { name: 'metrics', containerPort: 9090 },
    ],
    env: [
      { name: 'DATABASE_HOST', value: `db-${n % 5}.data.svc.cluster.local` },
      { name: 'DATABASE_USER', value: workload },
      { name: 'DATABASE_PASSWORD', value: hex(`password${n}`, 20) },
      { name: 'REQUEST_TIMEOUT', value: '30s' },
      { name: 'QUEUE_URL', value: `https://queue.example.com/${workload}` },
      { name: 'FEATURES', value: `checkout-v2,search-${hex(`feature${n}`, 6)}` },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'API_TOKEN', valueFrom: { secretKeyRef: { name: `${workload}-token`, key: 'token' } } },
    ],
    resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } },
    livenessProbe: { httpGet: { path: '/livez', port: 'http' }, periodSeconds: 10, failureThreshold: 3 },
    readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 5, failureThreshold: 3 },
    volumeMounts: [
      { name: 'config', mountPath: '/etc/service', readOnly: true },
      { name: 'cache', mountPath: '/var/cache/service' },
      { name: 'tls', mountPath: '/etc/tls', readOnly: true },
    ],
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  }
}

function sidecar() {
  return {
    name: 'proxy',
    image: 'registry.example.com/mesh/proxy:v2.11.0',
    args: ['--concurrency=2', '--upstream=127.0.0.1:8080'],
    ports: [{ name: 'mesh', containerPort: 15_001 }],
    env: [
      { name: 'MESH_ID', value: 'production' },
      { name: 'TRACE_SAMPLING', value: '0.01' },
    ],
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    readinessProbe: { httpGet: { path: '/ready', port: 15_001 }, periodSeconds: 5 },
  }
}

/** What the kubelet writes of pod number n: one in a hundred restarted, the rest is fine. */
export function podStatusOf(n: number) {
  const restarted = n % 100 === 7
  const at = '2026-01-31T08:00:00Z'
  const container = (name: string) => ({
    name,
    ready: true,
    started: true,
    restartCount: restarted && name === 'app' ? 3 : 0,
    image: `registry.example.com/shop/${name}:v1.${n % 40}.0`,
    imageID: `registry.example.com/shop/${name}@sha256:${hex(`${name}${n % 40}`, 64)}`,
    containerID: `containerd://${hex(`${name}-container${n}`, 64)}`,
    state: { running: { startedAt: at } },
    lastState:
      restarted && name === 'app'
        ? { terminated: { exitCode: 137, reason: 'OOMKilled', startedAt: at, finishedAt: at } }
        : {},
  })
  const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: at })
  return {
    status: {
      phase: 'Running',
      hostIP: '127.0.0.1',
      podIP: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
      podIPs: [{ ip: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}` }],
      qosClass: 'Burstable',
      startTime: at,
      conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(
        condition,
      ),
      containerStatuses: [container('app'), container('proxy')],
    },
  }
}

/** Event number n, about pod number n: mostly the noise of starting, one in ten a warning. */
export function eventOf(n: number, size: Size) {
  const pod = podOf(n % size.pods, size)
  const warning = n % 10 === 3
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${pod.metadata.name}.${hex(`event${n}`, 16)}`, namespace: pod.metadata.namespace },
    involvedObject: {
      apiVersion: 'v1',
      kind: 'Pod',
      name: pod.metadata.name,
      namespace: pod.metadata.namespace,
      uid: uuid(`pod${n}`),
      fieldPath: 'spec.containers{app}',
    },
    type: warning ? 'Warning' : 'Normal',
    reason: warning ? 'Unhealthy' : 'Pulled',
    message: warning
      ? `Readiness probe failed: Get "http://10.0.${(n >> 8) & 255}.${n & 255}:8080/readyz": context deadline exceeded`
      : `Container image "registry.example.com/shop/${pod.metadata.labels.app}:v1.${n % 40}.0" already present on machine`,
    source: { component: 'kubelet', host: pod.spec.nodeName },
    reportingComponent: 'kubelet',
    reportingInstance: pod.spec.nodeName,
    firstTimestamp: '2026-01-31T08:00:00Z',
    lastTimestamp: '2026-01-31T08:30:00Z',
    count: 1 + (n % 17),
  }
}

function uuid(seed: string): string {
  return hex(seed, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
