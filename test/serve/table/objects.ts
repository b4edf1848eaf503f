/** A manifest as kubectl applies it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown }
  readonly status?: unknown
  readonly [field: string]: unknown
}

/** Everything below is in this namespace, or has it in its name. */
export const NAMESPACE = 'freezeframe-tables'

/** One object or more of each kind that has a table, in the states that its columns tell apart. */
export function listManifests(): readonly Manifest[] {
  return [
    ...pods(),
    ...workloads(),
    ...jobs(),
    ...network(),
    ...storage(),
    ...policies(),
    ...cluster(),
    ...events(),
    ...customResources(),
  ]
}

/** What is deleted once it is there, and stays Terminating because of its finalizer. */
export const LEAVING = [
  ['pod', ['leaving', 'leaving-lost', 'leaving-succeeded']],
  ['pvc', ['leaving']],
  ['resourceclaim', ['leaving']],
] as const

function local(apiVersion: string, kind: string, name: string, body: object = {}, metadata: object = {}): Manifest {
  return { apiVersion, kind, metadata: { name, namespace: NAMESPACE, ...metadata }, ...body }
}

/** Of the whole cluster. */
function global(apiVersion: string, kind: string, name: string, body: object = {}, metadata: object = {}): Manifest {
  return { apiVersion, kind, metadata: { name: `${NAMESPACE}-${name}`, ...metadata }, ...body }
}

const container = (name: string, more: object = {}) => ({ name, image: `example.com/${name}:1`, ...more })
const template = (...names: string[]) => ({
  metadata: { labels: { app: 'table' } },
  spec: { schedulerName: 'nobody', containers: names.map((name) => container(name)) },
})
const selector = { matchLabels: { app: 'table' } }
const FINALIZER = { finalizers: ['example.com/hold'] }

/** Nobody schedules these pods, so that their statuses stay as they are written here. */
function pod(name: string, status: object, spec: object = {}, metadata: object = {}): Manifest {
  const whole = { schedulerName: 'nobody', containers: [container('a'), container('b')], ...spec }
  return local('v1', 'Pod', name, { spec: whole, status: { phase: 'Running', ...status } }, metadata)
}

const ENDED = '2026-01-02T03:04:05Z'
const state = (name: string, now: object, more: object = {}) => ({
  name,
  image: 'i',
  imageID: '',
  ready: false,
  restartCount: 0,
  state: now,
  ...more,
})
const running = (name: string, more: object = {}) =>
  state(name, { running: { startedAt: ENDED } }, { ready: true, started: true, ...more })
const waiting = (name: string, reason: string, more: object = {}) => state(name, { waiting: { reason } }, more)
const terminated = (name: string, end: object, more: object = {}) =>
  state(name, { terminated: { exitCode: 0, finishedAt: ENDED, ...end } }, more)
const died = (count: number, finishedAt: string = ENDED) => ({
  restartCount: count,
  lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt } },
})
const isTrue = (type: string) => ({ type, status: 'True' })

