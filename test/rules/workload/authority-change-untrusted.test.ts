import { describe, expect, it } from 'vitest'
import { analyze } from '../../../src/rca/analyze.ts'
import { authorityChangeUntrusted } from '../../../src/rules/workload/authority-change-untrusted.ts'
import { ago, bundleOf, repeated, type Thing } from '../../incident/scene.ts'
import { crashed, endpointSlice, event, pod, service, thing, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const UNTRUSTED =
  'error: Get "https://api.shop.svc:8443/v1/prices": tls: failed to verify certificate: x509: certificate signed by unknown authority'
const mounts = (name: string, kind: 'configMap' | 'secret' = 'configMap') => ({
  volumes: [{ name: 'ca', ...(kind === 'secret' ? { secret: { secretName: name } } : { configMap: { name } }) }],
})
const web = (created: number, options: Parameters<typeof pod>[1] = {}) =>
  pod('shop/web-7d4f8b9c5-abcde', {
    owner: 'ReplicaSet/web-7d4f8b9c5',
    created,
    spec: mounts('internal-ca'),
    ...options,
  })
const api = (created: number, options: Parameters<typeof pod>[1] = {}) => [
  pod('shop/api-6c8f7d9b5-abcde', { owner: 'ReplicaSet/api-6c8f7d9b5', created, labels: { app: 'api' }, ...options }),
  service('shop/api'),
  endpointSlice('shop/api', [{ pod: 'api-6c8f7d9b5-abcde', ready: true }]),
]
const bundle = (seconds: number, name = 'internal-ca', key = 'ca.crt', metadata = {}) =>
  thing('v1', 'ConfigMap', `shop/${name}`, {
    metadata: { managedFields: [wrote('kubectl-edit', seconds, { 'f:data': { [`f:${key}`]: {} } })], ...metadata },
    data: { [key]: '' },
  })
const LONG_AGO = 800_000
const says = (line: string, from = 1100, to = 30, begins = LONG_AGO) => ({
  'shop/web-7d4f8b9c5-abcde/app': `${ago(begins)} starting\n${repeated(line, 20, from, to)}`,
})
const outcomeOf = (objects: readonly Thing[], logs: Record<string, string> = says(UNTRUSTED)) =>
  evaluate(authorityChangeUntrusted, { objects, logs })

describe('authority-change-untrusted', () => {
  it('names the ConfigMap that was rewritten while those who trust it run since before', async () => {
    const outcome = await outcomeOf([bundle(1200), web(90_000), ...api(1150)])
    expect(subjectsOf(outcome)).toEqual(['ConfigMap shop/internal-ca'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong', from: Date.parse(ago(1200)) })
    expect(outcome.findings[0]?.says).toContain('1 pod of web started before, 1 pod of api since.')
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
  })

  it('knows who is called by the certificate that he shows', async () => {
    const objects = [bundle(1200), web(600, { spec: {} }), ...api(90_000, { spec: mounts('internal-ca') })]
    const outcome = await outcomeOf(objects, says(UNTRUSTED, 590))
    expect(outcome.findings[0]?.says).toContain('1 pod of api started before, 1 pod of web since.')
  })

  it('believes a server whose callers do not trust it', async () => {
    const line = 'http: TLS handshake error from 10.244.1.7:41822: remote error: tls: unknown certificate authority'
    expect(subjectsOf(await outcomeOf([bundle(1200), web(90_000)], says(line)))).toEqual(['ConfigMap shop/internal-ca'])
  })

  it.each<[string, string]>([
    ['Node', 'Error: unable to verify the first certificate'],
    ['OpenSSL', 'ERROR curl: (60) SSL certificate problem: self signed certificate in certificate chain'],
    [
      'Java',
      'ERROR sun.security.validator.ValidatorException: PKIX path building failed: unable to find valid certification path',
    ],
    ['rustls', 'ERROR invalid peer certificate: UnknownIssuer'],
  ])('knows the words of %s', async (_, line) => {
    expect((await outcomeOf([bundle(1200), web(90_000)], says(line))).findings).toHaveLength(1)
  })

  it.each<[string, Thing]>([
    [
      'a Secret with a root',
      thing('v1', 'Secret', 'shop/roots', {
        metadata: { managedFields: [wrote('kubectl', 1200, { 'f:data': { 'f:root-cert.pem': {} } })] },
      }),
    ],
    [
      'a Secret that is called as one',
      thing('v1', 'Secret', 'shop/roots', {
        metadata: { name: 'roots', managedFields: [wrote('kubectl', 1200, { 'f:data': { 'f:truststore.jks': {} } })] },
      }),
    ],
  ])('knows %s', async (_, secret) => {
    const outcome = await outcomeOf([secret, web(90_000, { spec: mounts('roots', 'secret') })])
    expect(subjectsOf(outcome)).toEqual(['Secret shop/roots'])
  })

  it('names the Bundle that writes the ConfigMap', async () => {
    const owned = {
      ownerReferences: [
        {
          apiVersion: 'trust.cert-manager.io/v1alpha1',
          kind: 'Bundle',
          name: 'internal-ca',
          uid: 'u',
          controller: true,
        },
      ],
    }
    expect(subjectsOf(await outcomeOf([bundle(1200, 'internal-ca', 'ca.crt', owned), web(90_000)]))).toEqual([
      'Bundle internal-ca',
    ])
  })

  it('knows it by its name alone, and takes only its values for a change', async () => {
    expect((await outcomeOf([bundle(1200, 'internal-ca', 'pem'), web(90_000)])).findings).toHaveLength(1)
    const labelled = bundle(1200, 'internal-ca', 'pem', {
      managedFields: [wrote('kubectl-label', 1200, { 'f:metadata': { 'f:labels': { 'f:team': {} } } })],
    })
    expect((await outcomeOf([labelled, web(90_000)])).findings).toEqual([])
  })

  it('does not take for a change that it was made', async () => {
    const made = bundle(1200, 'internal-ca', 'ca.crt', { creationTimestamp: ago(1200) })
    expect((await outcomeOf([made, web(1100), ...api(90_000)], says(UNTRUSTED, 1000))).findings).toEqual([])
  })

  it('knows a ConfigMap that was deleted and made anew', async () => {
    const anew = bundle(1200, 'internal-ca', 'ca.crt', { creationTimestamp: ago(1200) })
    expect((await outcomeOf([anew, web(90_000)])).findings).toHaveLength(1)
    expect((await outcomeOf([anew, web(1100)])).findings).toEqual([])
  })
})

const certificate = (name: string, notBefore: number, spec = {}) =>
  thing('cert-manager.io/v1', 'Certificate', `shop/${name}`, {
    spec: { secretName: `${name}-tls`, issuerRef: { name: 'ca' }, ...spec },
    status: { notBefore: ago(notBefore) },
  })
const authority = (notBefore: number) => [
  certificate('root', notBefore, { isCA: true, issuerRef: { name: 'self' } }),
  thing('v1', 'Secret', 'shop/root-tls', { metadata: { annotations: { 'cert-manager.io/certificate-name': 'root' } } }),
]
const issuer = thing('cert-manager.io/v1', 'Issuer', 'shop/ca', { spec: { ca: { secretName: 'root-tls' } } })

describe('an authority of cert-manager', () => {
  const serving = api(500, { spec: mounts('api-tls', 'secret') })

  it('is the cause where it was made again and what it signed was not', async () => {
    const objects = [...authority(1200), issuer, certificate('api', 400_000), ...serving, web(500, { spec: {} })]
    const outcome = await outcomeOf(objects, says(UNTRUSTED, 490))
    expect(subjectsOf(outcome)).toEqual(['Certificate shop/root'])
    expect(outcome.findings[0]?.says).toContain('1 certificate (api) is older than it')
    const renewed = [...authority(1200), issuer, certificate('api', 1100), ...serving, web(500, { spec: {} })]
    expect((await outcomeOf(renewed, says(UNTRUSTED, 490))).findings).toEqual([])
  })

  it('is found through the ClusterIssuer, and not through that of another', async () => {
    const cluster = (secretName: string) =>
      thing('cert-manager.io/v1', 'ClusterIssuer', 'ca', { spec: { ca: { secretName } } })
    const leaf = certificate('api', 400_000, { issuerRef: { kind: 'ClusterIssuer', name: 'ca' } })
    const objects = [...authority(1200), leaf, ...serving, web(500, { spec: {} })]
    const logs = says(UNTRUSTED, 490)
    expect((await outcomeOf([...objects, cluster('root-tls')], logs)).findings).toHaveLength(1)
    expect((await outcomeOf([...objects, cluster('other-tls')], logs)).findings).toEqual([])
  })

  const trust = (secret: string) =>
    thing('trust.cert-manager.io/v1alpha1', 'Bundle', 'roots', {
      spec: { sources: [{ useDefaultCAs: true }, { secret: { name: secret, key: 'ca.crt' } }] },
    })
  const target = (seconds: number) =>
    thing('v1', 'ConfigMap', 'shop/roots', {
      metadata: {
        managedFields: [wrote('trust-manager', seconds, { 'f:data': { 'f:trust-bundle.pem': {} } }, 'Apply')],
        ownerReferences: [{ apiVersion: 'trust.cert-manager.io/v1alpha1', kind: 'Bundle', name: 'roots', uid: 'u' }],
      },
    })

  it('is the cause where a Bundle took it over, and not where the Bundle takes another', async () => {
    const trusting = web(90_000, { spec: mounts('roots') })
    const objects = [...authority(1200), target(1190), trusting]
    expect(subjectsOf(await outcomeOf([...objects, trust('root-tls')]))).toEqual(['Certificate shop/root'])
    expect(subjectsOf(await outcomeOf([...objects, trust('other-tls')]))).toEqual(['Bundle roots'])
    const other = bundle(900_000, 'settings', 'ca.crt')
    const unrelated = [...authority(1200), other, trust('root-tls'), web(90_000, { spec: mounts('settings') })]
    expect((await outcomeOf(unrelated)).findings).toEqual([])
  })

  it('is another than that of an Issuer elsewhere whose Secret has the same name', async () => {
    const elsewhere = [
      thing('cert-manager.io/v1', 'Certificate', 'pki/root', {
        spec: { secretName: 'root-tls', isCA: true, issuerRef: { name: 'self' } },
        status: { notBefore: ago(1200) },
      }),
      thing('v1', 'Secret', 'pki/root-tls'),
    ]
    const objects = [...elsewhere, issuer, certificate('api', 400_000), ...serving, web(500, { spec: {} })]
    expect((await outcomeOf(objects, says(UNTRUSTED, 490))).findings).toEqual([])
  })

  it('is none before it was made', async () => {
    const unmade = thing('cert-manager.io/v1', 'Certificate', 'shop/root', {
      spec: { secretName: 'root-tls', isCA: true },
    })
    const objects = [unmade, issuer, certificate('api', 400_000), ...serving, web(500, { spec: {} })]
    expect((await outcomeOf(objects, says(UNTRUSTED, 490))).findings).toEqual([])
  })

  it('is none where it is as it was made, or no authority', async () => {
    const logs = says(UNTRUSTED, 490)
    for (const first of [certificate('root', 604_800, { isCA: true }), certificate('root', 1200)])
      expect(
        (await outcomeOf([first, issuer, certificate('api', 700_000), ...serving, web(500)], logs)).findings,
      ).toEqual([])
  })

  it('is not changed by the renewal of a certificate', async () => {
    const secret = thing('v1', 'Secret', 'shop/web-tls', {
      metadata: {
        annotations: { 'cert-manager.io/certificate-name': 'web' },
        managedFields: [
          wrote('cert-manager-certificates-issuing', 1200, { 'f:data': { 'f:ca.crt': {}, 'f:tls.crt': {} } }),
        ],
      },
    })
    expect((await outcomeOf([secret, web(90_000, { spec: mounts('web-tls', 'secret') })])).findings).toEqual([])
  })
})

describe('the strength of it', () => {
  const strengthOf = async (objects: readonly Thing[], logs: Record<string, string>) =>
    (await outcomeOf(objects, logs)).findings.map(({ strength }) => strength)

  it('is weak where the log begins with it, unless the pod was well or not there before', async () => {
    const logs = says(UNTRUSTED, 1100, 30, 1101)
    const unready = { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(1100) }] }
    expect(await strengthOf([bundle(1200), web(90_000)], logs)).toEqual(['weak'])
    expect(await strengthOf([bundle(1200), web(90_000, { status: unready })], logs)).toEqual(['strong'])
    const young = [bundle(1200), web(1150, { spec: {} }), ...api(90_000, { spec: mounts('internal-ca') })]
    expect(await strengthOf(young, logs)).toEqual(['strong'])
  })

  it('is weak days after the change, unless both sides have to do with it', async () => {
    const days = [bundle(300_000), web(LONG_AGO)]
    expect(await strengthOf([...days, ...api(LONG_AGO, {})], says(UNTRUSTED))).toEqual(['weak'])
    expect(await strengthOf([...days, ...api(LONG_AGO, { spec: mounts('internal-ca') })], says(UNTRUSTED))).toEqual([
      'strong',
    ])
  })
})

describe('what looks like it', () => {
  const objects = [bundle(1200), web(90_000)]

  it.each<[string, readonly Thing[], Record<string, string>]>([
    ['began before the change', objects, says(UNTRUSTED, 3000)],
    ['began weeks after it', [bundle(900_000), web(2_000_000)], says(UNTRUSTED)],
    ['is over', objects, says(UNTRUSTED, 1100, 1000)],
    ['is of pods that all started since', [bundle(1200), web(1100)], says(UNTRUSTED, 1000)],
    ['has to do with no authority', [bundle(1200, 'other-ca'), web(90_000)], says(UNTRUSTED)],
    [
      'uses other settings that were changed',
      [bundle(1200, 'settings', 'app.yaml'), web(90_000, { spec: mounts('settings') })],
      says(UNTRUSTED),
    ],
    [
      'is an end',
      objects,
      says(
        'error: x509: certificate has expired or is not yet valid: current time 2026-02-01T11:50:00Z is after 2026-02-01T11:40:00Z',
      ),
    ],
    ['is a name', objects, says('error: x509: certificate is valid for api.shop.svc, not api')],
    [
      'is a proxy of a mesh',
      [
        bundle(1200),
        web(90_000, { containers: [{ name: 'istio-proxy', image: 'registry.example/istio/proxyv2:1.24' }] }),
      ],
      { 'shop/web-7d4f8b9c5-abcde/istio-proxy': repeated(UNTRUSTED, 20, 1100, 30) },
    ],
  ])('%s', async (_, things, logs) => {
    expect((await outcomeOf(things, logs)).findings).toEqual([])
  })
})

describe('who has to do with it', () => {
  const other = (place: string, spec: Record<string, unknown>) =>
    pod(place, { owner: 'StatefulSet/other', created: 90_000, labels: { app: 'other' }, spec })

  it.each<[string, Thing[]]>([
    ['a pod that nobody calls', [other('shop/other-0', mounts('internal-ca'))]],
    ['a Service that others call', [other('shop/other-0', mounts('internal-ca')), service('shop/other')]],
    ['an object of the same name elsewhere', [...api(90_000, { spec: mounts('internal-ca', 'secret') })]],
    ['a pod that ended', api(90_000, { spec: mounts('internal-ca'), ready: false, status: { phase: 'Failed' } })],
  ])('is not %s', async (_, things) => {
    expect((await outcomeOf([bundle(1200), web(600, { spec: {} }), ...things], says(UNTRUSTED, 590))).findings).toEqual(
      [],
    )
  })

  it('is nobody in another namespace', async () => {
    const elsewhere = { ...bundle(1200), metadata: { ...(bundle(1200).metadata as object), namespace: 'pay' } } as Thing
    expect((await outcomeOf([elsewhere, web(90_000)])).findings).toEqual([])
  })

  it('is whom the last of several changes has to do with', async () => {
    const spec = { volumes: [...mounts('internal-ca').volumes, { name: 'b', configMap: { name: 'other-ca' } }] }
    const objects = [bundle(1200), bundle(5000, 'other-ca'), web(90_000, { spec })]
    expect(subjectsOf(await outcomeOf(objects))).toEqual(['ConfigMap shop/internal-ca'])
    const reversed = [bundle(5000), bundle(1200, 'other-ca'), web(90_000, { spec })]
    expect(subjectsOf(await outcomeOf(reversed))).toEqual(['ConfigMap shop/other-ca'])
  })

  it('is not an image that could not be fetched', async () => {
    const words = 'Failed to pull image "registry.example/web:2": x509: certificate signed by unknown authority'
    const told = event('shop', 'Pod/web-7d4f8b9c5-abcde', 'Failed', words)
    expect((await outcomeOf([bundle(1200), web(90_000), told], {})).findings).toEqual([])
  })

  it('says why not', async () => {
    const why = async (objects: readonly Thing[], logs = says(UNTRUSTED)) =>
      (await outcomeOf(objects, logs)).rejections.map((one) => one.says)
    expect(await why([bundle(1200), web(90_000)], says(UNTRUSTED, 3000))).toEqual([
      'A certificate is not trusted, but it was so before the authority was changed, or long after.',
    ])
    expect(await why([web(90_000)])).toEqual([
      'A certificate is not trusted, but no authority that has to do with it was changed.',
    ])
  })
})

it('stands before what comes of it', async () => {
  const containers = [{ status: crashed({ restarts: 6, at: 40 }) }]
  const conditions = [{ type: 'Ready', status: 'False', lastTransitionTime: ago(1100) }]
  const objects = [
    bundle(1200),
    web(90_000, { containers, spec: {}, status: { conditions } }),
    ...api(90_000, { spec: mounts('internal-ca') }),
  ]
  const { causes } = await analyze(bundleOf({ objects, logs: says(UNTRUSTED) }), { name: 'scene', toolVersion: '0' })
  expect(causes[0]).toMatchObject({ rule: 'authority-change-untrusted', subject: { name: 'internal-ca' } })
})
