import { ago, type Scene, type Thing } from '../incident/scene.ts'
import {
  crashed,
  endpointSlice,
  event,
  node,
  pod,
  replicaSet,
  service,
  thing,
  workload,
  wrote,
} from '../incident/things.ts'

/**
 * Incidents as clusters tell them, each with the cause that an engineer would name. They are written from what components print, by somebody
 * who did not look at the rules; every scene has a healthy neighbour, so that what is well is told from what is not.
 */
export const neighbour: readonly Thing[] = [
  node('node-1'),
  node('node-2', { metadata: { labels: { 'topology.kubernetes.io/zone': 'zone-b' } } }),
  workload('Deployment', 'other/steady'),
  replicaSet('other/steady-5d9c7b8f6', 'steady', 1),
  pod('other/steady-5d9c7b8f6-aaaaa', {
    owner: 'ReplicaSet/steady-5d9c7b8f6',
    node: 'node-2',
    labels: { app: 'steady' },
  }),
]

const waiting = (reason: string, message: string) => ({
  ready: false,
  started: false,
  state: { waiting: { reason, message } },
})

const pending = { phase: 'Pending' }

/** A pod that no scheduler placed, with its words. */
function unscheduled(place: string, owner: string, message: string, extra: Record<string, unknown> = {}): Thing {
  return pod(place, {
    owner,
    created: 600,
    ready: false,
    spec: { nodeName: undefined, ...extra },
    status: {
      phase: 'Pending',
      startTime: undefined,
      podIP: undefined,
      containerStatuses: undefined,
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: ago(600) },
      ],
    },
  })
}

/** Workloads of one replica that call one another by their environment: from the front end to what all hang on. */
function tiers(...names: readonly string[]): readonly Thing[] {
  return names.flatMap((name, index) => {
    const [label, image = `registry.example/${name}:1`] = name.split('=') as [string, string?]
    const [callee] = (names[index + 1] ?? '').split('=')
    const env = callee === '' ? [] : [{ name: 'UPSTREAM_ADDR', value: `${callee}:80` }]
    return [
      workload('Deployment', `tiers/${label}`),
      pod(`tiers/${label}-6c8f7d9b5-x2x4z`, {
        owner: `ReplicaSet/${label}-6c8f7d9b5`,
        created: 90_000,
        labels: { app: label },
        containers: [{ image, spec: { env } }],
      }),
      service(`tiers/${label}`),
      endpointSlice(`tiers/${label}`, [{ pod: `${label}-6c8f7d9b5-x2x4z`, ready: true }]),
    ]
  })
}

/** What a tier logs: it started long ago, and says this again and again in the last ten minutes. */
function saysOften(name: string, line: string, times: number): Record<string, string> {
  const lines = Array.from({ length: times }, (_, index) => `${ago(600 - Math.floor((index * 590) / times))} ${line}\n`)
  return { [`tiers/${name}-6c8f7d9b5-x2x4z/app`]: `${ago(5000)} started\n${lines.join('')}` }
}

/** An incident with the cause that an engineer would name. */
export interface Case {
  readonly name: string
  readonly scene: Scene
  /** Rules that may stand first. */
  readonly rules: readonly string[]
  /** Kind and name of the subject. */
  readonly subject: RegExp
}

