import { machineFiles } from '../incident/node-files.ts'
import { ago, type Scene, type Thing } from '../incident/scene.ts'
import { crashed, endpointSlice, event, node, pod, replicaSet, service, thing, workload } from '../incident/things.ts'

const DAYS = 259_200
const MONTHS = 9_000_000

const PODS = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }]

/** What every cluster has lying about, and nobody suffers from. */
export const noise: Readonly<Record<string, readonly Thing[]>> = {
  'with nothing to tell of': [],
  'with a pod that restarted long ago': [
    pod('shop/web-6b7c8d9f5-abcde', {
      owner: 'ReplicaSet/web-6b7c8d9f5',
      created: 400_000,
      containers: [
        {
          status: {
            restartCount: 3,
            lastState: {
              terminated: { reason: 'OOMKilled', exitCode: 137, startedAt: ago(300_000), finishedAt: ago(200_000) },
            },
          },
        },
      ],
    }),
  ],
  'with warnings that are over': [
    pod('shop/web-6b7c8d9f5-abcde', { owner: 'ReplicaSet/web-6b7c8d9f5', created: 3000 }),
    event(
      'shop',
      'Pod/web-6b7c8d9f5-abcde',
      'Unhealthy',
      'Readiness probe failed: HTTP probe failed with statuscode: 503',
      { count: 3, first: 2990, last: 2970 },
    ),
    event(
      'shop',
      'Pod/web-6b7c8d9f5-abcde',
      'FailedScheduling',
      '0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
      { first: 2999, last: 2999, component: 'default-scheduler' },
    ),
    event('', 'Node/node-1', 'InvalidDiskCapacity', 'invalid capacity 0 on image filesystem', {
      first: 3500,
      last: 3500,
    }),
  ],
  'in the middle of a rollout': [
    workload(
      'Deployment',
      'shop/web',
      {
        status: {
          readyReplicas: 3,
          updatedReplicas: 1,
          replicas: 4,
          unavailableReplicas: 1,
          conditions: [
            {
              type: 'Progressing',
              status: 'True',
              reason: 'ReplicaSetUpdated',
              message: 'ReplicaSet "web-7b7c8d9f5" is progressing.',
              lastTransitionTime: ago(20),
            },
          ],
        },
      },
      3,
    ),
    replicaSet('shop/web-6b7c8d9f5', 'web', 1, { spec: { replicas: 3 }, status: { readyReplicas: 3 } }),
    replicaSet('shop/web-7b7c8d9f5', 'web', 2, {
      metadata: { creationTimestamp: ago(20) },
      spec: { replicas: 1, template: { spec: { containers: [{ name: 'app', image: 'registry.example/web:2' }] } } },
      status: { readyReplicas: 0 },
    }),
    pod('shop/web-6b7c8d9f5-aaaaa', { owner: 'ReplicaSet/web-6b7c8d9f5' }),
    pod('shop/web-6b7c8d9f5-bbbbb', { owner: 'ReplicaSet/web-6b7c8d9f5', node: 'node-2' }),
    pod('shop/web-7b7c8d9f5-ccccc', {
      owner: 'ReplicaSet/web-7b7c8d9f5',
      created: 15,
      ready: false,
      status: {
        phase: 'Pending',
        containerStatuses: [
          { name: 'app', ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } },
        ],
      },
    }),
    pod('shop/web-6b7c8d9f5-ddddd', {
      owner: 'ReplicaSet/web-6b7c8d9f5',
      metadata: { deletionTimestamp: ago(-20), deletionGracePeriodSeconds: 30 },
    }),
  ],
  'with finished jobs, one of which failed once yesterday': [
    thing('batch/v1', 'Job', 'ops/report-1', {
      status: { succeeded: 1, conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: ago(2000) }] },
    }),
    thing('batch/v1', 'Job', 'ops/report-0', {
      status: {
        failed: 1,
        conditions: [
          { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', lastTransitionTime: ago(90_000) },
        ],
      },
    }),
    pod('ops/report-1-abcde', {
      owner: 'Job/report-1',
      ready: false,
      status: {
        phase: 'Succeeded',
        containerStatuses: [
          {
            name: 'app',
            ready: false,
            restartCount: 0,
            state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: ago(2000) } },
          },
        ],
        conditions: [{ type: 'Ready', status: 'False', reason: 'PodCompleted', lastTransitionTime: ago(2000) }],
      },
    }),
    pod('ops/report-0-abcde', {
      owner: 'Job/report-0',
      ready: false,
      status: {
        phase: 'Failed',
        containerStatuses: [
          {
            name: 'app',
            ready: false,
            restartCount: 0,
            state: { terminated: { exitCode: 1, reason: 'Error', finishedAt: ago(90_000) } },
          },
        ],
      },
    }),
  ],
  'with one restart half an hour ago': [
    pod('shop/web-6b7c8d9f5-abcde', {
      owner: 'ReplicaSet/web-6b7c8d9f5',
      containers: [
        {
          status: {
            ...crashed({ restarts: 1, at: 1800 }),
            ready: true,
            state: { running: { startedAt: ago(1790) } },
          },
        },
      ],
    }),
  ],
  'with a node that is drained for maintenance': [
    node('node-3', {
      spec: {
        unschedulable: true,
        taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', timeAdded: ago(600) }],
      },
    }),
  ],
  'with a container that restarted some days ago, and is well since': deployed('idle/api', {
    status: restarted({ restarts: 14, at: DAYS, reason: 'OOMKilled', exitCode: 137 }),
  }),
  'with a container that was killed at its limit once, forty minutes ago': deployed('once/api', {
    spec: { resources: { limits: { memory: '1Gi' } } },
    status: restarted({ restarts: 1, at: 2400, reason: 'OOMKilled', exitCode: 137 }),
  }),
  'with a crash loop that ended half an hour ago, and its events': [
    ...deployed('loop/api', { status: restarted({ restarts: 6, at: 1800 }) }),
    event('loop', 'Pod/api-7b8c9d5f6-aaaaa', 'BackOff', 'Back-off restarting failed container app in pod api_loop(x)', {
      count: 20,
      first: 3400,
      last: 1900,
    }),
  ],
  'with Jobs that came to their end, one of them at the second try': [
    job('batch/done', { succeeded: 1, completionTime: ago(380) }, 'Complete', 380),
    ended('batch/done-abcde', 'Succeeded', { reason: 'Completed', exitCode: 0, at: 380 }),
    job('batch/retried', { failed: 1, succeeded: 1, completionTime: ago(1000) }, 'Complete', 1000),
    ended('batch/retried-abcde', 'Failed', { reason: 'Error', exitCode: 1, at: 1300 }),
    ended('batch/retried-abcdf', 'Succeeded', { reason: 'Completed', exitCode: 0, at: 1000 }),
  ],
  'with a Job that failed last week, and its pod': [
    job('batch/old', { failed: 4 }, 'Failed', 604_800),
    ended('batch/old-abcde', 'Failed', { reason: 'Error', exitCode: 1, at: 604_900 }),
  ],
  'with custom resources that nobody uses and that are not well': [
    custom('example.io/v1', 'Widget', 'lab/widget', 'Ready', 'NeverWorked', MONTHS),
    custom('example.io/v1', 'Widget', 'lab/fresh', 'Available', 'NotYet', 900),
    custom('external-secrets.io/v1', 'ExternalSecret', 'lab/token', 'Ready', 'SecretSyncedError', MONTHS),
  ],
  'with custom resources whose phases are normal, pass by themselves or are history': [
    phased('velero.io/v1', 'BackupStorageLocation', { phase: 'Available' }),
    phased('velero.io/v1', 'Backup', { phase: 'PartiallyFailed', completionTimestamp: ago(MONTHS) }),
    phased('argoproj.io/v1alpha1', 'Application', { sync: { status: 'OutOfSync' }, health: { status: 'Progressing' } }),
    phased('ceph.rook.io/v1', 'CephCluster', { phase: 'Ready', ceph: { health: 'HEALTH_WARN' } }),
    phased('postgresql.cnpg.io/v1', 'Cluster', { phase: 'Cluster in healthy state' }),
  ],
  'with certificates that expired and nobody uses': [certificate('lab/old', MONTHS), certificate('lab/now', 300)],
  'with an API that has not answered for months': [
    thing('apiregistration.k8s.io/v1', 'APIService', 'v1beta1.custom.metrics.k8s.io', {
      spec: { group: 'custom.metrics.k8s.io', version: 'v1beta1', service: { namespace: 'lab', name: 'adapter' } },
      status: {
        conditions: [
          condition('Available', 'False', 'ServiceNotFound', MONTHS, 'service/adapter in "lab" is not present'),
        ],
      },
    }),
  ],
  'with workloads that are scaled to zero': [
    workload('Deployment', 'zero/api', {}, 0),
    replicaSet('zero/api-7b8c9d5f6', 'api', 1, { spec: { replicas: 0 }, status: { replicas: 0, readyReplicas: 0 } }),
    service('zero/api'),
    endpointSlice('zero/api', []),
    workload('StatefulSet', 'zero/db', {}, 0),
  ],
  'with a CronJob that is suspended for months': [
    thing('batch/v1', 'CronJob', 'batch/report', {
      spec: { suspend: true, schedule: '*/5 * * * *' },
      status: { lastScheduleTime: ago(MONTHS), lastSuccessfulTime: ago(MONTHS - 60) },
    }),
  ],
  'with a node that takes no pods and has none': [
    node('node-8', {
      spec: {
        unschedulable: true,
        taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', timeAdded: ago(90_000) }],
      },
    }),
  ],
  'with a node that went away months ago and is still listed': [
    node('node-9', {
      status: {
        conditions: [
          condition('Ready', 'Unknown', 'NodeStatusUnknown', MONTHS, 'Kubelet stopped posting node status.'),
        ],
      },
    }),
  ],
  'with a budget that allows no disruption of a single pod': [
    ...deployed('budget/api'),
    thing('policy/v1', 'PodDisruptionBudget', 'budget/api', {
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'api' } } },
      status: {
        disruptionsAllowed: 0,
        currentHealthy: 1,
        desiredHealthy: 1,
        expectedPods: 1,
        conditions: [condition('DisruptionAllowed', 'False', 'InsufficientPods', DAYS)],
      },
    }),
  ],
  'with a webhook to nowhere that may fail, and one that nobody meets': [
    webhook('lab-ignored', 'Ignore'),
    webhook('lab-unmet', 'Fail', [
      { apiGroups: ['example.io'], apiVersions: ['*'], operations: ['*'], resources: ['widgets'] },
    ]),
  ],
  'with an autoscaler at its maximum, and the load carried': [
    ...deployed('maxed/api'),
    thing('autoscaling/v2', 'HorizontalPodAutoscaler', 'maxed/api', {
      spec: {
        minReplicas: 1,
        maxReplicas: 1,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
        ],
      },
      status: {
        currentReplicas: 1,
        desiredReplicas: 1,
        currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 71 } } }],
        conditions: [
          condition('AbleToScale', 'True', 'ReadyForNewScale', DAYS),
          condition('ScalingActive', 'True', 'ValidMetricFound', DAYS),
          condition(
            'ScalingLimited',
            'True',
            'TooManyReplicas',
            DAYS,
            'the desired replica count is more than the maximum replica count',
          ),
        ],
      },
    }),
  ],
  'with claims that no pod uses': [
    thing('storage.k8s.io/v1', 'StorageClass', 'lazy', {
      provisioner: 'disk.csi.example',
      volumeBindingMode: 'WaitForFirstConsumer',
    }),
    thing('v1', 'PersistentVolumeClaim', 'lab/later', {
      spec: { storageClassName: 'lazy', accessModes: ['ReadWriteOnce'] },
      status: { phase: 'Pending' },
    }),
    event(
      'lab',
      'PersistentVolumeClaim/later',
      'WaitForFirstConsumer',
      'waiting for first consumer to be created before binding',
      { type: 'Normal', count: 100, first: 3000, last: 5 },
    ),
    thing('v1', 'PersistentVolumeClaim', 'lab/forgotten', {
      metadata: { creationTimestamp: ago(MONTHS) },
      spec: { storageClassName: 'gone', accessModes: ['ReadWriteOnce'] },
      status: { phase: 'Pending' },
    }),
    event(
      'lab',
      'PersistentVolumeClaim/forgotten',
      'ProvisioningFailed',
      'storageclass.storage.k8s.io "gone" not found',
      { count: 600, first: 3500, last: 10, component: 'persistentvolume-controller' },
    ),
  ],
  'with a Service that selects nothing and nobody calls': [service('lab/orphan'), endpointSlice('lab/orphan', [])],
  'with pods that were evicted last week': [1, 2, 3].map((index) =>
    pod(`shop/web-7b8c9d5f6-ev${index}xx`, {
      owner: 'ReplicaSet/web-7b8c9d5f6',
      created: 800_000,
      ready: false,
      status: {
        phase: 'Failed',
        reason: 'Evicted',
        message:
          'The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. Container app was using 3Gi, request is 0, has larger consumption of memory. ',
        containerStatuses: undefined,
        conditions: [condition('DisruptionTarget', 'True', 'TerminationByKubelet', 600_000)],
      },
    }),
  ),
  'with warnings of fifty minutes ago that ceased': [
    ...deployed('calm/api', {}, 3300),
    over('calm', 'Pod/api-7b8c9d5f6-aaaaa', 'FailedScheduling', '0/2 nodes are available: 2 Insufficient cpu.'),
    over(
      'calm',
      'Pod/api-7b8c9d5f6-aaaaa',
      'FailedMount',
      'MountVolume.SetUp failed for volume "kube-api-access-x" : failed to sync configmap cache: timed out waiting for the condition',
    ),
    over(
      'calm',
      'Pod/api-7b8c9d5f6-aaaaa',
      'FailedCreatePodSandBox',
      'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "x": plugin type="cilium-cni" failed (add): unable to connect to Cilium agent: connection refused',
    ),
    over(
      'calm',
      'Pod/api-7b8c9d5f6-aaaaa',
      'Unhealthy',
      'Readiness probe failed: HTTP probe failed with statuscode: 503',
    ),
    over(
      'calm',
      'Pod/api-7b8c9d5f6-aaaaa',
      'Failed',
      'Failed to pull image "registry.example/web:1": rpc error: code = Unknown desc = failed to pull and unpack image "registry.example/web:1": failed to resolve reference "registry.example/web:1": dial tcp: lookup registry.example: i/o timeout',
    ),
    over(
      '',
      'Node/node-1',
      'FreeDiskSpaceFailed',
      'Failed to garbage collect required amount of images. Attempted to free 1073741824 bytes, but only found 0 bytes eligible to free.',
    ),
    over('', 'Node/node-1', 'Rebooted', 'Node node-1 has been rebooted, boot id: 6f1a-22'),
    over('', 'Node/node-1', 'NodeNotReady', 'Node node-1 status is now: NodeNotReady'),
  ],
  'with a namespace and a pod that are just going away': [
    thing('v1', 'Namespace', 'leaving', {
      metadata: { deletionTimestamp: ago(20) },
      status: {
        phase: 'Terminating',
        conditions: [
          condition(
            'NamespaceContentRemaining',
            'True',
            'SomeResourcesRemain',
            18,
            'Some resources are remaining: pods. has 1 resource instances',
          ),
        ],
      },
    }),
    pod('leaving/api', { ready: false, metadata: { deletionTimestamp: ago(-10), deletionGracePeriodSeconds: 30 } }),
  ],
  'with a volume that was released, a quota that is used up, and a policy that lets nobody in': [
    thing('v1', 'PersistentVolume', 'pv-old', {
      spec: { persistentVolumeReclaimPolicy: 'Retain', claimRef: { namespace: 'lab', name: 'gone' } },
      status: { phase: 'Released' },
    }),
    thing('v1', 'ResourceQuota', 'lab/quota', {
      spec: { hard: { pods: '1' } },
      status: { hard: { pods: '1' }, used: { pods: '1' } },
    }),
    thing('networking.k8s.io/v1', 'NetworkPolicy', 'lab/closed', {
      spec: { podSelector: {}, policyTypes: ['Ingress'] },
    }),
  ],
}

