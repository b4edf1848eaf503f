import { describe, expect, it } from 'vitest'
import { ago, NOW, print, tableOf } from './print.ts'

describe('services', () => {
  const external = (spec: object, ingress: object[] = []) => {
    return print('services', { spec, status: { loadBalancer: { ingress } } })['External-IP']
  }

  it('show how they are reached from outside', () => {
    expect(external({ type: 'ClusterIP' })).toBe('<none>')
    expect(external({ type: 'NodePort', externalIPs: ['192.0.2.1', '192.0.2.2'] })).toBe('192.0.2.1,192.0.2.2')
    expect(external({ type: 'ExternalName', externalName: 'example.com' })).toBe('example.com')
    expect(external({ type: 'LoadBalancer' })).toBe('<pending>')
    expect(external({ type: 'LoadBalancer', externalIPs: ['192.0.2.1'] }, [{ hostname: 'b' }, { ip: 'a' }])).toBe(
      'a,b,192.0.2.1',
    )
  })

  it('show their ports', () => {
    const ports = [
      { port: 80, protocol: 'TCP' },
      { port: 53, nodePort: 30053, protocol: 'UDP' },
    ]
    expect(print('services', { spec: { ports } })['Port(s)']).toBe('80/TCP,53:30053/UDP')
    expect(print('services', {})['Port(s)']).toBe('<none>')
  })
})

describe('endpoints', () => {
  it('are cut after three', () => {
    const addresses = ['1', '2'].map((ip) => ({ ip }))
    const subsets = [{ addresses, ports: [{ port: 80 }, { port: 81 }] }]
    expect(print('endpoints', { subsets }).Endpoints).toBe('1:80,2:80,1:81 + 1 more...')
    expect(print('endpoints', { subsets: [{ addresses: [{ ip: '::1' }], ports: [{ port: 1 }] }] }).Endpoints).toBe(
      '[::1]:1',
    )
  })

  it('of none say so, and of none ready say nothing', () => {
    expect(print('endpoints', {}).Endpoints).toBe('<none>')
    expect(print('endpoints', { subsets: [{ notReadyAddresses: [{ ip: '1' }] }] }).Endpoints).toBe('')
  })

  it('of slices have ports by number, else by name, else any', () => {
    const ports = [{ port: 80, name: 'http' }, { name: 'dns' }, {}]
    expect(print('endpointslices.discovery.k8s.io', { ports })).toMatchObject({
      Ports: '80,dns,*',
      Endpoints: '<unset>',
    })
  })
})

describe('ingresses', () => {
  const hosts = (...names: (string | undefined)[]) => {
    return print('ingresses.networking.k8s.io', { spec: { rules: names.map((host) => ({ host })) } }).Hosts
  }

  it('show three hosts, and count the other rules', () => {
    expect(hosts()).toBe('*')
    expect(hosts('a', 'b', 'c')).toBe('a,b,c')
    expect(hosts('a', undefined, 'b', 'c', 'd')).toBe('a,b,c + 2 more...')
  })
})

describe('addresses', () => {
  it('have a cell more than columns, as the server sends them', () => {
    const parentRef = { resource: 'services', namespace: 'default', name: 'kubernetes' }
    const metadata = { name: '10.0.0.1', creationTimestamp: ago(60) }
    const table = tableOf('ipaddresses.networking.k8s.io')
    expect(table.columns).toHaveLength(2)
    expect(table.cells({ metadata, spec: { parentRef } }, NOW)).toEqual([
      '10.0.0.1',
      'services/default/kubernetes',
      '60s',
    ])
  })
})
