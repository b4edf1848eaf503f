import { describe, expect, it } from 'vitest'
import { crFinalizerLbOrVolumeLeak } from '../../../src/rules/termination/cr-finalizer-lb-or-volume-leak.ts'
import { namespaceStuckTerminating } from '../../../src/rules/termination/namespace-stuck-terminating.ts'
import { podFinalizerOrphaned } from '../../../src/rules/termination/pod-finalizer-orphaned.ts'
import { podTerminatingNodeGone } from '../../../src/rules/termination/pod-terminating-node-gone.ts'
import { podTerminatingRuntimeStuck } from '../../../src/rules/termination/pod-terminating-runtime-stuck.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { event, node, pod, thing, workload } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const ended = {
  containerStatuses: [
    {
      name: 'app',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: ago(7000) } },
    },
  ],
}

function deleted(
  seconds: number,
  finalizers: readonly string[],
  status: Record<string, unknown> = ended,
  nodeName = 'node-1',
): Thing {
  return pod('shop/queue-0', {
    owner: 'StatefulSet/queue',
    created: 90_000,
    node: nodeName,
    ready: false,
    status,
    metadata: { deletionTimestamp: ago(seconds), deletionGracePeriodSeconds: 30, finalizers },
  })
}

describe('pod-finalizer-orphaned', () => {
  const kept = deleted(7200, ['queue.example.com/drain'])

  it('is what keeps a pod that was given up with its node', async () => {
    const collected = deleted(
      7200,
      ['queue.example.com/drain'],
      {
        phase: 'Failed',
        conditions: [
          {
            type: 'DisruptionTarget',
            status: 'True',
            reason: 'DeletionByPodGC',
            message: 'PodGC: node no longer exists',
            lastTransitionTime: ago(7100),
          },
        ],
      },
      'node-gone',
    )
    const objects = [node('node-1'), collected]
    expect(subjectsOf(await evaluate(podFinalizerOrphaned, { objects }))).toEqual(['StatefulSet shop/queue'])
    expect((await evaluate(podTerminatingNodeGone, { objects })).findings).toEqual([])
  })

  it('is proven where nothing of the finalizer’s domain is left', async () => {
    const outcome = await evaluate(podFinalizerOrphaned, { objects: [node('node-1'), kept] })
    expect(subjectsOf(outcome)).toEqual(['StatefulSet shop/queue'])
    expect(outcome.findings[0]).toMatchObject({
      strength: 'proof',
      says: expect.stringContaining('queue.example.com/drain'),
    })
  })

  it('is less sure where the operator is there, or where nobody knows', async () => {
    const operator = workload('Deployment', 'ops/queue-operator')
    expect(
      (await evaluate(podFinalizerOrphaned, { objects: [node('node-1'), kept, operator] })).findings[0]?.strength,
    ).toBe('weak')
    const blind = await evaluate(podFinalizerOrphaned, {
      objects: [node('node-1'), kept],
      denied: ['deployments.apps'],
    })
    expect(blind.findings[0]?.strength).toBe('weak')
  })

  it('leaves alone what just began, what Kubernetes keeps itself, and what a lost node keeps', async () => {
    for (const objects of [
      [node('node-1'), deleted(5, ['queue.example.com/drain'])],
      [node('node-1'), deleted(7200, ['batch.kubernetes.io/job-tracking'])],
      [deleted(7200, ['queue.example.com/drain'], {}, 'node-gone')],
    ])
      expect((await evaluate(podFinalizerOrphaned, { objects })).findings).toEqual([])
  })

  it('does not speak of a pod that no finalizer keeps', async () => {
    const outcome = await evaluate(podFinalizerOrphaned, { objects: [node('node-1'), deleted(7200, [])] })
    expect(outcome).toMatchObject({ findings: [], rejections: [] })
  })
})