function pods(): Manifest[] {
  const init = { initContainers: [container('first'), container('second')] }
  const sidecar = { initContainers: [container('beside', { restartPolicy: 'Always' }), container('first')] }
  return [
    pod('pending', { phase: 'Pending' }),
    pod('gated', { phase: 'Pending' }, { schedulingGates: [{ name: 'example.com/gate' }] }),
    pod('all-running', {
      containerStatuses: [running('a'), running('b')],
      conditions: [isTrue('Ready')],
      podIP: '10.9.9.9',
      podIPs: [{ ip: '10.9.9.9' }],
    }),
    pod('restarted', { containerStatuses: [running('a', died(3, '2026-01-01T00:00:00Z')), running('b', died(2))] }),
    pod('crashing', { containerStatuses: [waiting('a', 'CrashLoopBackOff', died(4)), running('b')] }),
    pod('waiting-for-no-reason', { containerStatuses: [state('a', { waiting: {} }), running('b')] }),
    pod('one-completed', { containerStatuses: [terminated('a', { reason: 'Completed' }), running('b')] }),
    pod('one-completed-ready', {
      containerStatuses: [terminated('a', { reason: 'Completed' }), running('b')],
      conditions: [isTrue('Ready')],
    }),
    pod('exit-code', { containerStatuses: [terminated('a', { exitCode: 3 }), running('b')] }),
    pod('signal', { containerStatuses: [terminated('a', { exitCode: 137, signal: 9 })] }),
    pod('succeeded', { phase: 'Succeeded' }),
    pod('evicted', { phase: 'Failed', reason: 'Evicted' }),
    pod(
      'init-first',
      {
        phase: 'Pending',
        initContainerStatuses: [state('first', { running: {} }), waiting('second', 'PodInitializing')],
      },
      init,
    ),
    pod(
      'init-second',
      { phase: 'Pending', initContainerStatuses: [terminated('first', {}), waiting('second', 'PodInitializing')] },
      init,
    ),
    pod(
      'init-crashing',
      {
        phase: 'Pending',
        initContainerStatuses: [
          waiting('first', 'CrashLoopBackOff', died(5)),
          waiting('second', 'PodInitializing', died(9)),
        ],
      },
      init,
    ),
    pod(
      'init-error',
      { phase: 'Pending', initContainerStatuses: [terminated('first', { exitCode: 2, reason: 'Error' })] },
      init,
    ),
    pod('init-exit-code', { phase: 'Pending', initContainerStatuses: [terminated('first', { exitCode: 2 })] }, init),
    pod(
      'init-signal',
      { phase: 'Pending', initContainerStatuses: [terminated('first', { exitCode: 137, signal: 9 })] },
      init,
    ),
    pod(
      'init-again',
      {
        conditions: [isTrue('Initialized')],
        initContainerStatuses: [state('first', { running: {} }, died(2))],
        containerStatuses: [running('a', died(1)), running('b')],
      },
      init,
    ),
    pod(
      'sidecar-running',
      {
        initContainerStatuses: [running('beside', died(7)), terminated('first', {}, died(2))],
        containerStatuses: [running('a'), running('b', died(1))],
      },
      sidecar,
    ),
    pod(
      'sidecar-not-ready',
      {
        initContainerStatuses: [running('beside', { ready: false }), terminated('first', {})],
        containerStatuses: [running('a'), running('b')],
      },
      sidecar,
    ),
    pod(
      'sidecar-starting',
      { phase: 'Pending', initContainerStatuses: [state('beside', { running: {} }, { started: false })] },
      sidecar,
    ),
    pod(
      'sidecar-dead',
      { phase: 'Pending', initContainerStatuses: [terminated('beside', { exitCode: 1, reason: 'Error' })] },
      sidecar,
    ),
    pod(
      'gates',
      { conditions: [isTrue('example.com/one')] },
      { readinessGates: [{ conditionType: 'example.com/one' }, { conditionType: 'example.com/two' }] },
    ),
    pod('nominated', { phase: 'Pending', nominatedNodeName: 'table-node' }),
    pod('leaving', { containerStatuses: [running('a'), running('b')] }, {}, FINALIZER),
    pod('leaving-lost', { reason: 'NodeLost' }, {}, FINALIZER),
    pod('leaving-succeeded', { phase: 'Succeeded' }, {}, FINALIZER),
  ]
}

function workloads(): Manifest[] {
  const expressions = [
    { key: 'tier', operator: 'NotIn', values: ['y', 'x'] },
    { key: 'app', operator: 'Exists' },
    { key: 'legacy', operator: 'DoesNotExist' },
    { key: 'app', operator: 'In', values: ['table', 'other'] },
  ]
  return [
    local('apps/v1', 'Deployment', 'plain', { spec: { replicas: 0, selector, template: template('web', 'log') } }),
    local('apps/v1', 'Deployment', 'choosy', {
      spec: { replicas: 0, selector: { ...selector, matchExpressions: expressions }, template: template('web') },
    }),
    local('apps/v1', 'ReplicaSet', 'choosy', {
      spec: { replicas: 0, selector: { ...selector, matchExpressions: expressions }, template: template('web') },
    }),
    local('apps/v1', 'StatefulSet', 'plain', {
      spec: { replicas: 1, serviceName: 'plain', selector, template: template('db', 'log') },
    }),
    local('apps/v1', 'DaemonSet', 'plain', {
      spec: {
        selector,
        template: {
          ...template('agent'),
          spec: { ...template('agent').spec, nodeSelector: { zone: 'none', arch: 'none' } },
        },
      },
    }),
    local('v1', 'ReplicationController', 'plain', {
      spec: {
        replicas: 0,
        selector: { b: '1', app: 'old' },
        template: { ...template('old'), metadata: { labels: { app: 'old', b: '1' } } },
      },
    }),
    local('v1', 'PodTemplate', 'plain', { template: template('one', 'two') }),
    local('apps/v1', 'ControllerRevision', 'nobodys', { revision: 7, data: {} }),
    hpa('none', []),
    hpa('cpu', [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
    ]),
    hpa(
      'many',
      METRICS.map(([spec]) => spec),
      METRICS.map(([, status]) => status),
    ),
    ...METRICS.map(([spec, status], index) => hpa(`metric-${index}`, [spec], [status])),
    ...METRICS.map(([spec], index) => hpa(`metric-${index}-unknown`, [spec])),
  ]
}