/** The incidents; `neighbour` is in each of them. */
export const cases: readonly Case[] = [
  {
    name: 'a cache that is full, two tiers below the loudest log',
    rules: ['datastore-refusal'],
    subject: /^Deployment cache$/,
    scene: {
      objects: tiers('edge', 'front', 'cart', 'cache=valkey/valkey:8'),
      logs: {
        ...saysOften('cart', "ERROR OOM command not allowed when used memory > 'maxmemory'.", 20),
        ...saysOften('front', 'Error: 9 FAILED_PRECONDITION: cannot use the cart', 60),
        ...saysOften('edge', '"POST /cart HTTP/1.1" 503 - via_upstream - "-" 0 91', 200),
      },
    },
  },
  {
    name: 'a bug in a service that is up, below two callers that pass its error on',
    rules: ['failing-requests'],
    subject: /^Deployment prices$/,
    scene: {
      objects: tiers('edge', 'front', 'orders', 'prices'),
      logs: {
        ...saysOften('prices', 'ERROR no price list is valid for that currency and day', 20),
        ...saysOften(
          'orders',
          'ERROR cannot quote: rpc error: code = Internal desc = no price list is valid for that currency and day',
          40,
        ),
        ...saysOften('front', 'Error: 13 INTERNAL: cannot quote: no price list is valid for that currency and day', 90),
      },
    },
  },
  {
    name: 'an experiment that delays what two tiers wait for',
    rules: ['injected-fault'],
    subject: /^NetworkChaos slow-prices$/,
    scene: {
      objects: [
        ...tiers('edge', 'front', 'prices'),
        thing('chaos-mesh.org/v1alpha1', 'NetworkChaos', 'tiers/slow-prices', {
          metadata: { creationTimestamp: ago(640) },
          spec: { action: 'delay', mode: 'all', selector: { labelSelectors: { app: 'prices' } } },
          status: {
            experiment: {
              desiredPhase: 'Run',
              containerRecords: [
                {
                  id: 'tiers/prices-6c8f7d9b5-x2x4z',
                  phase: 'Injected',
                  events: [{ operation: 'Apply', type: 'Succeeded', timestamp: ago(630) }],
                },
              ],
            },
          },
        }),
      ],
      logs: {
        ...saysOften('front', 'ERROR prices: rpc error: code = DeadlineExceeded desc = context deadline exceeded', 20),
        ...saysOften('edge', '"GET /prices HTTP/1.1" 504 UT response_timeout - "-" 0 24', 80),
      },
    },
  },
  {
    name: 'a tag that was never pushed',
    rules: ['image-not-found'],
    subject: /^Deployment cart$/,
    scene: {
      objects: [
        workload('Deployment', 'shop/cart', { status: { readyReplicas: 1, updatedReplicas: 1, replicas: 2 } }),
        replicaSet('shop/cart-66fbd4c4b9', 'cart', 7, { metadata: { creationTimestamp: ago(900) } }),
        replicaSet('shop/cart-5f7d8c9b4d', 'cart', 6),
        pod('shop/cart-5f7d8c9b4d-x2x4z', { owner: 'ReplicaSet/cart-5f7d8c9b4d', created: 90_000 }),
        pod('shop/cart-66fbd4c4b9-q8w7r', {
          owner: 'ReplicaSet/cart-66fbd4c4b9',
          created: 880,
          ready: false,
          status: pending,
          containers: [
            {
              image: 'ghcr.io/acme/cart:v2.41',
              status: waiting(
                'ImagePullBackOff',
                'Back-off pulling image "ghcr.io/acme/cart:v2.41": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image "ghcr.io/acme/cart:v2.41": failed to resolve reference "ghcr.io/acme/cart:v2.41": ghcr.io/acme/cart:v2.41: not found',
              ),
            },
          ],
        }),
      ],
    },
  },
  {
    name: 'a private registry without credentials',
    rules: ['ecr-pull-denied-or-unreachable'],
    subject: /^(Deployment|StatefulSet) billing$/,
    scene: {
      objects: [
        pod('pay/billing-0', {
          owner: 'StatefulSet/billing',
          created: 500,
          ready: false,
          status: pending,
          containers: [
            {
              image: 'registry.corp.example/pay/billing:3',
              status: waiting('ImagePullBackOff', 'Back-off pulling image "registry.corp.example/pay/billing:3"'),
            },
          ],
        }),
        event(
          'pay',
          'Pod/billing-0',
          'Failed',
          'Failed to pull image "registry.corp.example/pay/billing:3": rpc error: code = Unknown desc = failed to pull and unpack image "registry.corp.example/pay/billing:3": failed to resolve reference "registry.corp.example/pay/billing:3": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials',
          { count: 5, first: 480, last: 30 },
        ),
      ],
    },
  },
  {
    name: 'Docker Hub has had enough',
    rules: ['registry-rate-limit'],
    subject: /web/,
    scene: {
      objects: [
        pod('shop/web-7c9d8f6b5-k2k2k', {
          owner: 'ReplicaSet/web-7c9d8f6b5',
          created: 400,
          ready: false,
          status: pending,
          containers: [
            {
              image: 'nginx:1.27',
              status: waiting(
                'ErrImagePull',
                'failed to pull and unpack image "docker.io/library/nginx:1.27": failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/nginx/manifests/sha256:0f04: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit',
              ),
            },
          ],
        }),
      ],
    },
  },
  {
    name: 'memory above the limit',
    rules: ['container-oomkilled', 'memory-leak'],
    subject: /^Deployment search$/,
    scene: {
      objects: [
        workload('Deployment', 'shop/search', { status: { readyReplicas: 0 } }),
        pod('shop/search-6b7c8d9f5-mm2mm', {
          owner: 'ReplicaSet/search-6b7c8d9f5',
          ready: false,
          containers: [
            {
              spec: { resources: { limits: { memory: '256Mi' }, requests: { memory: '256Mi' } } },
              status: crashed({ reason: 'OOMKilled', exitCode: 137, restarts: 9 }),
            },
          ],
        }),
        event(
          'shop',
          'Pod/search-6b7c8d9f5-mm2mm',
          'BackOff',
          'Back-off restarting failed container app in pod search-6b7c8d9f5-mm2mm_shop(uid)',
          { count: 40, first: 3000, last: 20 },
        ),
      ],
    },
  },
  {
    name: 'a setting that is missing in the environment',
    rules: ['crashloop-app-error', 'config-change-broke-app', 'missing-config-reference'],
    subject: /^Deployment mailer$/,
    scene: {
      objects: [
        pod('shop/mailer-6b7c8d9f5-abcde', {
          owner: 'ReplicaSet/mailer-6b7c8d9f5',
          ready: false,
          containers: [{ status: crashed({ exitCode: 1 }) }],
        }),
      ],
      logs: {
        'shop/mailer-6b7c8d9f5-abcde/app.previous': `${ago(70)} starting mailer v3\n${ago(66)} FATAL: environment variable SMTP_HOST is not set\n`,
      },
    },
  },
  {
    name: 'a Secret that does not exist',
    rules: ['missing-config-reference'],
    subject: /^Deployment api$/,
    scene: {
      objects: [
        pod('shop/api-6b7c8d9f5-abcde', {
          owner: 'ReplicaSet/api-6b7c8d9f5',
          created: 800,
          ready: false,
          status: pending,
          containers: [
            {
              status: waiting('CreateContainerConfigError', 'secret "api-credentials" not found'),
              spec: { env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'api-credentials', key: 'key' } } }] },
            },
          ],
        }),
        event('shop', 'Pod/api-6b7c8d9f5-abcde', 'Failed', 'Error: secret "api-credentials" not found', {
          count: 60,
          first: 790,
          last: 10,
        }),
      ],
    },
  },
  {
    name: 'a ConfigMap volume that does not come',
    rules: ['missing-config-reference'],
    subject: /^DaemonSet agent$/,
    scene: {
      objects: [
        pod('ops/agent-zz2zz', {
          owner: 'DaemonSet/agent',
          created: 900,
          ready: false,
          status: pending,
          containers: [{ status: waiting('ContainerCreating', '') }],
          spec: { volumes: [{ name: 'conf', configMap: { name: 'agent-conf' } }] },
        }),
        event(
          'ops',
          'Pod/agent-zz2zz',
          'FailedMount',
          'MountVolume.SetUp failed for volume "conf" : configmap "agent-conf" not found',
          { count: 12, first: 880, last: 40 },
        ),
      ],
    },
  },
  {
    name: 'a program that is not in the image',
    rules: ['bad-entrypoint-or-arch'],
    subject: /^Job migrate|^CronJob|^Deployment worker$/,
    scene: {
      objects: [
        pod('shop/worker-6b7c8d9f5-abcde', {
          owner: 'ReplicaSet/worker-6b7c8d9f5',
          ready: false,
          containers: [
            {
              status: {
                ...crashed({
                  reason: 'StartError',
                  exitCode: 128,
                  message:
                    'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "/app/worker": stat /app/worker: no such file or directory: unknown',
                }),
              },
            },
          ],
        }),
      ],
    },
  },
  {
    name: 'an image for another processor',
    rules: ['bad-entrypoint-or-arch'],
    subject: /^Deployment worker$/,
    scene: {
      objects: [
        pod('shop/worker-6b7c8d9f5-abcde', {
          owner: 'ReplicaSet/worker-6b7c8d9f5',
          ready: false,
          containers: [{ status: crashed({ exitCode: 255 }) }],
        }),
      ],
      logs: {
        'shop/worker-6b7c8d9f5-abcde/app.previous': `${ago(66)} exec /usr/local/bin/worker: exec format error\n`,
      },
    },
  },
  {
    name: 'a liveness probe that is too strict',
    rules: ['liveness-kills-healthy-app', 'cpu-limit-throttling', 'startup-slower-than-liveness'],
    subject: /^Deployment report$/,
    scene: {
      objects: [
        pod('shop/report-6b7c8d9f5-abcde', {
          owner: 'ReplicaSet/report-6b7c8d9f5',
          created: 90_000,
          ready: true,
          containers: [
            {
              spec: {
                livenessProbe: {
                  httpGet: { path: '/healthz', port: 8080 },
                  timeoutSeconds: 1,
                  periodSeconds: 10,
                  failureThreshold: 3,
                },
              },
              status: {
                restartCount: 6,
                state: { running: { startedAt: ago(200) } },
                lastState: {
                  terminated: { reason: 'Error', exitCode: 143, startedAt: ago(900), finishedAt: ago(205) },
                },
              },
            },
          ],
        }),
        event(
          'shop',
          'Pod/report-6b7c8d9f5-abcde',
          'Unhealthy',
          'Liveness probe failed: Get "http://10.244.0.10:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
          { count: 18, first: 3400, last: 210, container: 'app' },
        ),
        event(
          'shop',
          'Pod/report-6b7c8d9f5-abcde',
          'Killing',
          'Container app failed liveness probe, will be restarted',
          { count: 6, first: 3380, last: 206, type: 'Normal', container: 'app' },
        ),
      ],
    },
  },
  {
    name: 'a database that does not answer',
    rules: ['dependency-down'],
    subject: /^Host 10\.20\.30\.40$/,
    scene: {
      objects: [
        pod('shop/orders-6b7c8d9f5-abcde', {
          owner: 'ReplicaSet/orders-6b7c8d9f5',
          ready: false,
          containers: [{ status: crashed({ exitCode: 1 }) }],
        }),
        pod('shop/invoices-7b7c8d9f5-abcde', {
          owner: 'ReplicaSet/invoices-7b7c8d9f5',
          ready: false,
          containers: [{ status: crashed({ exitCode: 1 }) }],
        }),
      ],
      logs: {
        'shop/orders-6b7c8d9f5-abcde/app.previous': `${ago(70)} connecting to database\n${ago(64)} panic: failed to connect to database: dial tcp 10.20.30.40:5432: connect: connection refused\n`,
        'shop/invoices-7b7c8d9f5-abcde/app.previous': `${ago(70)} level=fatal msg="cannot reach database" error="dial tcp 10.20.30.40:5432: connect: connection refused"\n`,
      },
    },
  },
  {
    name: 'a backend that crashes behind a frontend',
    rules: ['container-oomkilled'],
    subject: /^Deployment backend$/,
    scene: {
      objects: [
        workload('Deployment', 'shop/backend', { status: { readyReplicas: 0 } }),
        workload('Deployment', 'shop/frontend'),
        service('shop/backend'),
        endpointSlice('shop/backend', [{ pod: 'backend-6b7c8d9f5-abcde', ready: false }]),
        pod('shop/backend-6b7c8d9f5-abcde', {
          owner: 'ReplicaSet/backend-6b7c8d9f5',
          labels: { app: 'backend' },
          ready: false,
          containers: [
            {
              spec: { resources: { limits: { memory: '64Mi' } } },
              status: crashed({ reason: 'OOMKilled', exitCode: 137 }),
            },
          ],
        }),
        pod('shop/frontend-7b7c8d9f5-abcde', {
          owner: 'ReplicaSet/frontend-7b7c8d9f5',
          labels: { app: 'frontend' },
          ready: false,
          containers: [{ status: { ready: false } }],
          status: {
            conditions: [
              {
                type: 'Ready',
                status: 'False',
                reason: 'ContainersNotReady',
                message: 'containers with unready status: [app]',
                lastTransitionTime: ago(50),
              },
            ],
          },
        }),
      ],
      logs: {
        'shop/frontend-7b7c8d9f5-abcde/app': `${ago(50)} level=error msg="upstream failed" error="dial tcp: connect to backend.shop.svc.cluster.local:80: connection refused"\n${ago(20)} level=error msg="upstream failed" error="Get \\"http://backend/api\\": dial tcp 10.96.0.20:80: connect: connection refused"\n`,
      },
    },
  },
  {
    name: 'no node is large enough',
    rules: ['insufficient-cpu-memory'],
    subject: /^Deployment train$/,
    scene: {
      objects: [
        unscheduled(
          'ml/train-6b7c8d9f5-abcde',
          'ReplicaSet/train-6b7c8d9f5',
          '0/2 nodes are available: 2 Insufficient memory. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
          {
            containers: [{ name: 'app', image: 'x', resources: { requests: { cpu: '2', memory: '64Gi' } } }],
          },
        ),
      ],
    },
  },
  {
    name: 'a taint that nobody tolerates',
    rules: ['untolerated-taint'],
    subject: /^Deployment web$/,
    scene: {
      objects: [
        node('node-3', { spec: { taints: [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }] } }),
        unscheduled(
          'shop/web-6b7c8d9f5-abcde',
          'ReplicaSet/web-6b7c8d9f5',
          '0/3 nodes are available: 3 node(s) had untolerated taint {dedicated: gpu}. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
        ),
      ],
    },
  },
  {
    name: 'a node selector that matches nothing',
    rules: ['affinity-or-selector-mismatch'],
    subject: /^Deployment web$/,
    scene: {
      objects: [
        unscheduled(
          'shop/web-6b7c8d9f5-abcde',
          'ReplicaSet/web-6b7c8d9f5',
          "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
          { nodeSelector: { disktype: 'nvme' } },
        ),
      ],
    },
  },
  {
    name: 'a claim of a class that does not exist',
    rules: ['pvc-pending-provisioning'],
    subject: /^PersistentVolumeClaim data-db-0$|^StatefulSet db$/,
    scene: {
      objects: [
        thing('v1', 'PersistentVolumeClaim', 'shop/data-db-0', {
          metadata: { creationTimestamp: ago(700) },
          spec: { storageClassName: 'fast-ssd' },
          status: { phase: 'Pending' },
        }),
        event(
          'shop',
          'PersistentVolumeClaim/data-db-0',
          'ProvisioningFailed',
          'storageclass.storage.k8s.io "fast-ssd" not found',
          { component: 'persistentvolume-controller', count: 30, first: 690, last: 10 },
        ),
        unscheduled(
          'shop/db-0',
          'StatefulSet/db',
          '0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
          { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }] },
        ),
      ],
    },
  },
  {
    name: 'a volume that is held by another node',
    rules: ['ebs-multi-attach'],
    subject: /grafana|pvc/,
    scene: {
      objects: [
        pod('ops/grafana-6b7c8d9f5-new11', {
          owner: 'ReplicaSet/grafana-6b7c8d9f5',
          node: 'node-2',
          created: 600,
          ready: false,
          status: pending,
          containers: [{ status: waiting('ContainerCreating', '') }],
          spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'grafana' } }] },
        }),
        pod('ops/grafana-5b7c8d9f5-old11', {
          owner: 'ReplicaSet/grafana-5b7c8d9f5',
          node: 'node-1',
          spec: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'grafana' } }] },
        }),
        thing('v1', 'PersistentVolumeClaim', 'ops/grafana', {
          spec: { accessModes: ['ReadWriteOnce'], volumeName: 'pvc-1' },
          status: { phase: 'Bound' },
        }),
        event(
          'ops',
          'Pod/grafana-6b7c8d9f5-new11',
          'FailedAttachVolume',
          'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) grafana-5b7c8d9f5-old11',
          { component: 'attachdetach-controller', first: 590, last: 590 },
        ),
      ],
    },
  },
  {
    name: 'a quota that is used up',
    rules: ['quota-or-limitrange-exceeded'],
    subject: /web|ResourceQuota/,
    scene: {
      objects: [
        workload(
          'Deployment',
          'shop/web',
          {
            status: {
              readyReplicas: 1,
              replicas: 1,
              conditions: [
                {
                  type: 'ReplicaFailure',
                  status: 'True',
                  reason: 'FailedCreate',
                  message:
                    'pods "web-6b7c8d9f5-x" is forbidden: exceeded quota: compute, requested: limits.cpu=1, used: limits.cpu=4, limited: limits.cpu=4',
                  lastTransitionTime: ago(500),
                },
              ],
            },
          },
          3,
        ),
        replicaSet('shop/web-6b7c8d9f5', 'web', 2),
        pod('shop/web-6b7c8d9f5-abcde', { owner: 'ReplicaSet/web-6b7c8d9f5' }),
        thing('v1', 'ResourceQuota', 'shop/compute', {
          spec: { hard: { 'limits.cpu': '4' } },
          status: { hard: { 'limits.cpu': '4' }, used: { 'limits.cpu': '4' } },
        }),
        event(
          'shop',
          'ReplicaSet/web-6b7c8d9f5',
          'FailedCreate',
          'Error creating: pods "web-6b7c8d9f5-x" is forbidden: exceeded quota: compute, requested: limits.cpu=1, used: limits.cpu=4, limited: limits.cpu=4',
          { component: 'replicaset-controller', count: 8, first: 500, last: 40 },
        ),
      ],
    },
  },
  {
    name: 'a webhook whose pods are gone',
    rules: ['webhook-down-fail-closed'],
    subject: /policy|WebhookConfiguration|gate/,
    scene: {
      objects: [
        thing('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'policy-gate', {
          webhooks: [
            {
              name: 'check.policy.example.com',
              failurePolicy: 'Fail',
              clientConfig: { service: { name: 'policy', namespace: 'policy-system', path: '/validate' } },
              rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
            },
          ],
        }),
        service('policy-system/policy'),
        endpointSlice('policy-system/policy', []),
        workload('Deployment', 'policy-system/policy', { status: { readyReplicas: 0, replicas: 0 } }, 0),
        workload('Deployment', 'shop/web', { status: { readyReplicas: 0, replicas: 0 } }, 2),
        replicaSet('shop/web-6b7c8d9f5', 'web', 2, {
          spec: { replicas: 2 },
          status: { replicas: 0, readyReplicas: 0 },
        }),
        event(
          'shop',
          'ReplicaSet/web-6b7c8d9f5',
          'FailedCreate',
          'Error creating: Internal error occurred: failed calling webhook "check.policy.example.com": failed to call webhook: Post "https://policy.policy-system.svc:443/validate?timeout=10s": no endpoints available for service "policy"',
          { component: 'replicaset-controller', count: 15, first: 700, last: 30 },
        ),
      ],
    },
  },
  {
    name: 'a node whose kubelet is silent',
    rules: ['node-notready-kubelet-silent'],
    subject: /^Node node-3$/,
    scene: {
      objects: [
        node('node-3', {
          spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: ago(400) }] },
          status: {
            conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
              type,
              status: 'Unknown',
              reason: 'NodeStatusUnknown',
              message: 'Kubelet stopped posting node status.',
              lastHeartbeatTime: ago(500),
              lastTransitionTime: ago(410),
            })),
          },
        }),
        pod('shop/web-6b7c8d9f5-abcde', {
          owner: 'ReplicaSet/web-6b7c8d9f5',
          node: 'node-3',
          ready: false,
          status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(405) }] },
        }),
        event('', 'Node/node-3', 'NodeNotReady', 'Node node-3 status is now: NodeNotReady', {
          component: 'node-controller',
          type: 'Normal',
          first: 410,
          last: 410,
        }),
        event('shop', 'Pod/web-6b7c8d9f5-abcde', 'NodeNotReady', 'Node is not ready', {
          component: 'node-controller',
          first: 405,
          last: 405,
        }),
      ],
    },
  },
  {
    name: 'a Service that selects nothing any more',
    rules: ['service-selector-or-port-mismatch'],
    subject: /^Service cart$/,
    scene: {
      objects: [
        workload('Deployment', 'shop/cart'),
        pod('shop/cart-6b7c8d9f5-abcde', { owner: 'ReplicaSet/cart-6b7c8d9f5', labels: { app: 'cart' } }),
        service('shop/cart', {
          metadata: { managedFields: [wrote('kubectl-edit', 900, { 'f:spec': { 'f:selector': {} } })] },
          spec: { selector: { app: 'kart' } },
        }),
        endpointSlice('shop/cart', []),
        pod('shop/web-7b7c8d9f5-abcde', { owner: 'ReplicaSet/web-7b7c8d9f5' }),
      ],
      logs: {
        'shop/web-7b7c8d9f5-abcde/app': `${ago(600)} ERROR request failed: Post "http://cart.shop.svc.cluster.local/add": dial tcp 10.96.0.20:80: connect: connection refused\n`,
      },
    },
  },
  {
    name: 'an init container that waits for a name that does not exist',
    rules: ['init-container-stuck', 'dns-name-not-found', 'dependency-down'],
    subject: /web|databse/,
    scene: {
      objects: [
        pod('shop/web-6b7c8d9f5-abcde', {
          owner: 'ReplicaSet/web-6b7c8d9f5',
          created: 1500,
          ready: false,
          spec: {
            initContainers: [
              {
                name: 'wait-for-db',
                image: 'busybox',
                command: ['sh', '-c', 'until nslookup databse; do sleep 2; done'],
              },
            ],
          },
          status: {
            phase: 'Pending',
            initContainerStatuses: [
              {
                name: 'wait-for-db',
                image: 'busybox',
                ready: false,
                restartCount: 0,
                state: { running: { startedAt: ago(1490) } },
              },
            ],
          },
          containers: [{ status: waiting('PodInitializing', '') }],
        }),
      ],
      logs: {
        'shop/web-6b7c8d9f5-abcde/wait-for-db': `${ago(1400)} nslookup: can't resolve 'databse'\n${ago(30)} nslookup: can't resolve 'databse'\n`,
      },
    },
  },
  {
    name: 'a node that is out of disk',
    rules: ['log-flood-diskpressure', 'image-bloat-disk'],
    subject: /^Node node-3$|^Deployment noisy$/,
    scene: {
      objects: [
        node('node-3', {
          spec: { taints: [{ key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule', timeAdded: ago(300) }] },
          status: {
            conditions: [
              {
                type: 'DiskPressure',
                status: 'True',
                reason: 'KubeletHasDiskPressure',
                message: 'kubelet has disk pressure',
                lastTransitionTime: ago(300),
              },
              { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastTransitionTime: ago(99_999) },
            ],
          },
        }),
        pod('shop/noisy-6b7c8d9f5-abcde', {
          owner: 'ReplicaSet/noisy-6b7c8d9f5',
          node: 'node-3',
          created: 2000,
          ready: false,
          status: {
            phase: 'Failed',
            reason: 'Evicted',
            message:
              'The node was low on resource: ephemeral-storage. Threshold quantity: 8Gi, available: 6Gi. Container app was using 61Gi, request is 0, has larger consumption of ephemeral-storage. ',
            containerStatuses: undefined,
          },
        }),
        event('', 'Node/node-3', 'EvictionThresholdMet', 'Attempting to reclaim ephemeral-storage', {
          first: 310,
          last: 250,
          host: 'node-3',
        }),
        event(
          'shop',
          'Pod/noisy-6b7c8d9f5-abcde',
          'Evicted',
          'The node was low on resource: ephemeral-storage. Threshold quantity: 8Gi, available: 6Gi. Container app was using 61Gi, request is 0, has larger consumption of ephemeral-storage. ',
          { first: 290, last: 290, host: 'node-3' },
        ),
      ],
    },
  },
  {
    name: 'no addresses left for pods',
    rules: ['subnet-ip-exhaustion'],
    subject: /./,
    scene: {
      objects: [
        pod('shop/web-6b7c8d9f5-abcde', {
          owner: 'ReplicaSet/web-6b7c8d9f5',
          created: 900,
          ready: false,
          status: pending,
          containers: [{ status: waiting('ContainerCreating', '') }],
        }),
        event(
          'shop',
          'Pod/web-6b7c8d9f5-abcde',
          'FailedCreatePodSandBox',
          'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "8f4": plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container',
          { count: 30, first: 880, last: 20 },
        ),
      ],
    },
  },
  {
    name: 'a finalizer without its operator',
    rules: ['pod-finalizer-orphaned', 'namespace-stuck-terminating', 'cr-finalizer-lb-or-volume-leak'],
    subject: /./,
    scene: {
      objects: [
        pod('shop/queue-0', {
          owner: 'StatefulSet/queue',
          created: 90_000,
          metadata: {
            deletionTimestamp: ago(7200),
            deletionGracePeriodSeconds: 30,
            finalizers: ['queue.example.com/drain'],
          },
          ready: false,
          status: {
            containerStatuses: [
              {
                name: 'app',
                ready: false,
                restartCount: 0,
                state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: ago(7190) } },
              },
            ],
          },
        }),
      ],
    },
  },
  {
    name: 'a metrics API that does not answer',
    rules: ['aggregated-api-down'],
    subject: /v1beta1\.metrics|metrics-server/,
    scene: {
      objects: [
        thing('apiregistration.k8s.io/v1', 'APIService', 'v1beta1.metrics.k8s.io', {
          spec: { service: { name: 'metrics-server', namespace: 'kube-system' } },
          status: {
            conditions: [
              {
                type: 'Available',
                status: 'False',
                reason: 'MissingEndpoints',
                message:
                  'endpoints for service/metrics-server in "kube-system" have no addresses with port name "https"',
                lastTransitionTime: ago(2000),
              },
            ],
          },
        }),
        thing('autoscaling/v2', 'HorizontalPodAutoscaler', 'shop/web', {
          spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 10 },
          status: {
            currentReplicas: 2,
            conditions: [
              {
                type: 'ScalingActive',
                status: 'False',
                reason: 'FailedGetResourceMetric',
                message:
                  'the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server is currently unable to handle the request (get pods.metrics.k8s.io)',
                lastTransitionTime: ago(1900),
              },
            ],
          },
        }),
      ],
    },
  },
  {
    name: 'a new version that panics, an old one that is well',
    rules: ['bad-rollout'],
    subject: /^Deployment api$/,
    scene: {
      objects: [
        workload(
          'Deployment',
          'shop/api',
          {
            status: {
              readyReplicas: 2,
              updatedReplicas: 1,
              replicas: 3,
              conditions: [
                {
                  type: 'Progressing',
                  status: 'False',
                  reason: 'ProgressDeadlineExceeded',
                  message: 'ReplicaSet "api-7c7c8d9f5" has timed out progressing.',
                  lastTransitionTime: ago(300),
                },
              ],
            },
          },
          2,
        ),
        replicaSet('shop/api-6b7c8d9f5', 'api', 4, { spec: { replicas: 2 }, status: { readyReplicas: 2 } }),
        replicaSet('shop/api-7c7c8d9f5', 'api', 5, {
          metadata: { creationTimestamp: ago(1000) },
          spec: { replicas: 1, template: { spec: { containers: [{ name: 'app', image: 'registry.example/web:2' }] } } },
          status: { readyReplicas: 0 },
        }),
        pod('shop/api-6b7c8d9f5-aaaaa', { owner: 'ReplicaSet/api-6b7c8d9f5', created: 90_000 }),
        pod('shop/api-6b7c8d9f5-bbbbb', { owner: 'ReplicaSet/api-6b7c8d9f5', created: 90_000, node: 'node-2' }),
        pod('shop/api-7c7c8d9f5-ccccc', {
          owner: 'ReplicaSet/api-7c7c8d9f5',
          created: 990,
          ready: false,
          containers: [{ image: 'registry.example/web:2', status: crashed({ exitCode: 2, restarts: 7 }) }],
        }),
      ],
      logs: {
        'shop/api-7c7c8d9f5-ccccc/app.previous': `${ago(64)} panic: runtime error: invalid memory address or nil pointer dereference\n${ago(64)} [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x6f]\n${ago(64)} goroutine 1 [running]:\n${ago(64)} main.main()\n`,
      },
    },
  },
  // Why a container ends.
  {
    name: 'a Python program whose exception names a database without pods',
    rules: ['scaled-to-zero'],
    subject: /^Deployment db$/,
    scene: ends(
      `Traceback (most recent call last):
  File "/app/main.py", line 8, in main
    db.connect()
psycopg2.OperationalError: connection to server at "db" (10.96.0.30), port 5432 failed: Connection refused`,
      { objects: asleep('db', 5432) },
    ),
  },
  {
    name: 'a Java program whose cause names a database without pods',
    rules: ['scaled-to-zero'],
    subject: /^Deployment orders$/,
    scene: ends(
      `Exception in thread "main" java.lang.IllegalStateException: cannot start
\tat com.acme.Main.main(Main.java:3)
Caused by: org.postgresql.util.PSQLException: Connection to orders:5432 refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.
\tat org.postgresql.core.v3.ConnectionFactoryImpl.openConnectionImpl(ConnectionFactoryImpl.java:342)
Caused by: java.net.ConnectException: Connection refused
\t... 12 more`,
      { objects: asleep('orders', 5432) },
    ),
  },
  {
    name: 'a Python program without its setting',
    rules: ['crashloop-app-error'],
    subject: /^Deployment cart$/,
    scene: ends(`Traceback (most recent call last):
  File "/app/main.py", line 3, in <module>
    url = os.environ["DATABASE_URL"]
KeyError: 'DATABASE_URL'`),
  },
  {
    name: 'a required setting that is missing, behind a push that failed before',
    rules: ['crashloop-app-error'],
    subject: /^Deployment cart$/,
    scene: ends(`ERROR:root:push to http://pushgw.obs.example:9091 failed: Connection refused
CRITICAL:root:required setting API_TOKEN is not set, exiting`),
  },
  {
    name: 'a Java heap that is smaller than its container',
    rules: ['memory-leak'],
    subject: /^Deployment cart$/,
    scene: ends('Exception in thread "main" java.lang.OutOfMemoryError: Java heap space', {
      spec: { resources: { limits: { memory: '2Gi' } }, env: [{ name: 'JAVA_OPTS', value: '-Xmx256m' }] },
    }),
  },
  {
    name: 'a Node heap that is full',
    rules: ['memory-leak'],
    subject: /^Deployment cart$/,
    scene: ends('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', {
      exitCode: 134,
      spec: { resources: { limits: { memory: '512Mi' } } },
    }),
  },
  {
    name: 'a Service that is called on a port that it does not have',
    rules: ['dependency-down'],
    subject: /^Service cache$/,
    scene: ends('dial tcp 10.96.0.31:6380: connect: connection refused', {
      objects: [
        workload('Deployment', 'shop/cache'),
        replicaSet('shop/cache-7b8c9d5f6', 'cache', 1),
        pod('shop/cache-7b8c9d5f6-aaaaa', {
          owner: 'ReplicaSet/cache-7b8c9d5f6',
          created: 90_000,
          labels: { app: 'cache' },
        }),
        service('shop/cache', { spec: { clusterIP: '10.96.0.31', ports: [{ port: 6379, protocol: 'TCP' }] } }),
        endpointSlice('shop/cache', [{ pod: 'cache-7b8c9d5f6-aaaaa', ready: true }]),
      ],
    }),
  },
  {
    name: 'a program that calls its proxy before it listens',
    rules: ['crashloop-app-error'],
    subject: /^Deployment cart$/,
    scene: ends('panic: dial tcp 127.0.0.1:5432: connect: connection refused', {
      beside: [{ name: 'cloud-sql-proxy', spec: { ports: [{ containerPort: 5432 }] } }],
    }),
  },
  {
    name: 'a script whose interpreter is not in the image',
    rules: ['bad-entrypoint-or-arch'],
    subject: /^Deployment cart$/,
    scene: ends('exec /app/run.sh: no such file or directory'),
  },
  {
    name: 'a Job past its tries, whose pod says why',
    rules: ['crashloop-app-error'],
    subject: /^Job load$/,
    scene: {
      objects: [
        thing('batch/v1', 'Job', 'shop/load', {
          spec: { backoffLimit: 2 },
          status: {
            failed: 3,
            conditions: [
              {
                type: 'Failed',
                status: 'True',
                reason: 'BackoffLimitExceeded',
                message: 'Job has reached the specified backoff limit',
                lastTransitionTime: ago(600),
              },
            ],
          },
        }),
        pod('shop/load-x7k2p', {
          owner: 'Job/load',
          created: 900,
          ready: false,
          spec: { restartPolicy: 'Never' },
          status: { phase: 'Failed' },
          containers: [
            {
              status: {
                ready: false,
                state: { terminated: { reason: 'Error', exitCode: 1, startedAt: ago(700), finishedAt: ago(650) } },
              },
            },
          ],
        }),
      ],
      logs: {
        'shop/load-x7k2p/app': `${ago(651)} Traceback (most recent call last):\n${ago(651)}   File "/app/load.py", line 3, in <module>\n${ago(651)} FileNotFoundError: [Errno 2] No such file or directory: '/in/orders.csv'\n`,
      },
    },
  },
  {
    name: 'a program that ends, beside a Service whose pod is not ready and says not why',
    rules: ['crashloop-app-error'],
    subject: /^Deployment cart$/,
    scene: {
      ...ends('FATAL: no exchange rate for today'),
      objects: [
        ...ends('').objects,
        service('shop/cart'),
        endpointSlice('shop/cart', [{ pod: 'cart-6c8f7d9b5-abcde', ready: false }]),
        workload('Deployment', 'shop/web', { status: { readyReplicas: 0, availableReplicas: 0 } }),
        pod('shop/web-6c8f7d9b5-x2x4z', {
          owner: 'ReplicaSet/web-6c8f7d9b5',
          created: 5000,
          ready: false,
          labels: { app: 'web' },
        }),
        service('shop/web'),
        endpointSlice('shop/web', [{ pod: 'web-6c8f7d9b5-x2x4z', ready: false }]),
      ],
    },
  },
]

