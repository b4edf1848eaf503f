import { describe, expect, it } from 'vitest'
import { missingMetricsBlind } from '../../../src/rules/healing/missing-metrics-blind.ts'
import { crashed, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const named = (workload: string, sick: boolean) =>
  pod(`monitoring/${workload}-0`, {
    owner: `StatefulSet/${workload}`,
    ready: !sick,
    ...(sick ? { containers: [{ status: crashed() }] } : {}),
  })

describe('missing-metrics-blind', () => {
  it('names the watcher that is down', async () => {
    const outcome = await evaluate(missingMetricsBlind, { objects: [named('prometheus-k8s', true)] })
    expect(subjectsOf(outcome)).toEqual(['StatefulSet monitoring/prometheus-k8s'])
    expect(outcome.findings[0]?.kind).toBe('evidence-loss')
  })

  it('is quiet about one that is well, and about other workloads', async () => {
    for (const objects of [[named('prometheus-k8s', false)], [named('web', true)]])
      expect((await evaluate(missingMetricsBlind, { objects })).status).toBe('clear')
  })
})
