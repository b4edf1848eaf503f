import { describe, expect, it } from 'vitest'
import { unservedRoutes } from '../../../src/rules/generic/unserved-routes.ts'
import { routeLeadsNowhere } from '../../../src/rules/network/route-leads-nowhere.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { event, pod, service, thing } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

const NEW = 900
const OLD = 90_000_000
const ingressClass = thing('networking.k8s.io/v1', 'IngressClass', 'nginx')
const toWeb = (port: object = { number: 80 }) => ({
  rules: [{ host: 'web.example', http: { paths: [{ path: '/', backend: { service: { name: 'web', port } } }] } }],
})
function ingress(seconds: number, spec: object, isServed = true): Thing {
  return thing('networking.k8s.io/v1', 'Ingress', 'shop/web', {
    metadata: { creationTimestamp: ago(seconds) },
    spec: { ingressClassName: 'nginx', ...spec },
    status: { loadBalancer: isServed ? { ingress: [{ ip: '10.0.0.9' }] } : {} },
  })
}
const gateway = 'gateway.networking.k8s.io/v1'
function httpRoute(conditions: readonly object[], parentRefs = [{ name: 'edge' }]): Thing {
  return thing(gateway, 'HTTPRoute', 'shop/web', {
    spec: { parentRefs, rules: [{ backendRefs: [{ name: 'web', port: 80 }] }] },
    status: { parents: conditions.length > 0 ? [{ parentRef: { name: 'edge' }, conditions }] : [] },
  })
}
const refused = (type: string, reason: string, message: string) => ({
  type,
  status: 'False',
  reason,
  message,
  lastTransitionTime: ago(600),
})
const edge = thing(gateway, 'Gateway', 'shop/edge', { spec: { gatewayClassName: 'c' } })

async function told(objects: readonly Thing[], more: object = {}) {
  const { findings } = await evaluate(routeLeadsNowhere, { objects, ...more })
  const symptoms = await evaluate(unservedRoutes, { objects, ...more })
  const felt = findings.filter(({ kind }) => kind !== 'risk')
  expect(symptoms.findings).toHaveLength(felt.length)
  return felt
}

