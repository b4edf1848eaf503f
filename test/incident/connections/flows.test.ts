import { describe, expect, it } from 'vitest'
import { clusterAddresses } from '../../../src/incident/connections/cluster-addresses.ts'
import { flowsTo } from '../../../src/incident/connections/service-flows.ts'
import { staleFlows } from '../../../src/incident/connections/stale-flows.ts'
import { checkCitations } from '../../../src/rca/check-citations.ts'
import { connections, tableOf } from '../kernel-connections.ts'
import { ago, bundleOf, incidentOf, type Scene, type Thing } from '../scene.ts'
import { endpointSlice, node, pod, service } from '../things.ts'

const WEB = '10.96.0.20:80'
const at = (place: string, ip: string, more: Parameters<typeof pod>[1] = {}): Thing =>
  pod(place, { labels: { app: 'web' }, status: { podIP: ip }, ...more })
const machine = node('node-1', { status: { addresses: [{ type: 'InternalIP', address: '10.0.0.11' }] } })
/** Its one endpoint is 10.244.0.10. */
const web: readonly Thing[] = [service('shop/web'), at('shop/web-1', '10.244.0.10')]
const slice = endpointSlice('shop/web', [{ pod: 'web-1', ready: true }])

function sceneOf(entries: readonly string[], ...more: readonly Thing[]): Scene {
  return { objects: [machine, ...web, ...more], files: tableOf('node-1', { count: [entries.length], entries }) }
}

async function staleOf(scene: Scene) {
  const found = staleFlows(await incidentOf(scene))
  expect(
    await checkCitations(
      bundleOf(scene),
      found.flatMap(({ cites }) => cites),
    ),
  ).toEqual([])
  return found.map(({ how, address, entries, unanswered }) => `${how} ${address} ${entries} ${unanswered}`)
}

describe('an address', () => {
  it('is that of a pod, of a node, or of a Service at a port', async () => {
    const patch = {
      spec: {
        type: 'LoadBalancer',
        ports: [{ port: 80, nodePort: 30_080, protocol: 'TCP' }],
        externalIPs: ['192.0.2.7'],
      },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.9' }] } },
    }
    const onHost = at('kube-system/proxy-1', '10.0.0.11')
    const over = at('shop/done-1', '10.244.0.10', { status: { podIP: '10.244.0.10', phase: 'Succeeded' } })
    const objects = [machine, service('shop/web', patch), at('shop/web-1', '10.244.0.10'), onHost, over]
    const { ownerOf, podAt, serviceAt } = clusterAddresses(await incidentOf({ objects }))
    expect([ownerOf('10.244.0.10')?.name, ownerOf('10.0.0.11')?.name, ownerOf('192.0.2.1')]).toEqual([
      'web-1',
      'node-1',
      undefined,
    ])
    expect(podAt('10.0.0.11')).toBeUndefined()
    const named = ['10.96.0.20:80', '192.0.2.7:80', '192.0.2.9:80', '10.0.0.11:30080', '10.0.0.11:80', '10.96.0.20:81']
    expect(
      named.map((one) => {
        const [address = '', port] = one.split(':')
        return serviceAt('tcp', address, Number(port))?.object.ref.name
      }),
    ).toEqual(['web', 'web', 'web', 'web', undefined, undefined])
    expect(serviceAt('udp', '10.96.0.20', 80)).toBeUndefined()
  })

  it("that several pods have is nobody's", async () => {
    const objects = [at('shop/web-1', '10.244.0.10'), at('shop/web-2', '10.244.0.10')]
    expect(clusterAddresses(await incidentOf({ objects })).ownerOf('10.244.0.10')).toBeUndefined()
  })
})

it('connections to a Service are those of the nodes of its clients', async () => {
  const entries = [
    ...connections(3, '10.244.0.9', WEB, { endpoint: '10.244.0.10:8080' }),
    ...connections(2, '10.244.0.9', '10.244.0.10:8080'),
  ]
  const incident = await incidentOf(sceneOf(entries))
  const [first] = incident.services
  expect(first && flowsTo(incident, first).map(({ target }) => target.entries)).toEqual([3])
})

describe('connections that lead to no endpoint', () => {
  const lost = (times: number, endpoint: string, unreplied = true) =>
    connections(times, '10.244.0.9', WEB, { endpoint, unreplied, state: unreplied ? 'SYN_SENT' : 'ESTABLISHED' })

  it('go to a pod that is gone, or stay with the address of the Service', async () => {
    expect(await staleOf(sceneOf(lost(3, '10.244.0.77:8080'), slice))).toEqual(['gone 10.244.0.77 3 3'])
    expect(await staleOf(sceneOf(lost(2, WEB), slice))).toEqual(['untranslated 10.96.0.20 2 2'])
    expect(await staleOf(sceneOf(lost(2, '10.244.0.10:8080'), slice))).toEqual([])
  })

  it('are known to be unanswered only as far as the others cannot be', async () => {
    const others = connections(4, '10.244.0.9', WEB, { endpoint: '10.244.0.10:8080', firstPort: 50_000 })
    expect(await staleOf(sceneOf([...lost(6, '10.244.0.77:8080'), ...others], slice))).toEqual(['gone 10.244.0.77 6 2'])
    expect(await staleOf(sceneOf(lost(6, '10.244.0.77:8080', false), slice))).toEqual(['gone 10.244.0.77 6 0'])
  })

  it('tell nothing where endpoints are not known, or changed just before', async () => {
    const entries = lost(3, '10.244.0.77:8080')
    expect(await staleOf(sceneOf(entries))).toEqual([])
    expect(await staleOf({ ...sceneOf(entries, slice), denied: ['endpointslices.discovery.k8s.io'] })).toEqual([])
    const changed = endpointSlice('shop/web', [{ pod: 'web-1', ready: true }]) as Thing & { metadata: object }
    const written = [
      { manager: 'kube-controller-manager', operation: 'Update', time: ago(100), fieldsType: 'FieldsV1', fieldsV1: {} },
    ]
    const moved = { ...changed, metadata: { ...changed.metadata, managedFields: written } }
    expect(await staleOf(sceneOf(entries, moved))).toEqual([])
  })
})
