import { describe, expect, it } from 'vitest'
import { parseKarpenterFailure } from '../../../src/incident/messages/karpenter-failure.ts'
import { parseNotTriggered } from '../../../src/incident/messages/not-triggered.ts'
import { parseUnschedulable, type UnschedulableKind } from '../../../src/incident/messages/unschedulable.ts'

describe('parseUnschedulable', () => {
  it('reads counts, values and the tail of today', () => {
    const message =
      '0/12 nodes are available: 3 Insufficient cpu, 9 node(s) had untolerated taint {a: b}. preemption: 0/12 nodes are available: 12 No preemption victims found for incoming pod.'
    expect(parseUnschedulable(message)).toEqual({
      nodes: 12,
      available: 0,
      reasons: [
        { count: 3, words: 'Insufficient cpu', kind: 'insufficient', resource: 'cpu' },
        { count: 9, words: 'node(s) had untolerated taint {a: b}', kind: 'taint', taint: { key: 'a', value: 'b' } },
      ],
      preemption: {
        helpful: true,
        noVictims: 12,
        reasons: [{ count: 12, words: 'No preemption victims found for incoming pod', kind: 'other' }],
      },
    })
  })

  it.each([
    ["0/5 nodes are available: 5 node(s) had taints that the pod didn't tolerate.", undefined],
    [
      "0/5 nodes are available: 5 node(s) had taint {dedicated: batch}, that the pod didn't tolerate.",
      { key: 'dedicated', value: 'batch' },
    ],
    [
      '0/5 nodes are available: 5 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }. preemption: 0/5 nodes are available: 5 Preemption is not helpful for scheduling..',
      { key: 'node.kubernetes.io/disk-pressure' },
    ],
    [
      '0/5 nodes are available: 5 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/5 nodes are available: 5 Preemption is not helpful for scheduling.',
      undefined,
    ],
  ])('reads a taint of every generation: %s', (message, taint) => {
    const [reason] = parseUnschedulable(message)?.reasons ?? []
    expect(reason).toMatchObject({ count: 5, kind: 'taint' })
    expect(reason?.taint).toEqual(taint)
  })

  it.each([
    ['', undefined],
    [' preemption: 0/2 nodes are available: 2 No victims found for incoming pods.', { helpful: true, noVictims: 2 }],
    [
      ' preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
      { helpful: false, noVictims: 0 },
    ],
    [
      ' no new claims to deallocate, preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
      { helpful: true, noVictims: 1 },
    ],
    [
      ' ...preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling..',
      { helpful: false, noVictims: 0 },
    ],
    [' preemption: not eligible due to preemptionPolicy=Never.', { helpful: true, noVictims: 0 }],
  ])('reads a tail of every generation: %s', (tail, preemption) => {
    const parsed = parseUnschedulable(`0/2 nodes are available: 2 Insufficient cpu.${tail}`)
    expect(parsed?.reasons).toEqual([{ count: 2, words: 'Insufficient cpu', kind: 'insufficient', resource: 'cpu' }])
    if (preemption) expect(parsed?.preemption).toMatchObject(preemption)
    else expect(parsed).not.toHaveProperty('preemption')
  })

  const kinds: [string, UnschedulableKind][] = [
    ['Too many pods', 'too-many-pods'],
    ['Insufficient pods', 'too-many-pods'],
    ['Insufficient vpc.amazonaws.com/pod-eni', 'insufficient'],
    ['node(s) were unschedulable', 'unschedulable-node'],
    ['node(s) had disk pressure', 'pressure'],
    ['node(s) were not ready', 'pressure'],
    ['node(s) had volume node affinity conflict', 'volume-node-affinity'],
    ["node(s) didn't match PersistentVolume's node affinity", 'volume-node-affinity'],
    ["node(s) didn't match Pod's node affinity/selector", 'node-affinity'],
    ["node(s) didn't match Pod's node affinity", 'node-affinity'],
    ["node(s) didn't match node selector", 'node-affinity'],
    ["node(s) didn't match pod topology spread constraints (missing required label)", 'topology-spread'],
    ["node(s) didn't match pod topology spread constraints", 'topology-spread'],
    ["node(s) didn't match pod affinity rules", 'pod-affinity'],
    ["node(s) didn't match pod anti-affinity rules", 'pod-anti-affinity'],
    ["node(s) didn't satisfy existing pods anti-affinity rules", 'pod-anti-affinity'],
    ["node(s) didn't have free ports for the requested pod ports", 'host-ports'],
    ['node(s) exceed max volume count', 'volume-limit'],
    ["node(s) didn't find available persistent volumes to bind", 'volume-binding'],
    ['node(s) had no available disk', 'volume-in-use'],
    ['node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode', 'volume-in-use'],
    ["node(s) didn't match the requested node name", 'node-name'],
    ["node(s) didn't match the requested hostname", 'node-name'],
    ['cannot allocate all claims', 'other'],
  ]
  it.each(kinds)('knows %s', (words, kind) => {
    const parsed = parseUnschedulable(`0/7 nodes are available: 7 ${words}.`)
    expect(parsed?.reasons).toMatchObject([{ count: 7, words, kind }])
  })

  it('gives a reason without a count to all nodes', () => {
    const unbound = parseUnschedulable(
      '0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    )
    expect(unbound?.reasons).toMatchObject([{ count: 2, kind: 'unbound-volume-claims' }])
    const missing = parseUnschedulable('0/1 nodes are available: persistentvolumeclaim "data-db-0" not found.')
    expect(missing?.reasons).toMatchObject([{ count: 1, kind: 'missing-volume-claim', name: 'data-db-0' }])
  })

  it('reads what old schedulers say without a count of nodes', () => {
    const parsed = parseUnschedulable('pod has unbound immediate PersistentVolumeClaims (repeated 3 times)')
    expect(parsed).toMatchObject({ nodes: 0, reasons: [{ count: 0, kind: 'unbound-volume-claims' }] })
  })

  it('leaves alone what others say', () => {
    expect(
      parseUnschedulable('Failed to schedule pod, no instance type met the scheduling requirements'),
    ).toBeUndefined()
    expect(parseUnschedulable("pod didn't trigger scale-up: 1 max node group size reached")).toBeUndefined()
    expect(parseUnschedulable('')).toBeUndefined()
  })

  it.each(['.', ', 1 ', '{', '0/1 nodes are available: ', '. preemption: ', ' ', '1 node(s) had taint {'])(
    'returns on a text that repeats %j, on which what backtracks would not',
    (piece) => {
      expect(parseUnschedulable(`0/1 nodes are available: ${piece.repeat(100_000)}`)?.nodes ?? 1).toBe(1)
    },
  )
})

describe('parseNotTriggered', () => {
  it('reads what hinders each node group', () => {
    const message =
      "pod didn't trigger scale-up: 1 max node group size reached, 2 node(s) didn't match Pod's node affinity/selector, 1 in backoff after failed scale-up, 3 Insufficient cpu, 1 node(s) had untolerated taint {gpu: true}"
    expect(parseNotTriggered(message)).toMatchObject([
      { count: 1, kind: 'max-size' },
      { count: 2, kind: 'node-affinity' },
      { count: 1, kind: 'backoff' },
      { count: 3, kind: 'insufficient', resource: 'cpu' },
      { count: 1, kind: 'taint', taint: { key: 'gpu', value: 'true' } },
    ])
  })

  it('reads one without reasons, and the words of old versions', () => {
    expect(parseNotTriggered("pod didn't trigger scale-up:")).toEqual([])
    const old =
      "pod didn't trigger scale-up (it wouldn't fit if a new node is added): 2 node(s) didn't match node selector"
    expect(parseNotTriggered(old)).toMatchObject([{ count: 2, kind: 'node-affinity' }])
    expect(parseNotTriggered('0/1 nodes are available: 1 Insufficient cpu.')).toBeUndefined()
  })
})

describe('parseKarpenterFailure', () => {
  it('reads the reason of each pool, quoted as before v1.5', () => {
    const message =
      'Failed to schedule pod, incompatible with nodepool "system", daemonset overhead={"cpu":"821m","pods":"10"}, incompatible requirements, label "nvidia.com/x" does not have known values; incompatible with nodepool "arm", daemonset overhead={"cpu":"1"}, did not tolerate workload-type=ci:NoSchedule; all available instance types exceed limits for nodepool: "graviton"; incompatible with nodepool "gpu", daemonset overhead={"cpu":"1"}, no instance type met the scheduling requirements or had enough resources, requirements=a In [b], resources={"cpu":"9"}'
    expect(parseKarpenterFailure(message)).toEqual([
      {
        nodepool: 'system',
        reason: 'incompatible requirements, label "nvidia.com/x" does not have known values',
        kind: 'requirements',
      },
      { nodepool: 'arm', reason: 'did not tolerate workload-type=ci:NoSchedule', kind: 'taint' },
      {
        nodepool: 'graviton',
        reason: 'all available instance types exceed limits for nodepool: "graviton"',
        kind: 'limits',
      },
      {
        nodepool: 'gpu',
        reason:
          'no instance type met the scheduling requirements or had enough resources, requirements=a In [b], resources={"cpu":"9"}',
        kind: 'no-instance-type',
      },
    ])
  })

  it('reads the name of a pool that stands behind, as since v1.5', () => {
    const message =
      'Failed to schedule pod, incompatible with nodepool, daemonset overhead={"cpu":"150m"}, did not tolerate taint (NodePool=batch, taint=dedicated=batch:NoSchedule); all available instance types exceed limits for nodepool (NodePool=linux-x64)'
    expect(parseKarpenterFailure(message)).toEqual([
      { nodepool: 'batch', reason: 'did not tolerate taint', kind: 'taint' },
      { nodepool: 'linux-x64', reason: 'all available instance types exceed limits for nodepool', kind: 'limits' },
    ])
  })

  it('reads provisioners, logs, and pools that are not named', () => {
    const old =
      'Could not schedule pod, incompatible with provisioner "default", no instance type satisfied resources {"cpu":"1"}'
    expect(parseKarpenterFailure(old)).toMatchObject([{ nodepool: 'default', kind: 'no-instance-type' }])
    const unnamed = 'Failed to schedule pod, did not tolerate taint (taint=dedicated=batch:NoSchedule)'
    expect(parseKarpenterFailure(unnamed)).toEqual([{ nodepool: '', reason: 'did not tolerate taint', kind: 'taint' }])
    expect(parseKarpenterFailure('0/1 nodes are available: 1 Insufficient cpu.')).toEqual([])
  })
})
