import { describe, expect, it } from 'vitest'
import { collectors } from '../../collectors/index.ts'
import { objects } from '../../collectors/objects.ts'
import type { ServedResource } from '../../src/bundle/format.ts'
import { collect, files, page, sendJson, sendStatus, statuses } from './collect.ts'

function served(group: string, resource: string, namespaced = true): ServedResource {
  return { group, version: 'v1', resource, kind: 'Any', namespaced, alsoServedAs: [] }
}

function list(resource: ServedResource, namespaces?: readonly string[]) {
  return collect(objects, (_, response) => sendJson(response, page(['a'])), {
    target: { kind: 'resource', resource },
    settings: { namespaces },
  })
}

describe('all other objects', () => {
  it.each([
    ['', 'configmaps'],
    ['', 'namespaces'],
    ['apps', 'deployments'],
    ['example.com', 'orders'],
    // Only core's Secrets are the ones of the promise; what stands in others is the redaction's business.
    ['example.com', 'secrets'],
    ['example.com', 'pods'],
  ])('are those of group %j, resource %s', (group, name) => expect(objects.takes?.(served(group, name))).toBe(true))

  it.each([
    ['', 'secrets'],
    ['', 'pods'],
    ['', 'nodes'],
    ['', 'events'],
    ['events.k8s.io', 'events'],
    ['coordination.k8s.io', 'leases'],
    ['metrics.k8s.io', 'pods'],
    ['metrics.k8s.io', 'nodes'],
  ])('are not those of group %j, resource %s', (group, name) =>
    expect(objects.takes?.(served(group, name))).toBe(false),
  )

  it('leave out what another collector declares to list, and nothing that none does', () => {
    const declared = collectors.flatMap(({ reads }) => reads).flatMap((read) => ('resources' in read ? [read] : []))
    for (const { group, resources } of declared) {
      for (const name of resources.filter((one) => !one.includes('/')))
        expect(`${group}/${name} ${objects.takes?.(served(group, name))}`).toBe(`${group}/${name} false`)
    }
  })

  it('are listed in the version that discovery prefers', async () => {
    const collected = await list({ ...served('example.com', 'orders'), version: 'v1beta2' })
    expect(files(collected)).toEqual({ 'cluster/example.com/v1beta2/orders/_all/0001.json': page(['a']) })
    expect(statuses(collected)).toEqual(['orders.example.com complete'])
  })

  it('come by namespace where they have one, else as a whole', async () => {
    const namespaces = ['shop', 'other']
    expect((await list(served('apps', 'deployments'), namespaces)).requests).toEqual([
      'GET /apis/apps/v1/namespaces/shop/deployments?limit=2',
      'GET /apis/apps/v1/namespaces/other/deployments?limit=2',
    ])
    expect((await list(served('', 'namespaces', false), namespaces)).requests).toEqual([
      'GET /api/v1/namespaces?limit=2',
    ])
  })

  it('that are denied or not there are a line each', async () => {
    const target = { kind: 'resource', resource: served('example.com', 'orders') } as const
    const denied = await collect(objects, (_, response) => sendStatus(response, 403, 'Forbidden', 'no'), { target })
    expect(statuses(denied)).toEqual(['orders.example.com denied'])
    const none = await collect(objects, (_, response) => sendJson(response, page([])), { target })
    expect(statuses(none)).toEqual(['orders.example.com empty'])
  })
})
