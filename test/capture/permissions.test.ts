import { describe, expect, it } from 'vitest'
import { collectors } from '../../collectors/index.ts'
import type { ServedResource } from '../../src/bundle/format.ts'
import { clusterRole, namespacedRole, type Rule } from '../../src/capture/permissions.ts'
import type { Collector } from '../../src/collector.ts'
import type { Discovery } from '../../src/sources/kube/discovery.ts'

function serving(...names: string[]): Discovery {
  return { answers: [], stale: [], version: undefined, cost: { requests: 0, bytes: 0 }, resources: names.map(served) }
}

/** `widgets.example.com`, with an upper-case first letter for cluster-scoped ones. */
function served(name: string): ServedResource {
  const [resource = '', ...group] = name.split('.')
  const namespaced = resource === resource.toLowerCase()
  return {
    group: group.join('.'),
    version: 'v1',
    resource: resource.toLowerCase(),
    kind: '',
    namespaced,
    alsoServedAs: [],
  }
}

function grants(rules: readonly Rule[]): Record<string, string> {
  const cells = rules.flatMap((rule) =>
    'resources' in rule ? rule.resources.map((name) => [`${name}.${rule.apiGroups[0]}`, rule.verbs.join()]) : [],
  )
  return Object.fromEntries(cells)
}

describe('the cluster role', () => {
  it('names custom resources by group and name, and leaves out what is not served', () => {
    const granted = grants(
      clusterRole(collectors, serving('pods', 'Nodes', 'widgets.example.com', 'Gadgets.example.com')),
    )
    expect(granted).toEqual({
      'pods.': 'list,watch',
      'pods/log.': 'get',
      'nodes.': 'list,watch',
      'nodes/configz.': 'get',
      'nodes/healthz.': 'get',
      'nodes/log.': 'get',
      'nodes/metrics.': 'get',
      'nodes/pods.': 'get',
      'nodes/stats.': 'get',
      'widgets.example.com': 'list',
      'gadgets.example.com': 'list',
    })
  })

  it('never has Secrets, even where they are served or a collector forgets to leave them out', () => {
    const careless: Collector = {
      ...collectors[0],
      takes: () => true,
      reads: [{ everyListableResource: true }],
    } as Collector
    expect(grants(clusterRole([...collectors, careless], serving('secrets', 'pods')))).not.toHaveProperty(['secrets.'])
  })

  it('keeps ConfigMaps in a rule of their own that says what it grants', () => {
    const rules = clusterRole(collectors, serving('configmaps', 'services'))
    const alone = rules.find((rule) => 'resources' in rule && rule.resources.includes('configmaps'))
    expect(alone).toMatchObject({ resources: ['configmaps'], comment: expect.stringContaining('grants their data') })
  })

  it('is the same whatever the order of discovery', () => {
    const names = ['pods', 'services', 'widgets.example.com', 'deployments.apps']
    expect(clusterRole(collectors, serving(...names))).toEqual(clusterRole(collectors, serving(...names.reverse())))
  })

  it('offline covers every resource that a collector declares', () => {
    const granted = grants(clusterRole(collectors, undefined))
    for (const read of collectors.flatMap((collector) => collector.reads)) {
      if (!('resources' in read) || read.group === 'events.k8s.io') continue
      for (const name of read.resources) expect(granted).toHaveProperty([`${name}.${read.group}`])
    }
  })
})

describe('the role of a namespace', () => {
  it('has what is namespaced, and lists the rest', () => {
    const { rules, beyond } = namespacedRole(
      collectors,
      serving('pods', 'Nodes', 'widgets.example.com', 'Gadgets.example.com'),
      'shop',
    )
    expect(Object.keys(grants(rules)).sort()).toEqual(['pods.', 'pods/log.', 'widgets.example.com'])
    expect(beyond).toEqual(expect.arrayContaining(['nodes', 'gadgets.example.com', '/metrics']))
    expect(beyond).not.toContain('/version')
  })

  it('lists what is read in another namespace: events of nodes', () => {
    const beyond = (namespace: string) => namespacedRole(collectors, serving('events'), namespace).beyond
    expect(beyond('shop')).toContain('events in namespace default')
    expect(beyond('default')).not.toContain('events in namespace default')
  })

  it('lists connections to the ports of another namespace, once', () => {
    const { beyond } = namespacedRole(collectors, serving('pods'), 'shop')
    expect(beyond.filter((one) => one.includes('portforward'))).toEqual(['pods/portforward in namespace kube-system'])
  })
})
