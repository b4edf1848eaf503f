import { describe, expect, it } from 'vitest'
import { parseFieldSelector } from '../../../src/serve/selectors/fields.ts'
import { checkFieldTerms, type Resource, selectableFields } from '../../../src/serve/selectors/selectable.ts'
import { refusal } from './refusal.ts'

describe('the fields of a resource', () => {
  it.each([
    ['/pods', { spec: { nodeName: 'one' } }, 'spec.nodeName', 'one'],
    ['/pods', { spec: { nodeName: 'one' } }, 'spec.host', 'one'],
    ['/pods', { spec: { serviceAccount: 'old' } }, 'spec.serviceAccountName', 'old'],
    ['/pods', { spec: { hostNetwork: true } }, 'spec.hostNetwork', 'true'],
    ['/pods', {}, 'spec.hostNetwork', 'false'],
    ['/pods', { status: { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.2' }] } }, 'status.podIP', '10.0.0.1'],
    ['/pods', { status: { podIPs: [{ ip: '10.0.0.2' }, { ip: 'fe80::1' }] } }, 'status.podIP', '10.0.0.2'],
    ['/pods', { status: { podIPs: [{ ip: '10.0.0.2' }] } }, 'status.podIPs', ''],
    ['/nodes', { spec: { unschedulable: true } }, 'spec.unschedulable', 'true'],
    ['/events', { source: { component: 'kubelet' }, reportingComponent: 'other' }, 'source', 'kubelet'],
    ['/events', { source: {}, reportingComponent: 'other' }, 'source', 'other'],
    ['/events', { regarding: { kind: 'Pod' } }, 'involvedObject.kind', 'Pod'],
    ['/events', { deprecatedSource: { component: 'kubelet' } }, 'source', 'kubelet'],
    ['events.k8s.io/events', { involvedObject: { name: 'web' } }, 'regarding.name', 'web'],
    ['events.k8s.io/events', { reportingComponent: 'one' }, 'reportingController', 'one'],
    ['batch/jobs', { status: { succeeded: 3 } }, 'status.successful', '3'],
    ['batch/jobs', {}, 'status.successful', '0'],
    ['/replicationcontrollers', { status: { replicas: 2 } }, 'status.replicas', '2'],
    ['/secrets', { type: 'Opaque' }, 'type', 'Opaque'],
    ['example.com/orders', { spec: { color: 'red' } }, 'spec.color', 'red'],
    ['example.com/orders', { spec: { color: 7 } }, 'spec.color', '7'],
    ['example.com/orders', { spec: { color: false } }, 'spec.color', 'false'],
    ['example.com/orders', { spec: { color: null } }, 'spec.color', ''],
  ])('%s %j: %s is %j', (key, object, path, value) => {
    expect(
      fieldsOf(key)
        .find((field) => field.path === path)
        ?.read(object),
    ).toBe(value)
  })

  it('read as zero where an object is not what it should be', () => {
    const hostile = [
      undefined,
      null,
      7,
      'text',
      [],
      { metadata: null },
      { metadata: 'x', spec: [], status: 1, type: {} },
    ]
    for (const key of ['/pods', '/nodes', '/events', 'batch/jobs', '/services', 'example.com/orders']) {
      for (const field of fieldsOf(key)) {
        for (const object of hostile) expect(['', 'false', '0']).toContain(field.read(object))
      }
    }
    const pod = JSON.parse('{"spec":{"hostNetwork":"true","nodeName":7,"__proto__":{"host":"x"}}}')
    expect(
      fieldsOf('/pods')
        .map((field) => field.read(pod))
        .join(''),
    ).toBe('false')
  })

  it('say which members they are read from', () => {
    const members = fieldsOf('/pods').find((field) => field.path === 'status.podIP')?.members
    expect(members).toEqual(['status.podIP', 'status.podIPs.0.ip'])
  })
})

describe('a field that a resource is not selected by', () => {
  it.each([
    ['/pods', 'spec.x', 'field label not supported: spec.x'],
    ['/nodes', 'metadata.namespace', 'field label not supported: metadata.namespace'],
    ['/events', 'regarding.name', 'field label not supported: regarding.name'],
    ['events.k8s.io/events', 'source', 'field label not supported: source'],
    ['batch/jobs', 'x', 'field label "x" not supported for Job'],
    ['resource.k8s.io/resourceslices', 'x', 'field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: x'],
    [
      'apps/replicasets',
      'status.replicas',
      '"status.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
    ['example.com/orders', 'spec.size', 'field label not supported: spec.size'],
    ['gateway.networking.k8s.io/gateways', 'x', 'field label not supported: x'],
  ])('%s %s is refused with the server’s words', (key, path, message) => {
    const terms = parseFieldSelector(`${path}=1,metadata.name=x`)
    expect(refusal(() => checkFieldTerms(terms, fieldsOf(key), resourceOf(key)))).toMatchObject({ code: 400, message })
  })

  it('is not the namespace, even without namespaces, of a resource that the server knows nothing special of', () => {
    const terms = parseFieldSelector('metadata.namespace=x')
    checkFieldTerms(terms, fieldsOf('/persistentvolumes'), resourceOf('/persistentvolumes'))
    const cluster = { ...resourceOf('example.com/planets'), namespaced: false }
    expect(refusal(() => checkFieldTerms(terms, selectableFields(cluster, []), cluster)).code).toBe(400)
  })
})

function resourceOf(key: string): Resource {
  const [group = '', resource = ''] = key.split('/')
  const namespaced = !['nodes', 'persistentvolumes', 'resourceslices'].includes(resource)
  return { group, version: 'v1', resource, namespaced }
}

function fieldsOf(key: string) {
  return selectableFields(resourceOf(key), key.startsWith('example.com/') ? ['.spec.color'] : [])
}
