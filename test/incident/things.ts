import { ago, type Thing } from './scene.ts'

/** Anything that is laid over a made object: objects are merged, everything else replaced. */
type Patch = Readonly<Record<string, unknown>>

/** `shop/web-7d4` is a name in a namespace, `web` one without. */
function meta(place: string, created: number): Record<string, unknown> {
  const [namespace, name] = place.includes('/') ? place.split('/') : [undefined, place]
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    uid: `uid-${name}`,
    creationTimestamp: ago(created),
  }
}

/**
 * A healthy running pod, an hour old: `pod('shop/web-7d4f8-abcde', { owner: 'ReplicaSet/web-7d4f8' })`. `containers` names what differs of
 * each container: `{ name, image, spec: {…}, status: {…} }`; `status` and `spec` are merged into the pod's.
 */
export function pod(
  place: string,
  options: {
    owner?: string
    node?: string
    created?: number
    labels?: Record<string, string>
    containers?: readonly { name?: string; image?: string; spec?: Patch; status?: Patch }[]
    spec?: Patch
    status?: Patch
    metadata?: Patch
    ready?: boolean
  } = {},
): Thing {
  const { owner, node = 'node-1', created = 3600, labels = {}, containers = [{}], ready = true } = options
  const [kind, name] = owner?.split('/') ?? []
  const hash = kind === 'ReplicaSet' ? { 'pod-template-hash': name?.split('-').at(-1) } : {}
  const owners = owner
    ? [{ apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1', kind, name, uid: `uid-${name}`, controller: true }]
    : []
  const base = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...meta(place, created), labels: { ...hash, ...labels }, ownerReferences: owners },
    spec: {
      nodeName: node,
      serviceAccountName: 'default',
      priority: 0,
      containers: containers.map(({ name = 'app', image = 'registry.example/web:1', spec = {} }) => ({
        name,
        image,
        resources: {},
        ...spec,
      })),
    },
    status: {
      phase: 'Running',
      qosClass: 'BestEffort',
      podIP: '10.244.0.10',
      startTime: ago(created),
      conditions: [
        { type: 'PodScheduled', status: 'True', lastTransitionTime: ago(created) },
        { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: ago(Math.max(0, created - 10)) },
      ],
      containerStatuses: containers.map(({ name = 'app', image = 'registry.example/web:1', status = {} }) => ({
        name,
        image,
        ready,
        restartCount: 0,
        started: true,
        state: { running: { startedAt: ago(Math.max(0, created - 5)) } },
        ...status,
      })),
    },
  }
  return merge(base, {
    metadata: options.metadata ?? {},
    spec: options.spec ?? {},
    status: options.status ?? {},
  }) as Thing
}

/** The status of a container that waits in a crash loop after such an end. */
export function crashed(
  options: { reason?: string; exitCode?: number; restarts?: number; at?: number; message?: string } = {},
): Patch {
  const { reason = 'Error', exitCode = 1, restarts = 5, at = 60, message } = options
  return {
    ready: false,
    started: false,
    restartCount: restarts,
    state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 2m40s restarting failed container=app' } },
    lastState: {
      terminated: {
        reason,
        exitCode,
        startedAt: ago(at + 5),
        finishedAt: ago(at),
        ...(message === undefined ? {} : { message }),
      },
    },
  }
}

