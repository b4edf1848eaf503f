import { describe, expect, it } from 'vitest'
import { blockedAutoscalers } from '../../../src/rules/generic/blocked-autoscalers.ts'
import { crashingContainers } from '../../../src/rules/generic/crashing-containers.ts'
import { errorLogs } from '../../../src/rules/generic/error-logs.ts'
import { evictedPods } from '../../../src/rules/generic/evicted-pods.ts'
import { failingJobs } from '../../../src/rules/generic/failing-jobs.ts'
import { failingVolumes } from '../../../src/rules/generic/failing-volumes.ts'
import { servicesWithoutEndpoints } from '../../../src/rules/generic/services-without-endpoints.ts'
import { stalledRollouts } from '../../../src/rules/generic/stalled-rollouts.ts'
import { stuckDeletions } from '../../../src/rules/generic/stuck-deletions.ts'
import { unavailableApis } from '../../../src/rules/generic/unavailable-apis.ts'
import { uncreatedPods } from '../../../src/rules/generic/uncreated-pods.ts'
import { unhealthyConditions } from '../../../src/rules/generic/unhealthy-conditions.ts'
import { unhealthyNodes } from '../../../src/rules/generic/unhealthy-nodes.ts'
import { unreadyPods } from '../../../src/rules/generic/unready-pods.ts'
import { unscheduledPods } from '../../../src/rules/generic/unscheduled-pods.ts'
import { waitingContainers } from '../../../src/rules/generic/waiting-containers.ts'
import { warningEvents } from '../../../src/rules/generic/warning-events.ts'
import type { Rule } from '../../../src/rules/rule.ts'
import { ago, type Thing } from '../../incident/scene.ts'
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
} from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const owner = 'ReplicaSet/web-6b7c8d9f5'
const podName = 'web-6b7c8d9f5-aaaaa'
const name = `shop/${podName}`
const condition = (type: string, status: string, reason = 'Because', message = 'as it is', since = 900) => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: ago(since),
})
const waiting = (reason: string, message = '') => ({ ready: false, state: { waiting: { reason, message } } })
const of = (status: Record<string, unknown>, created = 900): Thing =>
  pod(name, { owner, created, ready: false, containers: [{ status }], status: { phase: 'Pending' } })
const unplaced = (seconds: number, reason = 'Unschedulable') =>
  pod(name, {
    owner,
    created: seconds,
    ready: false,
    spec: { nodeName: undefined },
    status: {
      phase: 'Pending',
      containerStatuses: undefined,
      conditions: [condition('PodScheduled', 'False', reason, '0/1 nodes are available: 1 Insufficient cpu.', seconds)],
    },
  })
const scaler = (bad: unknown) =>
  thing('autoscaling/v2', 'HorizontalPodAutoscaler', 'shop/web', {
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'web' } },
    status: { conditions: [bad] },
  })
const refused = event('shop', owner, 'FailedCreate', 'Error creating: pods "web-x" is forbidden: exceeded quota: q', {
  count: 4,
  component: 'replicaset-controller',
})