function hpa(name: string, metrics: readonly object[], currentMetrics: readonly object[] = []): Manifest {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nobodys' }
  return local('autoscaling/v2', 'HorizontalPodAutoscaler', name, {
    spec: { scaleTargetRef, minReplicas: 2, maxReplicas: 5, ...(metrics.length > 0 ? { metrics } : {}) },
    status: { currentReplicas: 3, desiredReplicas: 3, currentMetrics, conditions: [] },
  })
}

const metric = { name: 'queue' }
const describedObject = { kind: 'Service', name: 'plain' }
const METRICS: readonly (readonly [spec: object, status: object])[] = [
  [
    { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
    { type: 'Resource', resource: { name: 'memory', current: { averageValue: '512Mi', averageUtilization: 3 } } },
  ],
  [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
    { type: 'Resource', resource: { name: 'cpu', current: { averageValue: '100m', averageUtilization: 12 } } },
  ],
  [
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'web', target: { type: 'Utilization', averageUtilization: 60 } },
    },
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'web', current: { averageValue: '1', averageUtilization: 30 } },
    },
  ],
  [
    { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: '1500m' } } },
    { type: 'Pods', pods: { metric, current: { averageValue: '200m' } } },
  ],
  [
    { type: 'Object', object: { metric, describedObject, target: { type: 'Value', value: '2k' } } },
    { type: 'Object', object: { metric, describedObject, current: { value: '1' } } },
  ],
  [
    { type: 'Object', object: { metric, describedObject, target: { type: 'AverageValue', averageValue: '3' } } },
    { type: 'Object', object: { metric, describedObject, current: { averageValue: '4' } } },
  ],
  [
    { type: 'External', external: { metric, target: { type: 'Value', value: '5' } } },
    { type: 'External', external: { metric, current: { value: '6' } } },
  ],
  [
    { type: 'External', external: { metric, target: { type: 'AverageValue', averageValue: '7' } } },
    { type: 'External', external: { metric, current: { averageValue: '8' } } },
  ],
]

/** Managed by nobody, so that no controller writes their statuses. */
function job(name: string, spec: object, status: object, metadata: object = {}): Manifest {
  const work = template('work')
  const whole = {
    managedBy: 'example.com/nobody',
    suspend: true,
    template: { ...work, spec: { ...work.spec, restartPolicy: 'Never' } },
    ...spec,
  }
  return local('batch/v1', 'Job', name, { spec: whole, status }, metadata)
}

function jobs(): Manifest[] {
  const started = { startTime: '2026-01-02T00:00:00Z' }
  const schedule = (spec: object) => ({
    schedule: '5 4 * * *',
    suspend: true,
    jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [container('work')] } } } },
    ...spec,
  })
  const complete = [isTrue('SuccessCriteriaMet'), isTrue('Complete')]
  return [
    job('new', {}, {}),
    job('running', { completions: 5, parallelism: 2 }, { ...started, succeeded: 3 }),
    job('complete', {}, { ...started, completionTime: '2026-01-02T00:02:03Z', succeeded: 1, conditions: complete }),
    job('failed', {}, { ...started, conditions: [isTrue('FailureTarget'), isTrue('Failed')] }),
    job('failing', {}, { ...started, conditions: [isTrue('FailureTarget')] }),
    job('succeeding', {}, { ...started, conditions: [isTrue('SuccessCriteriaMet')] }),
    job('suspended', {}, { conditions: [isTrue('Suspended')] }),
    local('batch/v1', 'CronJob', 'never', { spec: schedule({}) }),
    local('batch/v1', 'CronJob', 'sometimes', {
      spec: schedule({ timeZone: 'Europe/Berlin' }),
      status: { lastScheduleTime: ENDED },
    }),
  ]
}

