import { describe, expect, it } from 'vitest'
import { cronjobPileup } from '../../../src/rules/workload/cronjob-pileup.ts'
import { ago } from '../../incident/scene.ts'
import { event, node, pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const runs = [1, 2, 3].map((run) => `report-2901${run}`)
const cron = (concurrencyPolicy: string) =>
  thing('batch/v1', 'CronJob', 'shop/report', {
    spec: { schedule: '*/5 * * * *', concurrencyPolicy },
    status: { active: runs.map((name) => ({ name })) },
  })
const job = (name: string) =>
  thing('batch/v1', 'Job', `shop/${name}`, {
    metadata: {
      ownerReferences: [
        { apiVersion: 'batch/v1', kind: 'CronJob', name: 'report', uid: 'uid-report', controller: true },
      ],
    },
  })
const pods = (phase: string) =>
  runs.map((name) => pod(`shop/${name}-x7k2p`, { owner: `Job/${name}`, ready: phase === 'Running', status: { phase } }))

describe('cronjob-pileup', () => {
  it('names the CronJob whose runs wait for each other', async () => {
    const outcome = await evaluate(cronjobPileup, { objects: [cron('Allow'), ...runs.map(job), ...pods('Pending')] })
    expect(subjectsOf(outcome)).toEqual(['CronJob shop/report'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  })

  it('is no cause while all of them run, and silent where runs may not overlap', async () => {
    const running = await evaluate(cronjobPileup, { objects: [cron('Allow'), ...runs.map(job), ...pods('Running')] })
    expect(running.findings[0]?.kind).toBe('amplifier')
    expect(
      (await evaluate(cronjobPileup, { objects: [cron('Forbid'), ...runs.map(job), ...pods('Pending')] })).status,
    ).toBe('clear')
  })

  it('is the cause of pods of others that would have room without its runs, and of none that would not', async () => {
    const room = (cpu: string) => node('node-1', { status: { allocatable: { cpu, memory: '8Gi', pods: '110' } } })
    const asks = (cpu: string) => [{ spec: { resources: { requests: { cpu } } } }]
    const held = runs.map((name) => pod(`shop/${name}-x7k2p`, { owner: `Job/${name}`, containers: asks('600m') }))
    const said = '0/1 nodes are available: 1 Insufficient cpu.'
    const waiting = (cpu: string) =>
      pod('pay/bank-6b7c8d9f5-1', {
        owner: 'ReplicaSet/bank-6b7c8d9f5',
        ready: false,
        containers: asks(cpu),
        spec: { nodeName: undefined },
        status: {
          phase: 'Pending',
          containerStatuses: undefined,
          conditions: [
            {
              type: 'PodScheduled',
              status: 'False',
              reason: 'Unschedulable',
              message: said,
              lastTransitionTime: ago(300),
            },
          ],
        },
      })
    const objects = (cpu: string) => [room('2'), cron('Allow'), ...runs.map(job), ...held, waiting(cpu)]
    const [crowding] = (await evaluate(cronjobPileup, { objects: objects('1') })).findings
    expect(crowding).toMatchObject({ kind: 'cause', strength: 'strong', says: expect.stringContaining('Pods of bank') })
    expect(crowding?.affects).toContainEqual({ kind: 'Deployment', namespace: 'pay', name: 'bank' })
    expect((await evaluate(cronjobPileup, { objects: objects('1900m') })).findings[0]?.kind).toBe('amplifier')
  })

  it('tells of one that does not start any more', async () => {
    const said = 'too many missed start times: 101. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
    const objects = [
      thing('batch/v1', 'CronJob', 'shop/report'),
      event('shop', 'CronJob/report', 'TooManyMissedTimes', said),
    ]
    expect((await evaluate(cronjobPileup, { objects })).findings[0]?.says).toContain('does not start any more')
  })

  it('is quiet about runs of which no pod is left', async () => {
    expect((await evaluate(cronjobPileup, { objects: [cron('Allow'), ...runs.map(job)] })).status).toBe('clear')
  })

  it('is quiet about start times that were missed hours ago, and about a program that tells of its own', async () => {
    const said = 'too many missed start times: 101. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
    const before = event('shop', 'CronJob/report', 'TooManyMissedTimes', said, { last: 7200 })
    const other = event('shop', 'ScheduledWorkflow/report', 'TooManyMissedTimes', said)
    for (const one of [before, other])
      expect(
        (await evaluate(cronjobPileup, { objects: [thing('batch/v1', 'CronJob', 'shop/report'), one] })).status,
      ).toBe('clear')
  })
})