describe('route-leads-nowhere', () => {
  it.each([
    ['its backend, the Service web, does not exist', [ingressClass, ingress(NEW, toWeb())]],
    [
      'the Service web has no port 8080 (it has http=80)',
      [ingressClass, service('shop/web'), ingress(NEW, toWeb({ number: 8080 }))],
    ],
    [
      'the Service web has no port grpc (it has http=80)',
      [ingressClass, service('shop/web'), ingress(NEW, toWeb({ name: 'grpc' }))],
    ],
    [
      'the IngressClass ngnix does not exist (there is nginx)',
      [ingressClass, service('shop/web'), ingress(NEW, { ...toWeb(), ingressClassName: 'ngnix' }, false)],
    ],
    [
      'it names no IngressClass, and none is the default (there is nginx)',
      [ingressClass, service('shop/web'), ingress(NEW, { ...toWeb(), ingressClassName: undefined }, false)],
    ],
  ] as [string, Thing[]][])('says that %s', async (words, objects) => {
    const findings = await told(objects)
    expect(findings).toMatchObject([{ kind: 'cause', strength: 'strong', subject: { kind: 'Ingress', name: 'web' } }])
    expect(findings[0]?.says).toContain(words)
  })

  it.each([
    [
      'ResolvedRefs=False (BackendNotFound): web not found',
      [httpRoute([refused('ResolvedRefs', 'BackendNotFound', 'web not found')]), edge],
    ],
    [
      'Accepted=False (NotAllowedByListeners): no listener',
      [httpRoute([refused('Accepted', 'NotAllowedByListeners', 'no listener')]), edge],
    ],
  ] as [string, Thing[]][])('believes the Gateway: %s', async (words, objects) => {
    const findings = await told(objects)
    expect(findings).toMatchObject([{ strength: 'proof', from: Date.parse(ago(600)) }])
    expect(findings[0]?.says).toContain(words)
  })

  it('knows a Gateway and a class of Gateways that do not exist', async () => {
    const other = thing(gateway, 'Gateway', 'shop/other', {
      spec: { gatewayClassName: 'c' },
      status: { conditions: [{ type: 'Accepted', status: 'True' }] },
    })
    const route = { ...httpRoute([]), metadata: { name: 'web', namespace: 'shop', creationTimestamp: ago(NEW) } }
    expect((await told([route, other, service('shop/web')]))[0]?.says).toContain('the Gateway edge does not exist')
    const fresh = { ...edge, metadata: { name: 'edge', namespace: 'shop', creationTimestamp: ago(NEW) } }
    const classes = thing(gateway, 'GatewayClass', 'd')
    expect((await told([fresh, classes]))[0]?.says).toContain('the GatewayClass c does not exist')
  })

  it('is sure where the controller complains of the Service', async () => {
    const controller = pod('ingress-nginx/controller-1', { owner: 'ReplicaSet/controller-6c8f7d9b5' })
    const line =
      'W0201 11:59:00.000000 7 controller.go:1137] Error obtaining Endpoints for Service "shop/web": no object matching key "shop/web" in local store'
    const logs = { 'ingress-nginx/controller-1/app': `${ago(30)} ${line}\n`.repeat(5) }
    const findings = await told([ingressClass, ingress(NEW, toWeb()), controller], { logs })
    expect(findings).toMatchObject([{ strength: 'proof' }])
    const words = 'Translation failed: invalid ingress spec: could not find service "shop/web"'
    // It complains for years of an Ingress that was left behind, too.
    expect(
      await told([ingressClass, ingress(OLD, toWeb()), event('shop', 'Ingress/web', 'Translate', words)]),
    ).toMatchObject([{ strength: 'weak' }])
  })

  it('keeps what has led nowhere for long as a weak spot', async () => {
    const { findings } = await evaluate(routeLeadsNowhere, { objects: [ingressClass, ingress(OLD, toWeb())] })
    expect(findings).toMatchObject([{ kind: 'risk', strength: 'weak' }])
    expect(findings[0]?.says).toContain('the Service web, does not exist')
  })

  it.each([
    ['nobody misses it', [ingressClass, ingress(OLD, toWeb())], {}],
    ['Services may not be read', [ingressClass, ingress(NEW, toWeb())], { denied: ['services'] }],
    [
      'classes may not be read',
      [service('shop/web'), ingressClass, ingress(NEW, { ...toWeb(), ingressClassName: 'ngnix' }, false)],
      { denied: ['ingressclasses.networking.k8s.io'] },
    ],
    [
      'it is served all the same',
      [ingressClass, service('shop/web'), ingress(NEW, { ...toWeb(), ingressClassName: 'alb' })],
      {},
    ],
    [
      'the old annotation names the class',
      [
        ingressClass,
        service('shop/web'),
        {
          ...ingress(NEW, { ...toWeb(), ingressClassName: undefined }, false),
          metadata: {
            name: 'web',
            namespace: 'shop',
            creationTimestamp: ago(NEW),
            annotations: { 'kubernetes.io/ingress.class': 'alb' },
          },
        },
      ],
      {},
    ],
    [
      'the port is an action of the load balancer',
      [ingressClass, service('shop/web'), ingress(NEW, toWeb({ name: 'use-annotation' }))],
      {},
    ],
    [
      'the route is accepted by one of its Gateways',
      [
        httpRoute([{ type: 'Accepted', status: 'True' }, refused('Accepted', 'NoMatchingParent', '')]),
        edge,
        service('shop/web'),
      ],
      {},
    ],
    ['all is there', [ingressClass, service('shop/web'), ingress(NEW, toWeb())], {}],
  ] as [string, Thing[], object][])('is quiet where %s', async (_, objects, more) => {
    expect(await told(objects, more)).toEqual([])
  })
})
