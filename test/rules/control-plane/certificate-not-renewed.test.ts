import { expect, it } from 'vitest'
import { certificateNotRenewed } from '../../../src/rules/control-plane/certificate-not-renewed.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const condition = (type: string, status: string, reason: string, message: string) => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: ago(4000),
})
const FAILED = condition(
  'Issuing',
  'False',
  'Failed',
  'The certificate request has failed to complete and will be retried: Failed to wait for order resource "web-1-7" to become ready: order is in "errored" state: Failed to create Order',
)
const certificate = (status: Record<string, unknown>) =>
  thing('cert-manager.io/v1', 'Certificate', 'shop/web', { spec: { secretName: 'web-tls' }, status })
const notReady = condition('Ready', 'False', 'DoesNotExist', 'Issuing certificate as Secret does not exist')
const owned = (kind: string, name: string) => ({
  metadata: {
    ownerReferences: [{ apiVersion: 'cert-manager.io/v1', kind, name, uid: `uid-${name}`, controller: true }],
  },
})
const request = thing('cert-manager.io/v1', 'CertificateRequest', 'shop/web-1', owned('Certificate', 'web'))
const order = (state: string, reason: string) =>
  thing('acme.cert-manager.io/v1', 'Order', 'shop/web-1-7', {
    ...owned('CertificateRequest', 'web-1'),
    status: { state, reason },
  })
const LIMIT =
  'Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many certificates (5) already issued for this exact set of domains in the last 168h0m0s'
const found = (...objects: Thing[]) => evaluate(certificateNotRenewed, { objects })

it('quotes what the authority told the order of a certificate that is not ready', async () => {
  const outcome = await found(certificate({ conditions: [FAILED, notReady] }), request, order('errored', LIMIT))
  expect(subjectsOf(outcome)).toEqual(['Certificate shop/web'])
  expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  expect(outcome.findings[0]?.says).toContain('reached its limit')
  expect(outcome.findings[0]?.says).toContain('Order shop/web-1-7')
})

it('names a proof that is not found for long, and gives it time', async () => {
  const challenge = (created: number) =>
    thing('acme.cert-manager.io/v1', 'Challenge', 'shop/web-1-7-9', {
      metadata: { ...owned('Order', 'web-1-7').metadata, creationTimestamp: ago(created) },
      status: {
        state: 'pending',
        reason:
          "Waiting for HTTP-01 challenge propagation: failed to perform self check GET request 'http://a.example.com/x': wrong status code '404', expected '200'",
      },
    })
  const around = [certificate({ conditions: [notReady] }), request, order('pending', '')]
  expect((await found(...around, challenge(3000))).findings[0]).toMatchObject({ strength: 'strong' })
  expect((await found(...around, challenge(120))).findings).toEqual([])
})

const pending = (message: string, since: number, owner = 'web') =>
  thing('cert-manager.io/v1', 'CertificateRequest', 'shop/web-1', {
    ...owned('Certificate', owner),
    status: {
      conditions: [{ ...condition('Ready', 'False', 'Pending', message), lastTransitionTime: ago(since) }],
    },
  })
const NO_ISSUER = 'Referenced "ClusterIssuer" not found: clusterissuer.cert-manager.io "letsencrypt" not found'

it('names an issuer that is not there: its request is pending for ever, and is no other incident', async () => {
  const [finding] = (await found(certificate({ conditions: [notReady] }), pending(NO_ISSUER, 3000))).findings
  expect(finding).toMatchObject({ kind: 'cause', strength: 'strong' })
  expect(finding?.says).toContain('its issuer does not exist')
  expect(finding?.affects).toContainEqual(expect.objectContaining({ kind: 'CertificateRequest', name: 'web-1' }))
})

it('touches all that was made on the way, of which each only says that it waits for the next', async () => {
  const challenge = thing('acme.cert-manager.io/v1', 'Challenge', 'shop/web-1-7-9', {
    metadata: { ...owned('Order', 'web-1-7').metadata, creationTimestamp: ago(3000) },
    status: {
      state: 'pending',
      reason: "Waiting for HTTP-01 challenge propagation: wrong status code '404', expected '200'",
    },
  })
  const waiting = pending('Waiting on certificate issuance from order shop/web-1-7: "pending"', 3000)
  const [one] = (await found(certificate({ conditions: [notReady] }), waiting, order('pending', ''), challenge))
    .findings
  expect(one).toMatchObject({ strength: 'strong' })
  expect(one?.affects?.map(({ kind }) => kind).toSorted()).toEqual([
    'Certificate',
    'CertificateRequest',
    'Challenge',
    'Order',
  ])
})

it('is quiet about an issuer that is not there yet, about other pending requests, and about those of others', async () => {
  const certain = certificate({ conditions: [notReady] })
  for (const asked of [
    pending(NO_ISSUER, 60),
    pending('Waiting on certificate issuance from order shop/web-1-7: "pending"', 3000),
    pending(NO_ISSUER, 3000, 'api'),
  ])
    expect((await found(certain, asked)).findings).toEqual([])
})

it('only quotes what is not known, and says that the old one has ended', async () => {
  const outcome = await found(certificate({ notAfter: ago(3000), conditions: [FAILED, notReady] }))
  expect(outcome.findings[0]).toMatchObject({ strength: 'weak' })
  expect(outcome.findings[0]?.says).toContain('has ended meanwhile')
})

it('names the pods that wait for the Secret, and none that wait for something else', async () => {
  const affected = async (missing: string) => {
    const waiting = pod('shop/web-0', {
      owner: 'StatefulSet/web',
      ready: false,
      status: { phase: 'Pending' },
      containers: [
        {
          spec: { envFrom: [{ secretRef: { name: 'web-tls' } }] },
          status: { ready: false, state: { waiting: { reason: 'CreateContainerConfigError', message: missing } } },
        },
      ],
    })
    return (await found(certificate({ conditions: [FAILED, notReady] }), waiting)).findings[0]?.affects
  }
  const web = expect.objectContaining({ kind: 'StatefulSet', name: 'web' })
  expect(await affected('secret "web-tls" not found')).toContainEqual(web)
  expect(await affected('configmap "settings" not found')).not.toContainEqual(web)
})

it('is quiet while a certificate is being made, and where one was refused once and is good', async () => {
  expect((await found(certificate({ conditions: [notReady] }), request, order('pending', ''))).findings).toEqual([])
  const ready = condition('Ready', 'True', 'Ready', 'Certificate is up to date and has not expired')
  const good = certificate({ renewalTime: ago(-90_000), notAfter: ago(-900_000), conditions: [ready] })
  expect(await found(good, request, order('errored', LIMIT))).toMatchObject({ findings: [], rejections: [{}] })
})

it('does not take the order of another certificate for its own', async () => {
  const other = thing('cert-manager.io/v1', 'CertificateRequest', 'shop/web-1', owned('Certificate', 'api'))
  expect((await found(certificate({ conditions: [notReady] }), other, order('errored', LIMIT))).findings).toEqual([])
})
