import { describe, expect, it } from 'vitest'
import { ago, print } from './print.ts'

const running = { ready: true, started: true, restartCount: 0, state: { running: {} } }
const waiting = (reason: string) => ({ ready: false, restartCount: 0, state: { waiting: { reason } } })
const ended = (exitCode: number, more = {}) => ({ restartCount: 0, state: { terminated: { exitCode, ...more } } })
const died = (restartCount: number, seconds: number) => ({
  restartCount,
  lastState: { terminated: { exitCode: 1, finishedAt: ago(seconds) } },
})

function show(status: object, spec: object = {}, metadata: object = {}): string {
  const containers = [{ name: 'a' }, { name: 'b' }]
  const cells = print('pods', { metadata, spec: { containers, ...spec }, status: { phase: 'Running', ...status } })
  return `${cells.Ready} ${cells.Status} ${cells.Restarts}`
}

describe('a pod', () => {
  it('shows how many of its containers are ready, and what ails one', () => {
    expect(show({ containerStatuses: [running, running] })).toBe('2/2 Running 0')
    expect(show({ containerStatuses: [waiting('CrashLoopBackOff'), running] })).toBe('1/2 CrashLoopBackOff 0')
    expect(show({ containerStatuses: [ended(137, { signal: 9 }), running] })).toBe('1/2 Signal:9 0')
    expect(show({ containerStatuses: [ended(3), running] })).toBe('1/2 ExitCode:3 0')
  })

  it('shows the first of two ailing containers', () => {
    expect(show({ containerStatuses: [waiting('ErrImagePull'), waiting('CrashLoopBackOff')] })).toBe(
      '0/2 ErrImagePull 0',
    )
  })

  it('shows restarts and when the last was', () => {
    const containerStatuses = [
      { ...running, ...died(3, 600) },
      { ...running, ...died(2, 300) },
    ]
    expect(show({ containerStatuses })).toBe('2/2 Running 5 (5m ago)')
  })

  it('is not completed while a container runs', () => {
    const containerStatuses = [ended(0, { reason: 'Completed' }), running]
    const conditions = [{ type: 'Ready', status: 'True' }]
    expect(show({ containerStatuses })).toBe('1/2 NotReady 0')
    expect(show({ containerStatuses, conditions })).toBe('1/2 Running 0')
  })

  it('shows why it failed, and that it waits for a gate', () => {
    expect(show({ phase: 'Failed', reason: 'Evicted' })).toBe('0/2 Evicted 0')
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }]
    expect(show({ phase: 'Pending', conditions })).toBe('0/2 SchedulingGated 0')
  })

  it('shows that it is being deleted, and that its node is lost', () => {
    const metadata = { deletionTimestamp: ago(1) }
    expect(show({ containerStatuses: [running, running] }, {}, metadata)).toBe('2/2 Terminating 0')
    expect(show({ reason: 'NodeLost' }, {}, metadata)).toBe('0/2 Unknown 0')
    expect(show({ phase: 'Succeeded' }, {}, metadata)).toBe('0/2 Succeeded 0')
  })

  it('shows readiness gates, address and nodes with -o wide', () => {
    const readinessGates = [{ conditionType: 'one' }, { conditionType: 'two' }]
    const conditions = [{ type: 'two', status: 'True' }]
    const spec = { readinessGates, nodeName: 'n1' }
    expect(print('pods', { spec, status: { conditions, podIPs: [{ ip: '10.0.0.1' }] } })).toMatchObject({
      IP: '10.0.0.1',
      Node: 'n1',
      'Nominated Node': '<none>',
      'Readiness Gates': '1/2',
    })
  })
})

describe('a pod with init containers', () => {
  const spec = { initContainers: [{ name: 'first' }, { name: 'second' }] }
  const first = (status: object) => ({ phase: 'Pending', initContainerStatuses: [{ name: 'first', ...status }] })

  it('shows how far it came', () => {
    expect(show(first({ state: { running: {} } }), spec)).toBe('0/2 Init:0/2 0')
    const second = { name: 'second', ...waiting('PodInitializing') }
    const initContainerStatuses = [{ name: 'first', ...ended(0) }, second]
    expect(show({ initContainerStatuses }, spec)).toBe('0/2 Init:1/2 0')
  })

  it('shows why it does not get on', () => {
    expect(show(first(ended(2)), spec)).toBe('0/2 Init:ExitCode:2 0')
    expect(show(first(ended(2, { reason: 'Error' })), spec)).toBe('0/2 Init:Error 0')
    expect(show(first(ended(137, { signal: 9 })), spec)).toBe('0/2 Init:Signal:9 0')
    expect(show(first({ ...waiting('CrashLoopBackOff'), ...died(4, 60) }), spec)).toBe(
      '0/2 Init:CrashLoopBackOff 4 (60s ago)',
    )
  })

  it('forgets restarts of init containers once it runs', () => {
    const initContainerStatuses = [{ name: 'first', ...ended(0), ...died(4, 60) }]
    expect(show({ initContainerStatuses, containerStatuses: [running, running] }, spec)).toBe('2/2 Running 0')
  })

  it('counts sidecars as containers', () => {
    const sidecar = { initContainers: [{ name: 'first', restartPolicy: 'Always' }] }
    const containerStatuses = [running, running]
    const beside = (status: object) => ({ ...first(status), phase: 'Running', containerStatuses })
    expect(show(beside({ ...running, ...died(1, 60) }), sidecar)).toBe('3/3 Running 1 (60s ago)')
    expect(show(beside({ ...running, ready: false }), sidecar)).toBe('2/3 Running 0')
    expect(show(first({ state: { running: {} }, started: false }), sidecar)).toBe('0/3 Init:0/1 0')
  })
})