function network(): Manifest[] {
  const ports = [
    { name: 'http', port: 80, protocol: 'TCP' },
    { name: 'dns', port: 53, protocol: 'UDP' },
  ]
  const balanced = (...ingress: object[]) => ({ loadBalancer: { ingress } })
  const backend = { service: { name: 'plain', port: { number: 80 } } }
  const rule = (host?: string) => ({
    ...(host ? { host } : {}),
    http: { paths: [{ path: '/', pathType: 'Prefix', backend }] },
  })
  const addresses = (count: number) => Array.from({ length: count }, (_, index) => ({ ip: `10.1.0.${index + 1}` }))
  const slice = (name: string, body: object) =>
    local('discovery.k8s.io/v1', 'EndpointSlice', name, { addressType: 'IPv4', endpoints: [], ...body })
  return [
    local('v1', 'Service', 'plain', { spec: { selector: { b: '2', app: 'table' }, ports } }),
    local('v1', 'Service', 'headless', { spec: { clusterIP: 'None' } }),
    local('v1', 'Service', 'named-ips', { spec: { ports, externalIPs: ['192.0.2.7', '192.0.2.8'] } }),
    local('v1', 'Service', 'node-port', { spec: { type: 'NodePort', ports } }),
    local('v1', 'Service', 'external', { spec: { type: 'ExternalName', externalName: 'example.com' } }),
    local('v1', 'Service', 'pending', { spec: { type: 'LoadBalancer', ports } }),
    local('v1', 'Service', 'balanced', {
      spec: { type: 'LoadBalancer', ports, externalIPs: ['192.0.2.9'] },
      status: balanced({ hostname: 'b.very-long-name.elb.example.com' }, { ip: '192.0.2.10' }),
    }),
    local('v1', 'Endpoints', 'empty'),
    local('v1', 'Endpoints', 'not-ready', { subsets: [{ notReadyAddresses: addresses(2), ports: [{ port: 80 }] }] }),
    local('v1', 'Endpoints', 'many', {
      subsets: [
        {
          addresses: addresses(5),
          ports: [
            { name: 'a', port: 80 },
            { name: 'b', port: 81 },
          ],
        },
      ],
    }),
    local('v1', 'Endpoints', 'no-ports', {
      subsets: [{ addresses: [{ ip: '2001:db8::1' }] }, { addresses: addresses(1), ports: [{ port: 9 }] }],
    }),
    local('v1', 'Endpoints', 'six', { subsets: [{ addresses: [{ ip: '2001:db8::1' }], ports: [{ port: 9 }] }] }),
    slice('empty', {}),
    slice('many', {
      ports: [
        { name: 'a', port: 1 },
        { name: 'b', port: 2 },
        { name: 'c', port: 3 },
        { name: 'd', port: 4 },
      ],
      endpoints: [
        { addresses: ['10.1.0.1'] },
        { addresses: ['10.1.0.2'] },
        { addresses: ['10.1.0.3'] },
        { addresses: ['10.1.0.4'] },
      ],
    }),
    slice('any-port', { ports: [{ name: 'any' }], endpoints: [{ addresses: ['10.1.0.1'] }] }),
    local('networking.k8s.io/v1', 'Ingress', 'plain', { spec: { defaultBackend: backend } }),
    local('networking.k8s.io/v1', 'Ingress', 'full', {
      spec: {
        ingressClassName: 'none',
        tls: [{ hosts: ['a.example.com'] }],
        rules: [rule('a.example.com'), rule(), rule('b.example.com'), rule('c.example.com'), rule('d.example.com')],
      },
      status: balanced({ ip: '192.0.2.11' }, { hostname: 'x.example.com' }),
    }),
    local('networking.k8s.io/v1', 'Ingress', 'three', {
      spec: { rules: [rule('a.example.com'), rule('b.example.com'), rule('c.example.com')] },
    }),
    global('networking.k8s.io/v1', 'IngressClass', 'plain', { spec: { controller: 'example.com/none' } }),
    global('networking.k8s.io/v1', 'IngressClass', 'full', {
      spec: {
        controller: 'example.com/none',
        parameters: { apiGroup: 'example.com', kind: 'Settings', name: 'one', scope: 'Cluster' },
      },
    }),
    local('networking.k8s.io/v1', 'NetworkPolicy', 'all', { spec: { podSelector: {} } }),
    local('networking.k8s.io/v1', 'NetworkPolicy', 'some', {
      spec: { podSelector: { ...selector, matchExpressions: [{ key: 'a', operator: 'In', values: ['z', 'y'] }] } },
    }),
  ]
}

