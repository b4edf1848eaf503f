import { describe, expect, it } from 'vitest'
import { analyze } from '../../../src/rca/analyze.ts'
import { unservedRoutes } from '../../../src/rules/generic/unserved-routes.ts'
import { routeLeadsNowhere } from '../../../src/rules/network/route-leads-nowhere.ts'
import { ago, bundleOf, type Thing } from '../../incident/scene.ts'
import { event, pod, service, thing, wrote } from '../../incident/things.ts'
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

  const old = [ingressClass, ingress(OLD, toWeb())]
  const controllerPod = (seconds: number) =>
    pod('ingress-nginx/controller-1', { owner: 'ReplicaSet/controller-6c8f7d9b5', created: seconds })
  const complaint =
    'W0201 11:59:00.000000 7 controller.go:1137] Error obtaining Endpoints for Service "shop/web": no object matching key "shop/web" in local store'
  const logged = (...lines: string[]) => ({ logs: { 'ingress-nginx/controller-1/app': `${lines.join('\n')}\n` } })
  const request = (backend: string, status = 503) =>
    `10.0.1.7 - - [01/Feb/2026:11:59:30 +0000] "GET /pay HTTP/1.1" ${status} 190 "-" "curl/8" 431 0.000 [${backend}] [] - - - - 6f1d2c3b4a5968778695a4b3c2d1e0f1`
  const requests = (backend: string, times: number, status?: number) =>
    logged(...Array.from({ length: times }, (_, index) => `${ago(600 - index * 20)} ${request(backend, status)}`))

  it('knows a Service that was lost of late, by what components wrote of it', async () => {
    const lost = event('shop', 'Service/web', 'EnsuredLoadBalancer', 'Ensured load balancer', {
      type: 'Normal',
      last: 1800,
    })
    expect(await told([...old, lost])).toMatchObject([
      { kind: 'cause', strength: 'strong', from: Date.parse(ago(1800)) },
    ])
  })

  it('knows one that was lost since its controller started without a complaint', async () => {
    const start = `${ago(86_395)} I0131 12:00:00.000000 7 main.go:50] starting`
    const lost = logged(start, `${ago(900)} ${complaint}`, `${ago(30)} ${complaint}`)
    expect(await told([...old, controllerPod(86_400)], lost)).toMatchObject([
      { strength: 'proof', from: Date.parse(ago(900)) },
    ])
    const always = logged(start, `${ago(86_300)} ${complaint}`, `${ago(30)} ${complaint}`)
    expect(await told([...old, controllerPod(86_400)], always)).toMatchObject([{ strength: 'weak' }])
    const cut = logged(`${ago(3600)} I0201 11:00:00.000000 7 main.go:50] reload`, `${ago(900)} ${complaint}`)
    expect(await told([...old, controllerPod(86_400)], cut)).toMatchObject([{ strength: 'weak' }])
  })

  it('knows a port that the Service lost of late', async () => {
    const web = (seconds: number) =>
      service('shop/web', {
        metadata: { managedFields: [wrote('kubectl-edit', seconds, { 'f:spec': { 'f:ports': {} } })] },
      })
    const route = ingress(OLD, toWeb({ number: 8080 }))
    expect(await told([ingressClass, route, web(1800)])).toMatchObject([
      { strength: 'strong', from: Date.parse(ago(1800)) },
    ])
    expect(await told([ingressClass, route, web(200_000)])).toEqual([])
    const other = event('shop', 'Service/web', 'EnsuredLoadBalancer', '', { type: 'Normal' })
    expect(await told([ingressClass, route, web(200_000), other])).toEqual([])
  })

  it('knows requests that fail for it now, from one that a stranger sends', async () => {
    expect(await told([...old, controllerPod(86_400)], requests('shop-web-80', 20))).toMatchObject([
      { strength: 'proof' },
    ])
    expect(await told([...old, controllerPod(86_400)], requests('shop-web-80', 1))).toMatchObject([
      { strength: 'weak' },
    ])
    for (const none of [requests('shop-web-admin-80', 20), requests('shop-web-80', 20, 200)])
      expect(await told([...old, controllerPod(86_400)], none)).toEqual([])
  })

  it('makes the verdict another than healthy where it is an incident, and only there', async () => {
    const verdictOf = async (...objects: Thing[]) =>
      (await analyze(bundleOf({ objects }), { name: 'scene', toolVersion: '0' })).verdict
    const lost = event('shop', 'Service/web', 'EnsuredLoadBalancer', '', { type: 'Normal', last: 1800 })
    expect(await verdictOf(...old, lost)).toMatchObject({ status: expect.not.stringMatching('healthy') })
    expect(await verdictOf(ingressClass, ingress(NEW, toWeb()))).toMatchObject({
      status: expect.not.stringMatching('healthy'),
    })
    expect(await verdictOf(...old)).toMatchObject({ status: 'healthy' })
  })

  it('leaves alone what is said of another Service, or is over', async () => {
    const over = (line: string) =>
      logged(...Array.from({ length: 20 }, (_, index) => `${ago(9000 - index * 20)} ${line}`))
    for (const logs of [
      logged(`${ago(30)} ${complaint.replaceAll('shop/web', 'shop/cart')}`),
      requests('shop-cart-80', 20),
      over(complaint),
      over(request('shop-web-80')),
    ])
      expect(await told([...old, controllerPod(86_400)], logs)).toEqual([])
  })

  it('believes a Gateway that has refused a route for long, and is not sure of it', async () => {
    const conditions = [{ ...refused('ResolvedRefs', 'BackendNotFound', 'gone'), lastTransitionTime: ago(400_000) }]
    expect(await told([httpRoute(conditions), edge])).toMatchObject([{ strength: 'weak' }])
  })

  it('believes the load balancer controller about its Ingress', async () => {
    const words = (name: string) => event('shop', `Ingress/${name}`, 'BackendNotFound', 'backend service not found')
    expect(await told([...old, words('web')])).toMatchObject([{ strength: 'weak' }])
    expect(await told([...old, words('other')])).toEqual([])
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
