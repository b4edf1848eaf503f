import { describe, expect, it } from 'vitest'
import { apfThrottling429 } from '../../../src/rules/control-plane/apf-throttling-429.ts'
import { pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const PLACE = 'ops/lister-6c8f7d9b5-abcde'
const sick = pod(PLACE, { owner: 'ReplicaSet/lister-6c8f7d9b5', ready: false })
const logs = {
  [`${PLACE}/app`]:
    '2026-02-01T11:58:00Z E0201 the server has received too many requests and has asked us to try again later (get pods)',
}
const metrics = (queued: number) => ({
  'apiserver/metrics.txt': `# TYPE x counter\napiserver_flowcontrol_rejected_requests_total{flow_schema="service-accounts",priority_level="workload-low",reason="queue-full"} 42\napiserver_flowcontrol_current_inqueue_requests{flow_schema="service-accounts",priority_level="workload-low"} ${queued}\n`,
})

describe('apf-throttling-429', () => {
  it('believes clients that say so now, and names the level', async () => {
    const outcome = await evaluate(apfThrottling429, { objects: [sick], logs, files: metrics(0) })
    expect(subjectsOf(outcome)).toEqual(['Cluster cluster'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain('workload-low')
  })

  it('is weak where only queues are filled', async () => {
    expect((await evaluate(apfThrottling429, { objects: [], files: metrics(7) })).findings[0]).toMatchObject({
      strength: 'weak',
    })
  })

  it('is quiet of refusals of some time, and of a client that holds itself back', async () => {
    expect(await evaluate(apfThrottling429, { objects: [], files: metrics(0) })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
    const own = {
      [`${PLACE}/app`]:
        '2026-02-01T11:58:00Z W0201 Waited for 1.2s due to client-side throttling, not priority and fairness, request: GET:https://10.96.0.1:443/api',
    }
    expect((await evaluate(apfThrottling429, { objects: [sick], logs: own })).status).toBe('clear')
  })

  it('believes the words of client-go without metrics, and those that other servers say only with them', async () => {
    const other = { [`${PLACE}/app`]: '2026-02-01T11:58:00Z ERROR 429: Too many requests, please try again later.' }
    expect((await evaluate(apfThrottling429, { objects: [sick], logs })).findings[0]).toMatchObject({
      strength: 'strong',
    })
    expect((await evaluate(apfThrottling429, { objects: [sick], logs: other })).status).toBe('clear')
    expect(
      (await evaluate(apfThrottling429, { objects: [sick], logs: other, files: metrics(0) })).findings[0],
    ).toMatchObject({ strength: 'strong' })
  })

  it('is quiet of a program that was refused once and is well, and of a queue that refuses nobody', async () => {
    const well = pod(PLACE, { owner: 'ReplicaSet/lister-6c8f7d9b5' })
    expect(await evaluate(apfThrottling429, { objects: [well], logs, files: metrics(0) })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
    const queue = 'apiserver_flowcontrol_current_inqueue_requests{priority_level="workload-low"} 7\n'
    const files = { 'apiserver/metrics.txt': queue }
    expect(await evaluate(apfThrottling429, { objects: [], files })).toMatchObject({ status: 'clear', rejections: [] })
  })
})