function storage(): Manifest[] {
  const volume = {
    capacity: { storage: '1536Mi' },
    accessModes: ['ReadWriteMany', 'ReadWriteOnce', 'ReadOnlyMany'],
    hostPath: { path: '/none' },
  }
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  const beta = (name: string) => ({ annotations: { 'volume.beta.kubernetes.io/storage-class': name } })
  const bound = `${NAMESPACE}-bound`
  return [
    global('v1', 'PersistentVolume', 'free', {
      spec: { ...volume, persistentVolumeReclaimPolicy: 'Retain', storageClassName: 'unclaimed' },
    }),
    global(
      'v1',
      'PersistentVolume',
      'beta',
      { spec: { ...volume, accessModes: ['ReadWriteOncePod'], volumeMode: 'Block' } },
      beta('older'),
    ),
    global('v1', 'PersistentVolume', 'bound', {
      spec: { ...volume, storageClassName: 'absent', claimRef: { namespace: NAMESPACE, name: 'bound' } },
    }),
    local('v1', 'PersistentVolumeClaim', 'bound', {
      spec: { ...claim, storageClassName: 'absent', volumeName: bound },
    }),
    local('v1', 'PersistentVolumeClaim', 'pending', {
      spec: { ...claim, storageClassName: 'absent', volumeMode: 'Block' },
    }),
    local('v1', 'PersistentVolumeClaim', 'beta', { spec: claim }, beta('older')),
    local('v1', 'PersistentVolumeClaim', 'leaving', { spec: { ...claim, storageClassName: 'absent' } }, FINALIZER),
    global('storage.k8s.io/v1', 'StorageClass', 'plain', { provisioner: 'example.com/none' }),
    global(
      'storage.k8s.io/v1',
      'StorageClass',
      'full',
      {
        provisioner: 'example.com/none',
        reclaimPolicy: 'Retain',
        volumeBindingMode: 'WaitForFirstConsumer',
        allowVolumeExpansion: true,
      },
      { annotations: { 'storageclass.beta.kubernetes.io/is-default-class': 'true' } },
    ),
    global('storage.k8s.io/v1', 'VolumeAttributesClass', 'plain', {
      driverName: 'example.com',
      parameters: { iops: '1' },
    }),
    global('storage.k8s.io/v1', 'VolumeAttachment', 'plain', {
      spec: { attacher: 'example.com', nodeName: 'absent', source: { persistentVolumeName: bound } },
    }),
    global('storage.k8s.io/v1', 'CSIDriver', 'plain', { spec: {} }),
    global('storage.k8s.io/v1', 'CSIDriver', 'full', {
      spec: {
        attachRequired: false,
        podInfoOnMount: true,
        storageCapacity: true,
        requiresRepublish: true,
        tokenRequests: [{ audience: 'a' }, { audience: 'b' }],
        volumeLifecycleModes: ['Persistent', 'Ephemeral'],
      },
    }),
    global('storage.k8s.io/v1', 'CSINode', 'plain', { spec: { drivers: [{ name: 'example.com', nodeID: 'a' }] } }),
    local('storage.k8s.io/v1', 'CSIStorageCapacity', 'plain', { storageClassName: 'absent', capacity: '1Gi' }),
  ]
}

