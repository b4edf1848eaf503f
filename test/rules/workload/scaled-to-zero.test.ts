import { describe, expect, it } from 'vitest'
import { scaledToZero } from '../../../src/rules/workload/scaled-to-zero.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { endpointSlice, event, pod, replicaSet, service, workload, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const web = pod('shop/web-6c8f7d9b5-abcde', { owner: 'ReplicaSet/web-6c8f7d9b5', labels: { app: 'web' } })
const REFUSED = 'dial tcp 10.96.0.51:9090: connect: connection refused'
const calls = (since: number, times = 20, line = REFUSED) => ({
  'shop/web-6c8f7d9b5-abcde/app': Array.from(
    { length: times },
    (_, at) => `${ago(since - Math.round((at * (since - 5)) / times))} ERROR ${line}\n`,
  ).join(''),
})

/** The catalog, scaled to zero so many seconds ago as far as managedFields tell. */
function asleep(seconds?: number, name = 'catalog'): readonly Thing[] {
  const writes =
    seconds === undefined ? [] : [wrote('kubectl', seconds, { 'f:spec': { 'f:replicas': {} } }, 'Update', 'scale')]
  const none = { replicas: 0, readyReplicas: 0, updatedReplicas: 0, availableReplicas: 0 }
  return [
    workload('Deployment', `shop/${name}`, { metadata: { managedFields: writes }, status: none }, 0),
    service(`shop/${name}`, { spec: { clusterIP: '10.96.0.51', ports: [{ port: 9090, protocol: 'TCP' }] } }),
    endpointSlice(`shop/${name}`, []),
  ]
}

describe('scaled-to-zero', () => {
  it('names what is scaled to zero, by whom and when, and its callers', async () => {
    const outcome = await evaluate(scaledToZero, { objects: [web, ...asleep(640)], logs: calls(630) })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/catalog'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof', from: Date.parse(ago(640)) })
    expect(outcome.findings[0]?.says).toContain('by kubectl')
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
  })

  it('takes the time from the event of the controller', async () => {
    const words = 'Scaled down replica set catalog-7d4f8 to 0 from 1'
    const generation = replicaSet('shop/catalog-7d4f8', 'catalog', 1, { spec: { replicas: 0 } })
    const said = event('shop', 'Deployment/catalog', 'ScalingReplicaSet', words, { type: 'Normal', last: 640 })
    const objects = [web, generation, said, ...asleep()]
    const outcome = await evaluate(scaledToZero, { objects, logs: calls(630) })
    expect(outcome.findings[0]).toMatchObject({ strength: 'proof', from: Date.parse(ago(640)) })
  })

  it('is less sure where nothing tells when', async () => {
    const outcome = await evaluate(scaledToZero, { objects: [web, ...asleep()], logs: calls(630) })
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong' })
  })

  it('does not blame who scaled it down after calls had begun to fail', async () => {
    const outcome = await evaluate(scaledToZero, { objects: [web, ...asleep(300)], logs: calls(3000) })
    expect(outcome.findings[0]).toMatchObject({ strength: 'weak', against: [{}] })
  })

  it.each([
    ['nobody calls', asleep(640), calls(630, 3, 'no such file')],
    ['is called a few times', asleep(640), calls(630, 3)],
    ['only takes traces', asleep(640, 'otel-collector'), calls(630)],
  ])('rejects what %s', async (_, objects, logs) => {
    const outcome = await evaluate(scaledToZero, { objects: [web, ...objects], logs })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ subject: { kind: 'Deployment' } }] })
  })

  it('leaves the name servers to the rule that tells of them', async () => {
    const none = { replicas: 0, readyReplicas: 0, updatedReplicas: 0, availableReplicas: 0 }
    const dns = (name: string, labels = { 'k8s-app': name }): readonly Thing[] => [
      workload('Deployment', `kube-system/${name}`, { spec: { template: { metadata: { labels } } }, status: none }, 0),
      service(`kube-system/${name === 'coredns' ? 'kube-dns' : name}`, {
        spec: {
          clusterIP: '10.96.0.51',
          selector: { app: name, ...labels },
          ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
        },
      }),
    ]
    const refused = calls(630, 20, 'dial tcp 10.96.0.51:53: connect: connection refused')
    const outcome = await evaluate(scaledToZero, { objects: [web, ...dns('coredns')], logs: refused })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [] })
    const other = await evaluate(scaledToZero, { objects: [web, ...dns('resolver')], logs: refused })
    expect(subjectsOf(other)).toEqual(['Deployment kube-system/resolver'])
  })

  it('is quiet while other pods stand behind the Service', async () => {
    const other = workload('Deployment', 'shop/catalog-green', {
      spec: { template: { metadata: { labels: { app: 'catalog' } } } },
    })
    const left = pod('shop/catalog-green-1', { labels: { app: 'catalog' }, ready: false })
    const outcome = await evaluate(scaledToZero, { objects: [web, ...asleep(640), other, left], logs: calls(630) })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [] })
  })
})