describe('pod-terminating-node-gone', () => {
  it('names the workload whose deleted pods name a node that is not there', async () => {
    const outcome = await evaluate(podTerminatingNodeGone, {
      objects: [node('node-1'), deleted(900, [], {}, 'node-9')],
    })
    expect(subjectsOf(outcome)).toEqual(['StatefulSet shop/queue'])
  })

  it('is quiet where the node is Ready, or where nodes were not captured', async () => {
    expect((await evaluate(podTerminatingNodeGone, { objects: [node('node-1'), deleted(900, [], {})] })).status).toBe(
      'clear',
    )
    expect(
      (await evaluate(podTerminatingNodeGone, { objects: [deleted(900, [], {}, 'node-9')], denied: ['nodes'] })).status,
    ).toBe('not-evaluated')
  })

  it('does not speak of pods that nobody deleted, that just end, or that never had a node', async () => {
    const unplaced = deleted(900, [], { phase: 'Pending' }, '')
    for (const one of [pod('shop/queue-0', { node: 'node-9' }), deleted(20, [], {}, 'node-9'), unplaced])
      expect(await evaluate(podTerminatingNodeGone, { objects: [node('node-1'), one] })).toMatchObject({
        findings: [],
        rejections: [],
      })
  })
})

describe('pod-terminating-runtime-stuck', () => {
  it('knows that the job controller waits for the containers', async () => {
    const objects = [node('node-1'), deleted(900, ['batch.kubernetes.io/job-tracking'], {})]
    expect((await evaluate(podTerminatingRuntimeStuck, { objects })).findings).toHaveLength(1)
  })

  it('names pods whose containers go on running on a node that is well', async () => {
    const killed = event(
      'shop',
      'Pod/queue-0',
      'FailedKillPod',
      'error killing pod: failed to "KillContainer" for "app" with KillContainerError: "rpc error: code = DeadlineExceeded desc = context deadline exceeded"',
    )
    const outcome = await evaluate(podTerminatingRuntimeStuck, {
      objects: [node('node-1'), deleted(900, [], {}), killed],
    })
    expect(subjectsOf(outcome)).toEqual(['StatefulSet shop/queue'])
    expect(outcome.findings[0]?.strength).toBe('proof')
  })

  it('is quiet where the containers have ended or a finalizer keeps the pod', async () => {
    expect((await evaluate(podTerminatingRuntimeStuck, { objects: [node('node-1'), deleted(900, [])] })).status).toBe(
      'clear',
    )
    expect(
      (await evaluate(podTerminatingRuntimeStuck, { objects: [node('node-1'), deleted(900, ['a.example.com/b'], {})] }))
        .status,
    ).toBe('clear')
  })

  it('does not speak of pods that nobody deleted, that just end, or that never had a node', async () => {
    const unplaced = deleted(900, [], { phase: 'Pending' }, '')
    for (const one of [pod('shop/queue-0'), deleted(60, [], {}), unplaced])
      expect(await evaluate(podTerminatingRuntimeStuck, { objects: [node('node-1'), one] })).toMatchObject({
        findings: [],
        rejections: [],
      })
  })
})