function policies(): Manifest[] {
  const webhook = (name: string) => ({
    name: `${name}.example.com`,
    rules: [],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    failurePolicy: 'Ignore',
    clientConfig: { url: 'https://127.0.0.1:1/' },
  })
  const admission = 'admissionregistration.k8s.io/v1'
  const matchConstraints = {
    resourceRules: [
      { apiGroups: ['absent.example.com'], apiVersions: ['v1'], resources: ['absent'], operations: ['CREATE'] },
    ],
  }
  const policyName = `${NAMESPACE}-absent`
  const binding = (name: string, paramRef?: object) =>
    global(admission, 'ValidatingAdmissionPolicyBinding', name, {
      spec: {
        policyName,
        validationActions: ['Audit'],
        ...(paramRef ? { paramRef: { parameterNotFoundAction: 'Allow', ...paramRef } } : {}),
      },
    })
  const roleRef = (kind: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name: 'absent' })
  const subjects = [
    { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'ann' },
    { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'ops' },
    { kind: 'ServiceAccount', namespace: 'x', name: 'robot' },
    { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'bob' },
  ]
  return [
    local('policy/v1', 'PodDisruptionBudget', 'least', { spec: { minAvailable: '50%', selector } }),
    local('policy/v1', 'PodDisruptionBudget', 'most', {
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'absent' } } },
    }),
    local('v1', 'LimitRange', 'plain', {
      spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '9Ti' } }] },
    }),
    local('v1', 'ResourceQuota', 'limits', {
      spec: { scopes: ['Terminating'], hard: { 'limits.cpu': '1500m', 'limits.memory': '1Gi', pods: 9 } },
    }),
    local('v1', 'ResourceQuota', 'plain', {
      spec: {
        hard: {
          'count/secrets': '1k',
          services: '500',
          'requests.storage': '10240Gi',
        },
      },
    }),
    global(admission, 'ValidatingWebhookConfiguration', 'two', { webhooks: [webhook('a'), webhook('b')] }),
    global(admission, 'MutatingWebhookConfiguration', 'none', {}),
    global(admission, 'ValidatingAdmissionPolicy', 'plain', {
      spec: { matchConstraints, validations: [{ expression: 'true' }] },
    }),
    global(admission, 'ValidatingAdmissionPolicy', 'asks', {
      spec: {
        matchConstraints,
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        validations: [{ expression: 'true' }, { expression: 'true' }],
      },
    }),
    binding('plain'),
    binding('named', { name: 'one' }),
    binding('here', { name: 'one', namespace: 'x' }),
    binding('chosen', {
      selector: {
        matchLabels: { b: '2', a: '1' },
        matchExpressions: [{ key: 'c', operator: 'In', values: ['x', 'y'] }],
      },
    }),
    local('rbac.authorization.k8s.io/v1', 'Role', 'plain', { rules: [] }),
    local('rbac.authorization.k8s.io/v1', 'RoleBinding', 'plain', { roleRef: roleRef('Role'), subjects }),
    global('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'plain', {
      roleRef: roleRef('ClusterRole'),
      subjects,
    }),
    global('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', 'dangling', {
      spec: { priorityLevelConfiguration: { name: 'absent' }, matchingPrecedence: 9000 },
    }),
    global('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', 'reject', {
      spec: { type: 'Limited', limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' } } },
    }),
  ]
}

/** A certificate request of nobody in particular. */
const REQUEST =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlITE1ITUNBUUF3RVRFUE1BMEdBMVVFQXd3R2RHRmliR1Z6TUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowRApBUWNEUWdBRW9HYTFWOEJ6aG55NE5aaERPbXBIYWJPZ2JjMHZSdjVPOTZWenVNaFJ3ckY5aWlRdFo2L0FycXdoCkNZUHRMWjlFVUR6emdSdHorMjhPTmJLK1VlTllZYUFBTUFvR0NDcUdTTTQ5QkFNQ0EwZ0FNRVVDSUVEUmoyOUQKdy9MWGs1RTdUS1RjaUtGeno5VzZJQURJUHkrbytjd3ZGa2lCQWlFQWc0SjRoRldxMkpadUR4dHZmQlRhZXVRUwpHc1hNTGhKL0NZaFZQYk5seFkwPQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K'