/** Each symptom: a rule, what shows it, on what, with which words; and what looks like it and is none. */
const cases: readonly (readonly [Rule, readonly Thing[], string, string, readonly (readonly Thing[])[]])[] = [
  [
    crashingContainers,
    [pod(name, { owner, ready: false, containers: [{ status: crashed({ exitCode: 3 }) }] })],
    'Deployment shop/web',
    'exit code 3',
    [
      [
        pod(name, {
          owner,
          created: 400_000,
          containers: [
            {
              status: {
                restartCount: 4,
                lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt: ago(90_000) } },
              },
            },
          ],
        }),
      ],
      [
        pod('shop/job-1-aaaaa', {
          owner: 'Job/job-1',
          ready: false,
          status: {
            phase: 'Succeeded',
            containerStatuses: [
              {
                name: 'app',
                ready: false,
                restartCount: 0,
                state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: ago(60) } },
              },
            ],
          },
        }),
      ],
    ],
  ],
  [
    waitingContainers,
    [of(waiting('ImagePullBackOff', 'Back-off pulling image "x"'))],
    'Deployment shop/web',
    'ImagePullBackOff',
    [
      [of(waiting('ContainerCreating'), 20)],
      [of(waiting('CrashLoopBackOff'))],
      [
        of(waiting('ContainerCreating'), 20),
        event('shop', `Pod/${podName}`, 'FailedCreatePodSandBox', 'x', { last: 5 }),
      ],
    ],
  ],
  [
    waitingContainers,
    [
      of(waiting('ContainerCreating'), 70),
      event('shop', `Pod/${podName}`, 'FailedCreatePodSandBox', 'failed to setup network', { count: 4, last: 5 }),
    ],
    'Deployment shop/web',
    'ContainerCreating',
    [
      [
        of(waiting('ContainerCreating'), 70),
        event('shop', `Pod/${podName}`, 'FailedMount', 'failed to sync configmap cache', { count: 4, last: 5 }),
      ],
    ],
  ],
  [
    unreadyPods,
    [
      pod(name, {
        owner,
        ready: false,
        status: {
          conditions: [condition('Ready', 'False', 'ContainersNotReady', 'containers with unready status: [app]')],
        },
      }),
    ],
    'Deployment shop/web',
    'containers with unready status: [app]',
    [
      [
        pod(name, {
          owner,
          ready: false,
          status: { conditions: [condition('Ready', 'False', 'ContainersNotReady', 'x', 10)] },
        }),
      ],
      [pod(name, { owner })],
    ],
  ],
  [
    unscheduledPods,
    [unplaced(600)],
    'Deployment shop/web',
    'Insufficient cpu',
    [
      [unplaced(10)],
      [unplaced(300, 'SchedulingGated')],
      [unplaced(900, 'SchedulingGated'), pod(`${name}-2`, { owner })],
    ],
  ],
  [
    uncreatedPods,
    [workload('Deployment', 'shop/web', {}, 2), replicaSet('shop/web-6b7c8d9f5', 'web', 1), refused],
    'Deployment shop/web',
    'exceeded quota',
    [
      [
        workload('Deployment', 'shop/web', {}, 1),
        replicaSet('shop/web-6b7c8d9f5', 'web', 1),
        pod(name, { owner }),
        refused,
      ],
    ],
  ],
  [
    evictedPods,
    [
      pod(name, {
        owner,
        ready: false,
        status: {
          phase: 'Failed',
          reason: 'Evicted',
          message: 'The node was low on resource: memory.',
          startTime: ago(500),
          containerStatuses: undefined,
          conditions: [condition('DisruptionTarget', 'True', 'TerminationByKubelet', 'x', 300)],
        },
      }),
    ],
    'Deployment shop/web',
    'low on resource: memory',
    [
      [
        pod(name, {
          owner,
          created: 700_000,
          ready: false,
          status: {
            phase: 'Failed',
            reason: 'Evicted',
            message: 'x',
            startTime: ago(700_000),
            containerStatuses: undefined,
            conditions: [condition('DisruptionTarget', 'True', 'TerminationByKubelet', 'x', 600_000)],
          },
        }),
      ],
    ],
  ],
  [
    stuckDeletions,
    [pod(name, { owner, metadata: { deletionTimestamp: ago(900), finalizers: ['a.example.com/b'] } })],
    'Deployment shop/web',
    'a.example.com/b',
    [[pod(name, { owner, metadata: { deletionTimestamp: ago(-20) } })]],
  ],
  [
    unhealthyNodes,
    [
      node('node-1', {
        status: { conditions: [condition('Ready', 'False', 'KubeletNotReady', 'PLEG is not healthy')] },
      }),
    ],
    'Node node-1',
    'PLEG is not healthy',
    [
      [node('node-1')],
      [
        node('node-1', {
          status: {
            conditions: [
              condition('Ready', 'True'),
              condition('NetworkingReady', 'True'),
              condition('KernelDeadlock', 'False'),
            ],
          },
        }),
      ],
    ],
  ],
  [
    servicesWithoutEndpoints,
    [
      service('shop/web'),
      endpointSlice('shop/web', [{ pod: 'web-6b7c8d9f5-aaaaa', ready: false }]),
      pod(name, { owner, labels: { app: 'web' }, ready: false }),
    ],
    'Service shop/web',
    'none of its 1 pod is ready',
    [
      [service('shop/web'), endpointSlice('shop/web', []), workload('Deployment', 'shop/web', {}, 0)],
      [service('shop/web', { spec: { selector: undefined } })],
    ],
  ],
  [
    failingVolumes,
    [
      thing('v1', 'PersistentVolumeClaim', 'shop/data', { status: { phase: 'Pending' } }),
      pod(name, { owner, spec: { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] } }),
    ],
    'PersistentVolumeClaim shop/data',
    'Pending',
    [[thing('v1', 'PersistentVolumeClaim', 'shop/data', { status: { phase: 'Pending' } })]],
  ],
  [
    stalledRollouts,
    [
      workload('Deployment', 'shop/web', {
        status: {
          conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded', 'has timed out progressing')],
        },
      }),
    ],
    'Deployment shop/web',
    'has timed out progressing',
    [[workload('Deployment', 'shop/web', { status: { conditions: [condition('Progressing', 'True')] } })]],
  ],
  [
    failingJobs,
    [
      thing('batch/v1', 'Job', 'ops/report-1', {
        status: {
          conditions: [
            condition('Failed', 'True', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit'),
          ],
        },
      }),
    ],
    'Job ops/report-1',
    'BackoffLimitExceeded',
    [
      [
        thing('batch/v1', 'Job', 'ops/report-1', {
          status: { conditions: [condition('Failed', 'True', 'BackoffLimitExceeded', 'x', 90_000)] },
        }),
      ],
      [
        thing('batch/v1', 'Job', 'ops/report-29500000', {
          metadata: {
            ownerReferences: [
              { apiVersion: 'batch/v1', kind: 'CronJob', name: 'report', uid: 'uid-report', controller: true },
            ],
          },
          status: { conditions: [condition('Failed', 'True', 'BackoffLimitExceeded', 'x')] },
        }),
        thing('batch/v1', 'CronJob', 'ops/report', { status: { lastSuccessfulTime: ago(300) } }),
      ],
    ],
  ],
  [
    blockedAutoscalers,
    [scaler(condition('ScalingActive', 'False', 'FailedGetResourceMetric', 'no metrics returned'))],
    'HorizontalPodAutoscaler shop/web',
    'no metrics returned',
    [
      [scaler(condition('ScalingActive', 'False', 'ScalingDisabled'))],
      [scaler(condition('ScalingLimited', 'True', 'TooFewReplicas'))],
    ],
  ],
  [
    unavailableApis,
    [
      thing('apiregistration.k8s.io/v1', 'APIService', 'v1beta1.metrics.k8s.io', {
        status: { conditions: [condition('Available', 'False', 'MissingEndpoints', 'endpoints have no addresses')] },
      }),
    ],
    'APIService v1beta1.metrics.k8s.io',
    'MissingEndpoints',
    [
      [
        thing('apiregistration.k8s.io/v1', 'APIService', 'v1.apps', {
          status: { conditions: [condition('Available', 'True')] },
        }),
      ],
    ],
  ],
  [
    unhealthyConditions,
    [
      thing('db.example.com/v1', 'Database', 'shop/main', {
        status: { conditions: [condition('Ready', 'False', 'BackupFailed', 'no space in the bucket')] },
      }),
    ],
    'Database shop/main',
    'no space in the bucket',
    [
      [
        thing('db.example.com/v1', 'Database', 'shop/main', {
          status: { conditions: [condition('Ready', 'True'), condition('Degraded', 'False')] },
        }),
      ],
    ],
  ],
  [
    warningEvents,
    [event('shop', 'Pod/web-6b7c8d9f5-aaaaa', 'Unhealthy', 'Readiness probe failed: 503', { count: 3 })],
    'Deployment shop/web',
    'Readiness probe failed',
    [
      [event('shop', 'Pod/web-6b7c8d9f5-aaaaa', 'Unhealthy', 'x', { last: 3000 })],
      [event('shop', 'Pod/web-6b7c8d9f5-aaaaa', 'Pulled', 'x', { type: 'Normal' })],
      [event('', 'Node/node-1', 'CgroupV1', 'cgroup v1 support is in maintenance mode, please migrate to cgroup v2')],
    ],
  ],
]