/** What programs say that do their work, by the file of the pod that says it. */
export const chatter: NonNullable<Scene['logs']> = {
  'loop/api-7b8c9d5f6-aaaaa/app': lines([
    'ERROR failed to parse request from bot: invalid header',
    'level=error msg="x509: certificate signed by unknown authority" host=probe.example',
    'WARN retry: dial tcp 10.2.3.4:9092: connect: connection refused',
    'error: context deadline exceeded',
    'ERROR user 42 not found',
    'level=error msg="http: TLS handshake error from 10.0.0.5:33344: EOF"',
    'lookup tracker.example: no such host',
  ]),
  'loop/api-7b8c9d5f6-aaaaa/app.previous': `${ago(1900)} FATAL could not connect to db:5432: connection refused\n`,
  'batch/old-abcde/app': `${ago(604_900)} panic: runtime error: invalid memory address or nil pointer dereference\n`,
}

const log = (writer: string, words: readonly string[], from = 3000, to = 100): string =>
  Array.from({ length: 60 }, (_, index) => {
    const at = ago(Math.round(from - (index * (from - to)) / 59)).replace('Z', '.000000+0000')
    return `${at} host ${writer}: ${words[index % words.length]}\n`
  }).join('')

/** What kernels and kubelets of nodes write that are well, and what they count. */
export const hum: NonNullable<Scene['files']> = {
  'nodes/node-1/once/journal/kernel.txt':
    log('kernel', ['nf_conntrack: nf_conntrack: table full, dropping packet'], 600_000, 500_000) +
    log('kernel', [
      'I/O error, dev fd0, sector 0 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2',
      'Buffer I/O error on dev sr0, logical block 0, async page read',
      'TCP: request_sock_TCP: Possible SYN flooding on port [::]:8080. Sending cookies.',
      'app[4242]: segfault at 0 ip 000000000047b6fd sp 00007ffcc7128af8 error 4 in app[400000+1000]',
      'EXT4-fs (nvme1n1): mounted filesystem with ordered data mode. Quota mode: none.',
      'XFS (nvme2n1): Ending clean mount',
      'eth0: link becomes ready',
      'cni0: port 3(veth0) entered blocking state',
      'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=a,mems_allowed=0,oom_memcg=/system.slice/backup.service,task_memcg=/system.slice/backup.service,task=tar,pid=4242,uid=0',
      'Memory cgroup out of memory: Killed process 4242 (tar) total-vm:1kB',
    ]),
  'nodes/node-1/once/journal/kubelet.txt':
    log(
      'kubelet[812]',
      [
        '"Skipping pod synchronization" err="[container runtime status check may not have completed yet, PLEG is not healthy: pleg has yet to be successful]"',
        '"Image garbage collection failed once. Stats initialization may not have completed yet" err="invalid capacity 0 on image filesystem"',
        'rpc error: desc = "transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: connection refused"',
        '"Skipping pod synchronization" err="PLEG is not healthy: pleg was last seen active 3m5s ago; threshold is 3m0s"',
        '"Probe failed" probeType="Liveness" pod="shop/web" output="too many open files"',
      ],
      3000,
      2000,
    ) + log('kubelet[812]', ['"SyncLoop UPDATE" source="api" pods=["shop/web"]'], 1000, 5),
  ...machineFiles('node-1', {
    ticks: [
      [5000, 0, 500, 90_000, 10, 0, 5, 0],
      [10_000, 0, 900, 96_000, 60, 0, 15, 900],
    ],
    waiting: [60, 70],
    running: 12,
  }),
}