function cluster(): Manifest[] {
  const request = { request: REQUEST, signerName: 'example.com/none', usages: ['client auth'] }
  const labels = {
    'node-role.kubernetes.io/worker': '',
    'node-role.kubernetes.io/edge': '',
    'kubernetes.io/role': 'old',
  }
  const device = { requests: [{ name: 'one', exactly: { deviceClassName: 'absent' } }] }
  return [
    global(
      'v1',
      'Node',
      'plain',
      {
        spec: { unschedulable: true },
        status: {
          addresses: [
            { type: 'ExternalIP', address: '192.0.2.1' },
            { type: 'Hostname', address: 'x' },
          ],
        },
      },
      { labels },
    ),
    local('v1', 'Secret', 'plain', { type: 'example.com/none', stringData: { a: '1', b: '2' } }),
    local('v1', 'ConfigMap', 'both', { data: { a: '1' }, binaryData: { b: 'AA==', c: 'AA==' } }),
    local('v1', 'ServiceAccount', 'plain', { secrets: [{ name: 'one' }] }),
    global('scheduling.k8s.io/v1', 'PriorityClass', 'plain', { value: 1000, preemptionPolicy: 'Never' }),
    global('node.k8s.io/v1', 'RuntimeClass', 'plain', { handler: 'none' }),
    local('coordination.k8s.io/v1', 'Lease', 'free', { spec: {} }),
    local('coordination.k8s.io/v1', 'Lease', 'held', { spec: { holderIdentity: 'me' } }),
    global('certificates.k8s.io/v1', 'CertificateSigningRequest', 'denied', { spec: request }),
    global('certificates.k8s.io/v1', 'CertificateSigningRequest', 'plain', { spec: request }),
    global('certificates.k8s.io/v1', 'CertificateSigningRequest', 'short', {
      spec: { ...request, expirationSeconds: 7260 },
    }),
    global('certificates.k8s.io/v1', 'CertificateSigningRequest', 'failed', {
      spec: request,
      status: { conditions: [{ type: 'Failed', status: 'True', reason: 'No' }] },
    }),
    global('resource.k8s.io/v1', 'DeviceClass', 'plain', { spec: {} }),
    local('resource.k8s.io/v1', 'ResourceClaim', 'pending', { spec: { devices: device } }),
    local('resource.k8s.io/v1', 'ResourceClaim', 'leaving', { spec: { devices: device } }, FINALIZER),
    local('resource.k8s.io/v1', 'ResourceClaimTemplate', 'plain', { spec: { spec: { devices: device } } }),
    global('resource.k8s.io/v1', 'ResourceSlice', 'plain', {
      spec: {
        driver: 'example.com',
        nodeName: 'absent',
        pool: { name: 'pool', generation: 1, resourceSliceCount: 1 },
        devices: [],
      },
    }),
  ]
}

function events(): Manifest[] {
  const about = { kind: 'Pod', namespace: NAMESPACE, name: 'pending', apiVersion: 'v1' }
  const event = (name: string, body: object) =>
    local('v1', 'Event', name, {
      involvedObject: about,
      reason: 'Tested',
      type: 'Normal',
      message: ' said \n',
      ...body,
    })
  const seen = { firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: ENDED }
  const reporter = { action: 'Test', reportingComponent: 'example.com/tester', reportingInstance: 'one' }
  return [
    event('old', { ...seen, count: 5, source: { component: 'kubelet', host: 'n1' } }),
    event('old-without-host', {
      ...seen,
      source: { component: 'scheduler' },
      involvedObject: { ...about, fieldPath: 'spec.containers{a}' },
    }),
    event('timeless', {}),
    event('new', { ...reporter, eventTime: '2026-01-02T03:04:05.678901Z' }),
    event('series', {
      ...reporter,
      eventTime: '2026-01-02T03:04:05.678901Z',
      series: { count: 8, lastObservedTime: '2026-01-03T03:04:05.678901Z' },
    }),
  ]
}