describe.each(cases)('$0.id', (rule, objects, subject, words, quiet) => {
  it('shows what is broken, on what, in its own words', async () => {
    const outcome = await evaluate(rule, { objects })
    expect(subjectsOf(outcome)).toEqual([subject])
    expect(outcome.findings[0]).toMatchObject({ kind: 'symptom', says: expect.stringContaining(words) })
  })

  it('is quiet about what looks like it', async () => {
    for (const scene of quiet) expect((await evaluate(rule, { objects: scene })).findings).toEqual([])
  })
})

describe('error-logs', () => {
  it('tells failures that are logged, and not what is said of them', async () => {
    const log = (text: string) => ({ [`${name}/app`]: `${ago(30)} ${text}\n` })
    const objects = [pod(name, { owner })]
    const outcome = await evaluate(errorLogs, {
      objects,
      logs: log('level=error msg="cannot reach the bank" error="connection refused"'),
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect((await evaluate(errorLogs, { objects, logs: log('level=info msg="finished" errors=0') })).status).toBe(
      'clear',
    )
  })
})

describe('blocked-autoscalers', () => {
  const maxed = scaler(condition('ScalingLimited', 'True', 'TooManyReplicas', 'more than the maximum'))

  it('is quiet about one at its maximum while nothing fails, and shows it where pods do', async () => {
    const of = (ready: boolean) =>
      evaluate(blockedAutoscalers, {
        objects: [maxed, workload('Deployment', 'shop/web'), pod(name, { owner, ready })],
      })
    expect((await of(true)).findings).toEqual([])
    expect(subjectsOf(await of(false))).toEqual(['HorizontalPodAutoscaler shop/web'])
  })
})

describe('crashing-containers', () => {
  it('is weak of one restart that all have got over, and proof where one pod has not', async () => {
    const once = { ...crashed({ restarts: 1 }), ready: true, state: { running: { startedAt: ago(50) } } }
    const well = pod('shop/web-6b7c8d9f5-bbbbb', { owner, containers: [{ status: once }] })
    const sick = pod(name, { owner, ready: false, containers: [{ status: crashed() }] })
    const strengthOf = async (...objects: Thing[]) =>
      (await evaluate(crashingContainers, { objects })).findings[0]?.strength
    expect(await strengthOf(well)).toBe('weak')
    expect(await strengthOf(well, sick)).toBe('proof')
  })
})

describe('symptoms of pods', () => {
  const two = (make: (place: string) => Thing) => [make(name), make('shop/web-6b7c8d9f5-bbbbb')]
  const evicted = (place: string) =>
    pod(place, {
      owner,
      ready: false,
      status: {
        phase: 'Failed',
        reason: 'Evicted',
        message: 'The node was low on resource: memory.',
        conditions: [condition('DisruptionTarget', 'True', 'TerminationByKubelet', 'x', 300)],
      },
    })
  const unready = (place: string) =>
    pod(place, {
      owner,
      ready: false,
      status: { conditions: [condition('Ready', 'False', 'ContainersNotReady', 'x')] },
    })
  const homeless = (place: string) => ({
    ...unplaced(600),
    metadata: { ...(pod(place, { owner }).metadata as object) },
  })

  it.each([
    [evictedPods, evicted, '1 pod of web was taken away', '2 pods of web were taken away'],
    [unreadyPods, unready, '1 pod of web runs and is not ready', '2 pods of web run and are not ready'],
    [unscheduledPods, homeless, '1 pod of web has no node', '2 pods of web have no node'],
  ] as const)('are told of one pod and of several: $0.id', async (rule, make, one, several) => {
    const says = async (...objects: Thing[]) => (await evaluate(rule, { objects })).findings[0]?.says
    expect(await says(make(name))).toContain(one)
    expect(await says(...two(make))).toContain(several)
  })
})

describe('symptoms of the same moment', () => {
  const [b, a] = ['shop/b-6b7c8d9f5-aaaaa', 'shop/a-6b7c8d9f5-aaaaa'].map((place) =>
    pod(place, {
      owner: `ReplicaSet/${place.slice(5, -6)}`,
      metadata: { deletionTimestamp: ago(900), finalizers: ['a.example.com/b'] },
    }),
  ) as [Thing, Thing]
  const refusedTo = (set: string) => event('shop', `ReplicaSet/${set}`, 'FailedCreate', 'exceeded quota: q')
  const refusals = ['b-6b7c8d9f5', 'a-6b7c8d9f5'].map(refusedTo)
  const line = `${ago(30)} level=error msg="cannot reach the bank" error="connection refused"\n`
  const logs = { 'shop/b-6b7c8d9f5-aaaaa/app': line, 'shop/a-6b7c8d9f5-aaaaa/app': line }

  it.each([
    [stuckDeletions, { objects: [b, a] }],
    [errorLogs, { objects: [b, a], logs }],
    [uncreatedPods, { objects: refusals }],
    [warningEvents, { objects: refusals }],
  ] as const)('are told in the order of names: $0.id', async (rule, scene) => {
    const names = (await evaluate(rule, scene)).findings.map(({ subject }) => subject.name)
    expect(names.map((one) => one.slice(0, 1))).toEqual(['a', 'b'])
  })
})

it('dates an eviction by its event where the pod itself does not tell when it ended', async () => {
  const status = { phase: 'Failed', reason: 'Evicted', message: 'low on memory', conditions: undefined }
  const old = pod(name, { owner, created: 9000, ready: false, status })
  const told = async (...events: readonly Thing[]) =>
    (await evaluate(evictedPods, { objects: [old, ...events] })).findings
  expect(await told()).toEqual([])
  const evicted = event('shop', `Pod/${podName}`, 'Evicted', 'low on memory', { last: 300 })
  expect(await told(evicted)).toMatchObject([{ symptom: 'evicted', from: Date.parse(ago(300)) }])
})

describe('uncreated-pods without events', () => {
  const set = (patch: Record<string, unknown>) => replicaSet('shop/web-6b7c8d9f5', 'web', 1, patch)
  const short = set({ spec: { replicas: 3 }, status: { replicas: 1 } })
  const stateful = (patch: Record<string, unknown> = {}) =>
    workload('StatefulSet', 'shop/db', { status: { replicas: 1 }, ...patch }, 3)
  const one = (patch: Parameters<typeof pod>[1] = {}) => pod('shop/db-0', { owner: 'StatefulSet/db', ...patch })
  const told = async (objects: readonly Thing[], ...denied: string[]) =>
    (await evaluate(uncreatedPods, { objects, denied: ['events', ...denied] })).findings.map(({ says }) => says)

  it('tells what the condition of a Deployment says, once', async () => {
    const failure = condition('ReplicaFailure', 'True', 'FailedCreate', 'pods "web-x" is forbidden: no')
    const objects = [workload('Deployment', 'shop/web', { status: { conditions: [failure] } }, 3), short]
    expect(await told(objects)).toEqual(['Pods of web could not be created: pods "web-x" is forbidden: no'])
  })

  it('tells of a generation, or a set, that lacks pods of which none is coming', async () => {
    const objects = [workload('Deployment', 'shop/web', {}, 3), short, pod(name, { owner })]
    expect(await told(objects)).toEqual(['web wants 3 pods and has only 1; no event says why.'])
    expect(await told([stateful(), one()])).toEqual(['db wants 3 pods and has only 1; no event says why.'])
    const alone = workload('Deployment', 'shop/web', { status: { replicas: 1, updatedReplicas: 1 } }, 3)
    expect(await told([alone, pod(name, { owner })], 'replicasets.apps')).toHaveLength(1)
    const rolling = workload('Deployment', 'shop/web', { status: { replicas: 2, updatedReplicas: 1 } }, 3)
    expect(await told([rolling, pod(name, { owner })], 'replicasets.apps')).toEqual([])
  })

  it.each([
    ['a pod that is coming', [workload('Deployment', 'shop/web', {}, 1), set({}), unplaced(900)]],
    [
      'old pods that a rollout has taken away',
      [
        workload('Deployment', 'shop/web', { status: { replicas: 2 } }, 3),
        set({ spec: { replicas: 1 }, status: { replicas: 1 } }),
        pod(name, { owner }),
      ],
    ],
    ['an ordered set that waits for a pod', [stateful(), one({ ready: false })]],
    [
      'a pod that is leaving',
      [stateful(), one(), pod('shop/db-1', { owner: 'StatefulSet/db', metadata: { deletionTimestamp: ago(5) } })],
    ],
    ['what was asked for only now', [stateful({ metadata: { managedFields: [wrote('kubectl', 30, {})] } }), one()]],
    [
      'what was paused',
      [workload('Deployment', 'shop/web', { spec: { paused: true } }, 3), short, pod(name, { owner })],
    ],
  ] as const)('is quiet about %s', async (_, objects) => {
    expect(await told(objects)).toEqual([])
  })

  it('says nothing of pods that it was not allowed to see', async () => {
    expect(await told([stateful()], 'pods')).toEqual([])
  })
})

describe('unscheduled-pods', () => {
  it('tells a gated pod of a workload that serves with none for long, and leaves those of a queue', async () => {
    const held = (kind: string) => ({
      ...unplaced(900, 'SchedulingGated'),
      metadata: {
        ...(unplaced(900).metadata as object),
        ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'web', uid: 'u', controller: true }],
      },
    })
    const of = async (kind: string) => (await evaluate(unscheduledPods, { objects: [held(kind)] })).findings
    expect(await of('StatefulSet')).toHaveLength(1)
    expect(await of('Job')).toEqual([])
  })
})

