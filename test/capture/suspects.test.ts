import { describe, expect, it } from 'vitest'
import { createSuspects } from '../../src/capture/suspects.ts'
import type { ObservedContainer, ObservedPod } from '../../src/collector.ts'

const healthy: ObservedContainer = {
  name: 'app',
  type: 'container',
  restarts: 0,
  ready: true,
  state: 'running',
  hasPrevious: false,
}

function pod(name: string, fields: Partial<ObservedPod> = {}): ObservedPod {
  return {
    kind: 'Pod',
    namespace: 'shop',
    name,
    uid: `uid-${name}`,
    phase: 'Running',
    ready: true,
    containers: [healthy],
    ...fields,
  }
}

const crashing = { containers: [{ ...healthy, restarts: 3, hasPrevious: true }] }

describe('whose logs are read by default', () => {
  it.each([
    ['restarted', crashing],
    ['not Ready', { ready: false }],
    ['failed', { phase: 'Failed', reason: 'Evicted', ready: false }],
    ['waiting', { containers: [{ ...healthy, state: 'waiting', reason: 'ImagePullBackOff' } as const] }],
    ['terminating', { deletionTimestamp: '2026-01-01T00:00:00Z' }],
    ['exit code', { containers: [{ ...healthy, state: 'terminated', exitCode: 2 } as const] }],
  ])('reads a pod that is %s', (word, fields) => {
    const [target] = createSuspects('suspects', []).see(pod('a', fields))
    expect(target).toMatchObject({ suspect: true, reason: expect.stringContaining(word) })
  })

  it('leaves healthy and completed pods alone', () => {
    const suspects = createSuspects('suspects', [])
    const completed = [{ ...healthy, ready: false, state: 'terminated', exitCode: 0 } as const]
    expect(suspects.see(pod('a'))).toEqual([])
    expect(suspects.see(pod('b', { phase: 'Succeeded', ready: false, containers: completed }))).toEqual([])
    expect(suspects.counts()).toEqual({ seen: 2, chosen: 0 })
  })

  it('adds one healthy control for each workload with a suspect, whichever was seen first', () => {
    const suspects = createSuspects('suspects', [])
    expect(suspects.see(pod('web-1', { controller: 'web' }))).toEqual([])
    expect(suspects.see(pod('web-2', { controller: 'web', ...crashing })).map((one) => one.pod.name)).toEqual([
      'web-2',
      'web-1',
    ])
    expect(suspects.see(pod('web-3', { controller: 'web' }))).toEqual([])
    expect(suspects.see(pod('api-1', { controller: 'api', ...crashing }))).toHaveLength(1)
    expect(suspects.see(pod('api-2', { controller: 'api' }))).toMatchObject([{ suspect: false }])
    expect(suspects.see(pod('api-3', { controller: 'api' }))).toEqual([])
  })

  it('reads every pod of kube-system, and each pod once', () => {
    const suspects = createSuspects('suspects', [])
    expect(suspects.see(pod('coredns', { namespace: 'kube-system' }))).toMatchObject([{ suspect: false }])
    expect(suspects.see(pod('coredns', { namespace: 'kube-system', ...crashing }))).toEqual([])
  })

  it('reads a healthy pod that a Warning event names, before or after the pod was seen', () => {
    const suspects = createSuspects('suspects', [])
    const warning = (name: string) =>
      ({
        kind: 'Event',
        type: 'Warning',
        reason: 'Unhealthy',
        object: { kind: 'Pod', namespace: 'shop', name },
      }) as const
    suspects.see(pod('a'))
    expect(suspects.see(warning('a'))).toMatchObject([
      { pod: { name: 'a' }, reason: expect.stringContaining('Unhealthy') },
    ])
    expect(suspects.see(warning('b'))).toEqual([])
    expect(suspects.see(pod('b'))).toMatchObject([{ suspect: true }])
    expect(suspects.see({ ...warning('c'), type: 'Normal' })).toEqual([])
    expect(suspects.see(pod('c'))).toEqual([])
  })

  it('reads the pods of a sick node, before or after the node was seen', () => {
    const suspects = createSuspects('suspects', [])
    const node = {
      kind: 'Node',
      name: 'n1',
      uid: 'n1',
      ready: false,
      unschedulable: false,
      problems: [],
      taints: [],
      addresses: [],
      kubeletPort: 10250,
      pool: '',
    } as const
    suspects.see(pod('a', { nodeName: 'n1' }))
    suspects.see(pod('b', { nodeName: 'n2' }))
    expect(suspects.see(node).map((one) => one.pod.name)).toEqual(['a'])
    expect(suspects.see(pod('c', { nodeName: 'n1' }))).toMatchObject([{ reason: 'on node n1, which is not Ready' }])
  })

  it.each([
    [{ kind: 'pod', namespace: 'shop', name: 'web-abc-1' }],
    [{ kind: 'Deployment', namespace: 'shop', name: 'web' }],
    [{ kind: 'node', name: 'n1' }],
    [{ kind: 'namespace', name: 'shop' }],
  ])('reads what --focus %o names', (focus) => {
    const suspects = createSuspects('suspects', [focus])
    expect(suspects.see(pod('web-abc-1', { nodeName: 'n1' }))).toMatchObject([{ suspect: true }])
    expect(suspects.see(pod('other', { namespace: 'else', nodeName: 'n2' }))).toEqual([])
  })

  it('chooses a healthy pod that starts terminating', () => {
    const suspects = createSuspects('suspects', [])
    suspects.see(pod('a'))
    expect(suspects.choose({ namespace: 'shop', name: 'a' }, 'terminating')).toMatchObject({ reason: 'terminating' })
    expect(suspects.choose({ namespace: 'shop', name: 'a' }, 'terminating')).toBeUndefined()
  })
})

describe('--logs', () => {
  it('all reads every pod, none reads no pod', () => {
    expect(createSuspects('all', []).see(pod('a'))).toHaveLength(1)
    const none = createSuspects('none', [])
    expect(none.see(pod('a', crashing))).toEqual([])
    expect(none.counts()).toEqual({ seen: 1, chosen: 0 })
  })
})