/** Paths of columns, by type; each is read from every gadget. */
const PATHS: readonly (readonly [type: string, jsonPath: string])[] = [
  ['string', '.spec.text'],
  ['string', '.spec.number'],
  ['string', '.spec.float'],
  ['string', '.spec.tiny'],
  ['string', '.spec.huge'],
  ['string', '.spec.flag'],
  ['string', '.spec.list'],
  ['string', '.spec.map'],
  ['string', '.spec.nothing'],
  ['string', '.spec.absent'],
  ['string', ".metadata.annotations['example\\.com/note']"],
  ['string', '.metadata.annotations.example\\.com/note'],
  ['string', ".metadata.annotations['example.com/note']"],
  ['string', '.spec.list[0]'],
  ['string', '.spec.list[-1]'],
  ['string', '.spec.list[9]'],
  ['string', '.spec.list[1:]'],
  ['string', '.spec.list[*]'],
  ['string', '.spec.list[:-1]'],
  ['string', '.spec.list[::2]'],
  ['string', '.spec.list[2,0]'],
  ['string', '.spec.text[0]'],
  ['string', '.spec.conditions[?(@.type=="Ready")].status'],
  ['string', ".spec.conditions[?(@.type=='Ready')].reason"],
  ['string', '.spec.conditions[?(@.type!="Ready")].type'],
  ['string', '.spec.conditions[?(@.weight>1)].type'],
  ['string', '.spec.conditions[?(@.weight<=1)].type'],
  ['string', '.spec.conditions[?(@.weight=="1")].type'],
  ['string', '.spec.conditions[?(@.reason)].type'],
  ['string', '.spec.conditions[?(@.good==true)].type'],
  ['string', '.spec.map[?(@.x==1)]'],
  ['string', '.spec.one.*'],
  ['string', '.spec..deep'],
  ['string', '.spec.range'],
  ['string', '.'],
  ['integer', '.spec.number'],
  ['integer', '.spec.float'],
  ['integer', '.spec.text'],
  ['number', '.spec.number'],
  ['number', '.spec.float'],
  ['number', '.spec.tiny'],
  ['number', '.spec.flag'],
  ['boolean', '.spec.flag'],
  ['boolean', '.spec.number'],
  ['date', '.metadata.creationTimestamp'],
  ['date', '.spec.date'],
  ['date', '.spec.offset'],
  ['date', '.spec.text'],
  ['date', '.spec.empty'],
  ['date', '.spec.zero'],
  ['date', '.spec.number'],
  ['string', '.spec.[broken'],
  ['string', '.spec.text'],
]

function customResources(): Manifest[] {
  const columns = PATHS.map(([type, jsonPath], index) => ({
    name: `C${index}`,
    type,
    jsonPath,
    ...(index % 2 ? { priority: 1, description: `Column ${index}.` } : {}),
  }))
  const spec = {
    text: 'a<b>&c',
    number: 42,
    float: 1234567.75,
    tiny: 0.00001,
    huge: 12345678901234,
    flag: true,
    list: ['a', 'b', 'c'],
    map: { z: 1, a: { '<': [null, 1.5] } },
    nothing: null,
    conditions: [
      { type: 'Other', weight: 1, good: true },
      { type: 'Ready', status: 'True', reason: 'Fine', weight: 2, good: false },
    ],
    one: { only: 'x' },
    a: { b: [{ deep: 'found' }] },
    date: '2026-01-01T00:00:00Z',
    offset: '2026-01-01T02:00:00.5+02:00',
    empty: '',
    zero: '0001-01-01T00:00:00Z',
    range: 'r',
  }
  return [
    crd('gadgets', 'Gadget', columns),
    crd('bare', 'Bare', []),
    local(`${NAMESPACE}.example.com/v1`, 'Gadget', 'full', { spec }, { annotations: { 'example.com/note': 'noted' } }),
    local(`${NAMESPACE}.example.com/v1`, 'Gadget', 'empty', { spec: {} }),
    local(`${NAMESPACE}.example.com/v1`, 'Gadget', 'wrong', {
      spec: {
        text: 1,
        number: 'x',
        float: '1',
        flag: 'true',
        list: {},
        conditions: 'none',
        map: [],
        date: 'yesterday',
      },
    }),
    local(`${NAMESPACE}.example.com/v1`, 'Bare', 'one'),
  ]
}

function crd(plural: string, kind: string, additionalPrinterColumns: readonly object[]): Manifest {
  const group = `${NAMESPACE}.example.com`
  const schema = {
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { type: 'object', nullable: true, 'x-kubernetes-preserve-unknown-fields': true } },
    },
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind, listKind: `${kind}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema, additionalPrinterColumns }],
    },
  }
}
