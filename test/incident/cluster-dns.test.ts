import { describe, expect, it } from 'vitest'
import { clusterDns } from '../../src/incident/cluster-dns.ts'
import { incidentOf, type Thing } from './scene.ts'
import { pod, service, thing, workload } from './things.ts'

interface Server {
  readonly place: string
  readonly address?: string
  readonly labels?: Record<string, string>
  readonly image?: string
  readonly kind?: 'Deployment' | 'DaemonSet'
}

/** A name server with its Service, both of one name. */
const serverAt = ({
  place,
  address = '10.96.0.10',
  labels,
  image = 'coredns:1',
  kind = 'Deployment',
}: Server): Thing[] => {
  const selector = labels ?? { dns: place.split('/').at(-1) ?? '' }
  const ports = ['UDP', 'TCP'].map((protocol) => ({ name: protocol, port: 53, protocol }))
  const template = { metadata: { labels: selector }, spec: { containers: [{ name: 'dns', image }] } }
  const made = service(place)
  return [
    workload(kind, place, { spec: { template } }),
    { ...made, spec: { type: 'ClusterIP', clusterIP: address, selector, ports } },
  ]
}

const found = async (objects: readonly Thing[], logs = {}, denied: readonly string[] = []) => {
  const { services, workloads } = clusterDns(await incidentOf({ objects, logs, denied }))
  return [...services.map(({ object }) => object.ref), ...workloads.map(({ ref }) => ref)].map(
    ({ kind, namespace, name }) => `${kind} ${namespace}/${name}`,
  )
}
const both = (place: string, kind = 'Deployment') => [`Service ${place}`, `${kind} ${place}`]

describe('the DNS of the cluster', () => {
  it.each([
    ['kube-system/rke2-coredns-rke2-coredns', { 'k8s-app': 'kube-dns' }, 'rancher/hardened-coredns:1', 'Deployment'],
    ['openshift-dns/dns-default', { daemonset: 'default' }, 'quay.example/coredns@sha256:0', 'DaemonSet'],
    ['kube-system/kube-dns', { 'k8s-app': 'kube-dns' }, 'gke.example/k8s-dns-kube-dns:1', 'Deployment'],
  ] as const)('is known by the names that distributions give: %s', async (place, labels, image, kind) => {
    expect(await found(serverAt({ place, labels, image, kind }))).toEqual(both(place, kind))
  })

  it('is known by what serves it, whatever its name and namespace', async () => {
    expect(await found(serverAt({ place: 'dns/names', image: 'rancher/mirrored-coredns-coredns:1' }))).toEqual(
      both('dns/names'),
    )
    expect(await found(serverAt({ place: 'dns/names', labels: { 'k8s-app': 'kube-dns' }, image: 'own:1' }))).toEqual(
      both('dns/names'),
    )
    const tenant = serverAt({ place: 'team/tenant', address: '10.96.7.7' })
    expect(await found([...tenant, ...serverAt({ place: 'dns/names' })])).toEqual(both('dns/names'))
  })

  it('is what the kubelets give to pods, and what the resolvers of pods say that they ask', async () => {
    const two = [
      ...serverAt({ place: 'dns/a', address: '10.96.7.7' }),
      ...serverAt({ place: 'dns/b', address: '10.96.8.8' }),
    ]
    expect(await found(two)).toEqual([])
    const kubelet =
      'apiVersion: kubelet.config.k8s.io/v1beta1\nclusterDNS:\n- 10.96.8.8\nclusterDomain: cluster.local\n'
    const config = thing('v1', 'ConfigMap', 'kube-system/kubelet-config', { data: { kubelet } })
    expect(await found([...two, config])).toEqual(both('dns/b'))
    const line = '2026-02-01T11:58:00Z ERROR dial tcp: lookup db on 10.96.7.7:53: i/o timeout'
    const asks = (dnsPolicy: string) =>
      found([...two, pod('shop/web', { spec: { dnsPolicy } })], { 'shop/web/app': line })
    expect(await asks('ClusterFirst')).toEqual(both('dns/a'))
    expect(await asks('None')).toEqual([])
  })

  it('is not every program that serves names', async () => {
    expect(await found(serverAt({ place: 'lab/bind', image: 'bind9:9' }))).toEqual([])
    const usual = serverAt({ place: 'kube-system/coredns', labels: { 'k8s-app': 'kube-dns' } })
    const tenant = serverAt({ place: 'team/inner', address: '10.97.0.10' })
    expect(await found([...tenant, ...usual])).toEqual(both('kube-system/coredns'))
    expect(await found(tenant, {}, ['services'])).toEqual([])
  })
})
