import { describe, expect, it } from 'vitest'
import { ago, print, tableOf } from './print.ts'

describe('nodes', () => {
  it('show whether they are ready, and may be scheduled to', () => {
    const node = (status: string) => ({ status: { conditions: [{ type: 'Ready', status }] } })
    expect(print('nodes', node('True')).Status).toBe('Ready')
    expect(print('nodes', node('Unknown')).Status).toBe('NotReady')
    expect(print('nodes', { spec: { unschedulable: true } }).Status).toBe('Unknown,SchedulingDisabled')
  })

  it('show their roles, sorted', () => {
    const labels = {
      'node-role.kubernetes.io/worker': '',
      'node-role.kubernetes.io/': '',
      'kubernetes.io/role': 'edge',
    }
    expect(print('nodes', { metadata: { labels } }).Roles).toBe('edge,worker')
    expect(print('nodes', {}).Roles).toBe('<none>')
  })
})

describe('events', () => {
  const about = { kind: 'Pod', name: 'web', fieldPath: 'spec.containers{a}' }

  it('show when they were last seen, how often, and by whom', () => {
    const source = { component: 'kubelet', host: 'n1' }
    const times = { firstTimestamp: ago(600), lastTimestamp: ago(60) }
    expect(print('events', { ...times, involvedObject: about, source, count: 4, message: ' said\n' })).toMatchObject({
      'Last Seen': '60s',
      'First Seen': '10m',
      Object: 'pod/web',
      Source: 'kubelet, n1',
      Count: 4,
      Message: 'said',
    })
  })

  it('read the same from events.k8s.io', () => {
    const series = { count: 9, lastObservedTime: ago(30) }
    const event = { eventTime: ago(90), regarding: about, note: 'said', series, reportingController: 'x/y' }
    expect(print('events.events.k8s.io', event)).toMatchObject({
      'Last Seen': '30s',
      'First Seen': '90s',
      Object: 'pod/web',
      Source: 'x/y',
      Count: 9,
      Message: 'said',
    })
  })
})

describe('volumes', () => {
  it('show modes in short, and capacity only once bound', () => {
    const spec = { accessModes: ['ReadWriteMany', 'ReadWriteOnce'], capacity: { storage: '1Gi' } }
    expect(print('persistentvolumes', { spec })).toMatchObject({
      'Access Modes': 'RWO,RWX',
      Capacity: '1Gi',
      Claim: '',
    })
    const status = { phase: 'Pending', capacity: { storage: '1Gi' } }
    expect(print('persistentvolumeclaims', { spec: {}, status })).toMatchObject({ Capacity: '', VolumeMode: '<unset>' })
    expect(print('persistentvolumeclaims', { spec: { volumeName: 'a' }, status }).Capacity).toBe('1Gi')
  })

  it('name their class as of old, and the default class', () => {
    const annotations = { 'volume.beta.kubernetes.io/storage-class': 'old' }
    expect(
      print('persistentvolumes', { metadata: { annotations }, spec: { storageClassName: 'new' } }).StorageClass,
    ).toBe('old')
    const isDefault = { 'storageclass.kubernetes.io/is-default-class': 'true' }
    expect(print('storageclasses.storage.k8s.io', { metadata: { name: 'gp3', annotations: isDefault } }).Name).toBe(
      'gp3 (default)',
    )
  })
})

describe('quotas', () => {
  it('part limits from requests', () => {
    const hard = { pods: '10', 'limits.cpu': '4', 'count/jobs.batch': '1' }
    expect(print('resourcequotas', { status: { hard, used: { pods: '2' } } })).toMatchObject({
      Request: 'count/jobs.batch: 0/1, pods: 2/10',
      Limit: 'limits.cpu: 0/4',
    })
  })
})

describe('flow schemas', () => {
  it('are listed in the order in which they are tried', () => {
    const schema = (name: string, matchingPrecedence: number) => ({ metadata: { name }, spec: { matchingPrecedence } })
    const schemas = [schema('b', 9), schema('c', 1), schema('a', 9)]
    const sorted = schemas.toSorted(tableOf('flowschemas.flowcontrol.apiserver.k8s.io').compare)
    expect(sorted.map((one) => one.metadata.name)).toEqual(['c', 'a', 'b'])
  })
})

describe('usage', () => {
  it('of a pod is the sum of its containers, in their unit', () => {
    const usage = (cpu: string, memory: string) => ({ usage: { cpu, memory } })
    const sum = (...containers: object[]) => print('pods.metrics.k8s.io', { containers, window: '15.2s' })
    expect(sum(usage('1500000n', '1024Ki'), usage('1m', '1Mi'))).toMatchObject({ cpu: '2500u', memory: '2Mi' })
    expect(sum(usage('0', '512'), usage('250m', '1Ki'))).toMatchObject({ cpu: '250m', memory: '1536', Window: '15.2s' })
    expect(sum()).toMatchObject({ cpu: '0', memory: '0' })
  })
})
