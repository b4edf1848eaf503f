import { describe, expect, it } from 'vitest'
import { ago, print } from './print.ts'

describe('workloads', () => {
  it('show ready of desired, and numbers as numbers', () => {
    const deployment = { spec: { replicas: 3 }, status: { readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1 } }
    expect(print('deployments.apps', deployment)).toMatchObject({ Ready: '1/3', 'Up-to-date': 2, Available: 1 })
    expect(print('replicasets.apps', { spec: { replicas: 3 } })).toMatchObject({ Desired: 3, Current: 0, Ready: 0 })
  })

  it('show selectors in the words of kubectl -l', () => {
    const matchExpressions = [
      { key: 'b', operator: 'NotIn', values: ['y', 'x'] },
      { key: 'c', operator: 'DoesNotExist' },
    ]
    const selector = { matchLabels: { d: '1', a: '2' }, matchExpressions }
    expect(print('replicasets.apps', { spec: { selector } }).Selector).toBe('a=2,b notin (x,y),!c,d=1')
    const broken = { matchExpressions: [{ key: 'a', operator: 'Near' }] }
    expect(print('replicasets.apps', { spec: { selector: broken } }).Selector).toBe('<error>')
    expect(print('deployments.apps', { spec: { selector: broken } }).Selector).toBe('<invalid>')
    expect(print('replicasets.apps', {}).Selector).toBe('<none>')
  })

  it('name the owner of a revision', () => {
    const owner = { controller: true, apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent' }
    expect(print('controllerrevisions.apps', { metadata: { ownerReferences: [owner] } }).Controller).toBe(
      'daemonset.apps/agent',
    )
  })
})

describe('jobs', () => {
  it('show completions of one, of many, and of any number', () => {
    const completions = (spec: object) => print('jobs.batch', { spec, status: { succeeded: 1 } }).Completions
    expect(completions({ completions: 5 })).toBe('1/5')
    expect(completions({ parallelism: 3 })).toBe('1/1 of 3')
    expect(completions({ parallelism: 1 })).toBe('1/1')
  })

  it('last until they are complete, or until the capture', () => {
    const startTime = ago(300)
    expect(print('jobs.batch', { status: { startTime } }).Duration).toBe('5m')
    expect(print('jobs.batch', { status: { startTime, completionTime: ago(290) } }).Duration).toBe('10s')
    expect(print('jobs.batch', {}).Duration).toBe('')
  })

  it('show their schedule, and when it last was kept', () => {
    const spec = { schedule: '* * * * *', suspend: false }
    expect(print('cronjobs.batch', { spec, status: { active: [{}], lastScheduleTime: ago(59) } })).toMatchObject({
      Timezone: '<none>',
      Suspend: 'False',
      Active: 1,
      'Last Schedule': '59s',
    })
  })
})

describe('autoscalers', () => {
  const targets = (metrics: object[], currentMetrics: object[]) => {
    return print('horizontalpodautoscalers.autoscaling', { spec: { metrics }, status: { currentMetrics } }).Targets
  }
  const cpu = { type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 80 } } }

  it('show what is and what should be, and that nobody knows what is', () => {
    expect(targets([cpu], [{ resource: { current: { averageUtilization: 12 } } }])).toBe('cpu: 12%/80%')
    expect(targets([cpu], [])).toBe('cpu: <unknown>/80%')
    expect(targets([], [])).toBe('<none>')
  })

  it('show two metrics, and how many more there are', () => {
    expect(targets([cpu, cpu, cpu, cpu], [])).toBe('cpu: <unknown>/80%, cpu: <unknown>/80% + 2 more...')
  })
})