describe('namespace-stuck-terminating', () => {
  const stuck = (seconds: number, conditions: readonly unknown[]) =>
    thing('v1', 'Namespace', 'old', {
      metadata: { deletionTimestamp: ago(seconds) },
      status: { phase: 'Terminating', conditions },
    })
  const remaining = {
    type: 'NamespaceFinalizersRemaining',
    status: 'True',
    reason: 'SomeFinalizersRemain',
    message: 'Some content in the namespace has finalizers remaining: queue.example.com/drain in 1 resource instances',
    lastTransitionTime: ago(800),
  }

  it('tells what is left in it', async () => {
    const outcome = await evaluate(namespaceStuckTerminating, { objects: [stuck(900, [remaining])] })
    expect(subjectsOf(outcome)).toEqual(['Namespace old'])
    expect(outcome.findings[0]?.says).toContain('queue.example.com/drain')
  })

  it('is quiet while a deletion just began', async () => {
    const content = { ...remaining, type: 'NamespaceContentRemaining', message: 'pods. has 3 resource instances' }
    expect((await evaluate(namespaceStuckTerminating, { objects: [stuck(20, [content, remaining])] })).status).toBe(
      'clear',
    )
    expect((await evaluate(namespaceStuckTerminating, { objects: [stuck(120, [content])] })).status).toBe('clear')
    expect((await evaluate(namespaceStuckTerminating, { objects: [stuck(900, [content])] })).status).toBe('fired')
    expect((await evaluate(namespaceStuckTerminating, { objects: [stuck(120, [remaining])] })).status).toBe('fired')
    expect((await evaluate(namespaceStuckTerminating, { objects: [stuck(20, [])] })).status).toBe('clear')
  })

  it('is not proven by conditions that are false, or of others than Kubernetes', async () => {
    const solved = { ...remaining, status: 'False', reason: 'ContentHasNoFinalizers', message: 'All content gone' }
    const others = { ...remaining, type: 'Ready', reason: 'Ready', message: 'subnamespace is ready' }
    for (const one of [solved, others]) {
      expect((await evaluate(namespaceStuckTerminating, { objects: [stuck(120, [one])] })).status).toBe('clear')
      const { findings } = await evaluate(namespaceStuckTerminating, { objects: [stuck(900, [one])] })
      expect(findings).toMatchObject([{ strength: 'strong', says: expect.stringMatching(/for 15 min\.$/) }])
    }
  })

  it('does not speak of a namespace that nobody deleted', async () => {
    const active = thing('v1', 'Namespace', 'shop', { status: { phase: 'Active' } })
    expect((await evaluate(namespaceStuckTerminating, { objects: [active] })).rejections).toEqual([])
  })
})

describe('cr-finalizer-lb-or-volume-leak', () => {
  it('leaves attachments to the rules of storage', async () => {
    const attachment = thing('storage.k8s.io/v1', 'VolumeAttachment', 'csi-1', {
      metadata: { deletionTimestamp: ago(3000), finalizers: ['external-attacher/ebs-csi-aws-com'] },
    })
    expect((await evaluate(crFinalizerLbOrVolumeLeak, { objects: [attachment] })).status).toBe('clear')
  })

  const service = (seconds: number) =>
    thing('v1', 'Service', 'shop/web', {
      metadata: { deletionTimestamp: ago(seconds), finalizers: ['service.lb.example.com/resources'] },
      spec: { type: 'LoadBalancer' },
    })

  it('names what a finalizer keeps whose controller is gone', async () => {
    const outcome = await evaluate(crFinalizerLbOrVolumeLeak, { objects: [service(3000)] })
    expect(subjectsOf(outcome)).toEqual(['Service shop/web'])
    expect(outcome.findings[0]?.strength).toBe('strong')
  })

  it('is quiet in the first minutes', async () => {
    expect((await evaluate(crFinalizerLbOrVolumeLeak, { objects: [service(60)] })).status).toBe('clear')
  })

  it('gives a controller that runs a quarter of an hour', async () => {
    const operator = workload('Deployment', 'ops/queue-operator')
    const queue = (seconds: number, finalizer = 'queue.example.com/drain') =>
      thing('queue.example.com/v1', 'Queue', 'shop/orders', {
        metadata: { deletionTimestamp: ago(seconds), finalizers: [finalizer] },
      })
    const of = (...objects: Thing[]) => evaluate(crFinalizerLbOrVolumeLeak, { objects })
    expect(await of(operator, queue(600))).toMatchObject({ findings: [], rejections: [{ kind: 'rejected' }] })
    expect((await of(operator, queue(3000))).findings).toMatchObject([{ strength: 'weak' }])
    expect((await of(queue(600))).findings).toMatchObject([{ strength: 'strong' }])
    expect((await of(queue(3000, 'foregroundDeletion'))).status).toBe('clear')
  })
})