/** An event, `count` times between `first` and `last` seconds ago: `event('shop', 'Pod/web-1', 'BackOff', '…')`. */
export function event(
  namespace: string,
  about: string,
  reason: string,
  message: string,
  options: {
    type?: string
    count?: number
    first?: number
    last?: number
    component?: string
    host?: string
    container?: string
  } = {},
): Thing {
  const [kind, name] = about.split('/')
  const { type = 'Warning', count = 1, last = 60, first = last, component = 'kubelet', host, container } = options
  number++
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${name}.${number}`,
      namespace: namespace || 'default',
      uid: `uid-event-${number}`,
      creationTimestamp: ago(first),
    },
    involvedObject: {
      kind,
      name,
      ...(namespace === '' ? {} : { namespace }),
      uid: `uid-${name}`,
      ...(container === undefined ? {} : { fieldPath: `spec.containers{${container}}` }),
    },
    reason,
    message,
    type,
    count,
    firstTimestamp: ago(first),
    lastTimestamp: ago(last),
    source: { component, ...(host === undefined ? {} : { host }) },
  }
}

let number = 0

/** A Ready node, a week old. */
export function node(name: string, patch: Patch = {}): Thing {
  const condition = (type: string, status: string, reason: string) => ({
    type,
    status,
    reason,
    message: '',
    lastHeartbeatTime: ago(20),
    lastTransitionTime: ago(604_800),
  })
  const base = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      ...meta(name, 604_800),
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/zone': 'zone-a',
      },
    },
    spec: {},
    status: {
      allocatable: { cpu: '4', memory: '16Gi', pods: '110', 'ephemeral-storage': '80Gi' },
      capacity: { cpu: '4', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' },
      nodeInfo: {
        architecture: 'amd64',
        kernelVersion: '6.1.0',
        osImage: 'Linux',
        containerRuntimeVersion: 'containerd://2.0.0',
        kubeletVersion: 'v1.34.4',
      },
      conditions: [
        condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
        condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
        condition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
        condition('Ready', 'True', 'KubeletReady'),
      ],
    },
  }
  return merge(base, patch) as Thing
}

/** A Deployment, StatefulSet or DaemonSet that has what it wants, unless the patch says otherwise. */
export function workload(
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet',
  place: string,
  patch: Patch = {},
  replicas = 1,
): Thing {
  const name = place.split('/').at(-1) ?? ''
  const labels = { app: name }
  const base = {
    apiVersion: 'apps/v1',
    kind,
    metadata: { ...meta(place, 604_800), generation: 1, labels },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas }),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'registry.example/web:1' }] } },
    },
    status:
      kind === 'DaemonSet'
        ? {
            desiredNumberScheduled: replicas,
            numberReady: replicas,
            currentNumberScheduled: replicas,
            observedGeneration: 1,
          }
        : {
            replicas,
            readyReplicas: replicas,
            updatedReplicas: replicas,
            availableReplicas: replicas,
            observedGeneration: 1,
          },
  }
  return merge(base, patch) as Thing
}

/** A generation of a Deployment: `replicaSet('shop/web-7d4f8', 'web', 3)`. */
export function replicaSet(place: string, deployment: string, revision: number, patch: Patch = {}): Thing {
  const name = place.split('/').at(-1) ?? ''
  const base = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      ...meta(place, 86_400),
      annotations: { 'deployment.kubernetes.io/revision': String(revision) },
      labels: { app: deployment, 'pod-template-hash': name.split('-').at(-1) },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'Deployment', name: deployment, uid: `uid-${deployment}`, controller: true },
      ],
    },
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'app', image: 'registry.example/web:1' }] } } },
    status: { replicas: 1, readyReplicas: 1 },
  }
  return merge(base, patch) as Thing
}

/** A Service that selects `app: <name>`. */
export function service(place: string, patch: Patch = {}): Thing {
  const name = place.split('/').at(-1) ?? ''
  const base = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta(place, 604_800),
    spec: {
      type: 'ClusterIP',
      clusterIP: '10.96.0.20',
      selector: { app: name },
      ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
    },
  }
  return merge(base, patch) as Thing
}

/** The EndpointSlice of a Service, with such pods: `endpointSlice('shop/web', [{ pod: 'web-1', ready: true }])`. */
export function endpointSlice(
  place: string,
  endpoints: readonly { pod: string; ready: boolean; node?: string }[],
): Thing {
  const name = place.split('/').at(-1) ?? ''
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...meta(`${place}-x1`, 604_800), labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: endpoints.map(({ pod: target, ready, node: nodeName = 'node-1' }, index) => ({
      addresses: [`10.244.0.${10 + index}`],
      conditions: { ready, serving: ready, terminating: false },
      nodeName,
      targetRef: { kind: 'Pod', name: target, namespace: place.split('/')[0] },
    })),
  }
}

/** Any other object: `thing('v1', 'ConfigMap', 'shop/settings', { data: {} })`. */
export function thing(apiVersion: string, kind: string, place: string, patch: Patch = {}): Thing {
  return merge({ apiVersion, kind, metadata: meta(place, 604_800) }, patch) as Thing
}

/** A Deployment of the namespace `shop` with one pod that is a day old, and the Service before it. */
export function served(name: string, options: Parameters<typeof pod>[1] = {}): readonly Thing[] {
  return [
    workload('Deployment', `shop/${name}`),
    pod(`shop/${name}-6c8f7d9b5-abcde`, {
      owner: `ReplicaSet/${name}-6c8f7d9b5`,
      created: 90_000,
      labels: { app: name },
      ...options,
    }),
    service(`shop/${name}`),
    endpointSlice(`shop/${name}`, [{ pod: `${name}-6c8f7d9b5-abcde`, ready: true }]),
  ]
}

/** An entry of managedFields, so many seconds ago: `wrote('kubectl-edit', 30, { 'f:data': {} })`. */
export function wrote(
  manager: string,
  seconds: number,
  fieldsV1: Patch,
  operation = 'Update',
  subresource?: string,
): Patch {
  return {
    manager,
    operation,
    time: ago(seconds),
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource === undefined ? {} : { subresource }),
  }
}

function merge(base: unknown, patch: unknown): unknown {
  if (!isPlain(base) || !isPlain(patch)) return patch
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(patch)) merged[key] = key in base ? merge(base[key], value) : value
  return merged
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