/** Sixty lines within the hour, in turn. */
function lines(said: readonly string[]): string {
  return Array.from({ length: 60 }, (_, index) => `${ago(3000 - index * 20)} ${said[index % said.length]}\n`).join('')
}

interface Container {
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>>
}

/** A Deployment with a pod of it. */
function deployed(place: string, container: Container = {}, created = 700_000): readonly Thing[] {
  const name = place.split('/').at(-1) ?? ''
  return [
    workload('Deployment', place, { spec: { template: { metadata: { labels: { app: name } } } } }),
    replicaSet(`${place}-7b8c9d5f6`, name, 1),
    pod(`${place}-7b8c9d5f6-aaaaa`, {
      owner: `ReplicaSet/${name}-7b8c9d5f6`,
      created,
      labels: { app: name },
      containers: [container],
    }),
  ]
}

interface End {
  readonly at: number
  readonly reason?: string
  readonly exitCode?: number
}

/** The status of a container that runs again since so many seconds. */
function restarted({ restarts, at, reason = 'Error', exitCode = 1 }: End & { restarts: number }) {
  return {
    restartCount: restarts,
    state: { running: { startedAt: ago(at) } },
    lastState: { terminated: { reason, exitCode, startedAt: ago(at + 100), finishedAt: ago(at + 5) } },
  }
}