describe('unhealthy-conditions', () => {
  const DAYS = 86_400
  const bad = (type: string, reason: string, since: number, more: object = {}) => ({
    conditions: [{ type, status: 'False', reason, message: 'no', lastTransitionTime: ago(since) }],
    ...more,
  })
  const custom = (apiVersion: string, kind: string, words: object) =>
    thing(apiVersion, kind, 'shop/main', { status: words })
  const toldOf = async (apiVersion: string, kind: string, words: object) =>
    (await evaluate(unhealthyConditions, { objects: [custom(apiVersion, kind, words)] })).findings.map(
      ({ says }) => says,
    )

  it.each([
    ['CertificateRequest', bad('Ready', 'Failed', 21 * DAYS), bad('Ready', 'Failed', 4000)],
    ['Order', { state: 'invalid', failureTime: ago(60 * DAYS) }, { state: 'invalid', failureTime: ago(4000) }],
    [
      'Restore',
      { phase: 'Failed', completionTimestamp: ago(2 * DAYS) },
      { phase: 'Failed', completionTimestamp: ago(900) },
    ],
    ['Bucket', bad('Synced', 'Creating', 45), bad('Synced', 'Creating', 600)],
    ['Order', bad('Ready', 'Failed', 2 * DAYS), bad('Ready', 'Pending', 2 * DAYS)],
    ['Bucket', bad('Other', 'Failed', 4000), bad('Synced', 'ReconcileError', 21 * DAYS)],
  ])(
    'takes a failure of long ago of what is done once, and what is not well for a moment, for no symptom: %s %#',
    async (kind, quiet, fires) => {
      expect(await toldOf('example.io/v1', kind, quiet)).toEqual([])
      expect(await toldOf('example.io/v1', kind, fires)).toHaveLength(1)
    },
  )

  it('reads conditions of Argo CD, which have no status', async () => {
    const of = (type: string) =>
      toldOf('argoproj.io/v1alpha1', 'Application', { conditions: [{ type, message: 'authentication required' }] })
    expect(await of('ComparisonError')).toEqual(['Application main says ComparisonError: authentication required'])
    expect(await of('OrphanedResourceWarning')).toEqual([])
  })

  it('quotes the last operation of Argo CD where it failed', async () => {
    const of = (phase: string) =>
      toldOf('argoproj.io/v1alpha1', 'Application', {
        health: { status: 'Degraded', message: 'too slow' },
        operationState: { phase, message: 'admission webhook "x" denied the request: no' },
      })
    expect(await of('Failed')).toEqual(['Application main is Degraded: admission webhook "x" denied the request: no'])
    expect(await of('Succeeded')).toEqual(['Application main is Degraded: too slow'])
  })

  it('takes the words that are a reason before those that only say that it is not ready', async () => {
    const denied = 'secrets "pg" is forbidden: User "system:serviceaccount:a:b" cannot create resource "secrets"'
    const [says] = await toldOf('postgresql.cnpg.io/v1', 'Cluster', {
      phaseReason: denied,
      ...bad('Ready', 'ClusterIsNotReady', 5000),
    })
    expect(says).toContain(denied)
  })

  const status = (apiVersion: string, kind: string, words: Record<string, unknown>) =>
    thing(apiVersion, kind, 'shop/main', { status: words })

  it.each([
    [
      status('velero.io/v1', 'BackupStorageLocation', { phase: 'Unavailable', message: 'no such bucket' }),
      'no such bucket',
    ],
    [
      status('argoproj.io/v1alpha1', 'Application', { health: { status: 'Degraded', message: 'a' }, sync: {} }),
      'is Degraded: a',
    ],
    [status('acme.cert-manager.io/v1', 'Challenge', { state: 'errored', reason: 'no such zone' }), 'no such zone'],
    [status('acid.zalan.do/v1', 'Postgresql', { PostgresClusterStatus: 'SyncFailed' }), 'is SyncFailed.'],
    [status('ceph.rook.io/v1', 'CephCluster', { phase: 'Ready', ceph: { health: 'HEALTH_ERR' } }), 'is HEALTH_ERR'],
    [status('elasticsearch.k8s.elastic.co/v1', 'Elasticsearch', { phase: 'Ready', health: 'red' }), 'is red'],
    [status('postgresql.cnpg.io/v1', 'Cluster', { phase: 'Not enough disk space', phaseReason: 'b' }), 'disk space: b'],
    [
      status('velero.io/v1', 'Backup', { phase: 'PartiallyFailed', completionTimestamp: ago(600) }),
      'is PartiallyFailed',
    ],
  ])('reads the words that operators use: %#', async (object, words) => {
    expect((await evaluate(unhealthyConditions, { objects: [object] })).findings[0]?.says).toContain(words)
  })

  it.each([
    [status('velero.io/v1', 'BackupStorageLocation', { phase: 'Available' })],
    [status('argoproj.io/v1alpha1', 'Application', { health: { status: 'Healthy' }, sync: { status: 'OutOfSync' } })],
    [status('argoproj.io/v1alpha1', 'Application', { health: { status: 'Progressing' } })],
    [status('ceph.rook.io/v1', 'CephCluster', { phase: 'Ready', ceph: { health: 'HEALTH_WARN' } })],
    [status('postgresql.cnpg.io/v1', 'Cluster', { phase: 'Cluster in healthy state' })],
    [status('postgresql.cnpg.io/v1', 'Cluster', { phase: 'Failing over', phaseReason: 'x' })],
    [status('velero.io/v1', 'Backup', { phase: 'PartiallyFailed', completionTimestamp: ago(90_000) })],
    [status('argoproj.io/v1alpha1', 'Workflow', { phase: 'Failed', finishedAt: ago(90_000) })],
    [status('example.io/v1', 'Widget', { phase: 'Pending', state: 'Unknown', health: 'yellow' })],
  ])('is quiet about states that are normal, pass by themselves, or are history: %#', async (object) => {
    expect((await evaluate(unhealthyConditions, { objects: [object] })).findings).toEqual([])
  })

  it('touches what Flux says that it waits for, where that is there', async () => {
    const message =
      "Health check failed after 2m0s: timeout waiting for: [Deployment/shop/web status: 'InProgress', Deployment/shop/gone status: 'NotFound']"
    const object = status('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', {
      conditions: [condition('Ready', 'False', 'HealthCheckFailed', message)],
    })
    const { findings } = await evaluate(unhealthyConditions, { objects: [object, workload('Deployment', 'shop/web')] })
    expect(findings[0]?.affects).toEqual([{ kind: 'Deployment', namespace: 'shop', name: 'web' }])
  })

  it('touches what Argo CD says that it applied and is not well', async () => {
    const resources = ['web', 'api'].map((name) => ({
      kind: 'Deployment',
      namespace: 'shop',
      name,
      health: { status: name === 'web' ? 'Degraded' : 'Healthy' },
    }))
    const object = status('argoproj.io/v1alpha1', 'Application', { health: { status: 'Degraded' }, resources })
    const { findings } = await evaluate(unhealthyConditions, { objects: [object] })
    expect(findings[0]?.affects).toEqual([{ kind: 'Deployment', namespace: 'shop', name: 'web' }])
  })

  it('is quiet about kinds that have rules of their own, and about what is being deleted', async () => {
    const api = thing('apiregistration.k8s.io/v1', 'APIService', 'v1beta1.metrics.k8s.io', {
      status: { conditions: [condition('Available', 'False', 'MissingEndpoints')] },
    })
    const gone = thing('db.example.com/v1', 'Database', 'shop/main', {
      metadata: { deletionTimestamp: ago(20) },
      status: { conditions: [condition('Ready', 'False', 'Deleting')] },
    })
    for (const one of [api, gone])
      expect((await evaluate(unhealthyConditions, { objects: [one] })).findings).toEqual([])
  })
})

describe('a pod within the time of its startup probe', () => {
  const startupProbe = { tcpSocket: { port: 8080 }, periodSeconds: 10, failureThreshold: 30 }
  const starting = (age: number) => [
    service('shop/web'),
    pod('shop/web-1', {
      labels: { app: 'web' },
      ready: false,
      created: age,
      containers: [{ spec: { startupProbe }, status: { started: false, state: { running: { startedAt: ago(age) } } } }],
    }),
    endpointSlice('shop/web', [{ pod: 'web-1', ready: false }]),
  ]

  it.each([unreadyPods, servicesWithoutEndpoints])('is no symptom yet: $id', async (rule) => {
    expect((await evaluate(rule, { objects: starting(150) })).findings).toEqual([])
    expect((await evaluate(rule, { objects: starting(350) })).findings).toHaveLength(1)
  })
})