/** A scene with its healthy neighbour. */
export function withNeighbour(scene: Scene): Scene {
  return { ...scene, objects: [...neighbour, ...scene.objects] }
}

/** A Deployment whose container says this and ends, again and again. */
function ends(
  text: string,
  options: {
    objects?: readonly Thing[]
    spec?: Record<string, unknown>
    exitCode?: number
    beside?: readonly { name: string; spec?: Record<string, unknown> }[]
  } = {},
): Scene {
  const { objects = [], spec = {}, exitCode = 1, beside = [] } = options
  const lines = text.split('\n').map((line) => `${ago(62)} ${line}\n`)
  return {
    objects: [
      workload('Deployment', 'shop/cart', { status: { readyReplicas: 0, availableReplicas: 0 } }),
      replicaSet('shop/cart-6c8f7d9b5', 'cart', 1, { status: { readyReplicas: 0 } }),
      pod('shop/cart-6c8f7d9b5-abcde', {
        owner: 'ReplicaSet/cart-6c8f7d9b5',
        created: 5000,
        ready: false,
        labels: { app: 'cart' },
        containers: [{ spec, status: crashed({ exitCode }) }, ...beside],
      }),
      ...objects,
    ],
    logs: { 'shop/cart-6c8f7d9b5-abcde/app.previous': lines.join('') },
  }
}

/** A Service whose Deployment is scaled to zero. */
function asleep(name: string, port: number): readonly Thing[] {
  const status = { replicas: 0, readyReplicas: 0, availableReplicas: 0, updatedReplicas: 0 }
  return [
    workload('Deployment', `shop/${name}`, { spec: { replicas: 0 }, status }),
    service(`shop/${name}`, { spec: { clusterIP: '10.96.0.30', ports: [{ port, protocol: 'TCP' }] } }),
    endpointSlice(`shop/${name}`, []),
  ]
}