function job(place: string, status: Readonly<Record<string, unknown>>, type: string, since: number): Thing {
  const reason = type === 'Failed' ? 'BackoffLimitExceeded' : ''
  return thing('batch/v1', 'Job', place, {
    metadata: { creationTimestamp: ago(since + 600) },
    spec: { backoffLimit: 3 },
    status: { startTime: ago(since + 600), ...status, conditions: [condition(type, 'True', reason, since)] },
  })
}

/** The pod of a Job, after its end. */
function ended(place: string, phase: string, { at, reason, exitCode }: End): Thing {
  const owner = (place.split('/').at(-1) ?? '').replace(/-\w+$/, '')
  const state = { terminated: { reason, exitCode, startedAt: ago(at + 100), finishedAt: ago(at) } }
  return pod(place, {
    owner: `Job/${owner}`,
    created: at + 200,
    ready: false,
    status: { phase },
    containers: [{ status: { ready: false, started: false, state } }],
  })
}

function condition(type: string, status: string, reason: string, since: number, message = '') {
  return { type, status, reason, message, lastTransitionTime: ago(since) }
}

function custom(apiVersion: string, kind: string, place: string, type: string, reason: string, since: number): Thing {
  return thing(apiVersion, kind, place, {
    status: { conditions: [condition(type, 'False', reason, since, 'it does not work')] },
  })
}

/** One that has no conditions, only a word. */
function phased(apiVersion: string, kind: string, status: Record<string, unknown>): Thing {
  return thing(apiVersion, kind, `lab/${kind.toLowerCase()}`, { status })
}

function certificate(place: string, since: number): Thing {
  return thing('cert-manager.io/v1', 'Certificate', place, {
    spec: { secretName: `${place.split('/').at(-1)}-tls` },
    status: {
      notAfter: ago(since),
      conditions: [condition('Ready', 'False', 'Expired', since, 'Certificate expired')],
    },
  })
}

function webhook(name: string, failurePolicy: string, rules: readonly unknown[] = PODS): Thing {
  return thing('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', name, {
    webhooks: [
      {
        name: `${name}.example.com`,
        failurePolicy,
        timeoutSeconds: 5,
        clientConfig: { service: { namespace: 'lab', name: 'gone', port: 443 } },
        rules,
      },
    ],
  })
}

/** A warning of fifty minutes ago that was not said again. */
function over(namespace: string, about: string, reason: string, message: string): Thing {
  return event(namespace, about, reason, message, { first: 3200, last: 3000, count: 3 })
}
