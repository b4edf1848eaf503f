import { cite, type FieldCitation } from './citation.ts'
import { type Condition, readConditions } from './condition.ts'
import type { Incident } from './incident.ts'
import { textAt } from './kubernetes.ts'
import { is } from './messages/index.ts'
import type { KubeObject } from './object.ts'
import { onceFor } from './once-for.ts'
import { keyOf } from './reference.ts'

/** Why cert-manager does not get a certificate, in the words of the object that says most. */
export interface Refusal {
  readonly text: string
  readonly by: KubeObject
  readonly citation: FieldCitation
  readonly since: number | undefined
}

/** What cert-manager makes on its way to a certificate, the deepest first: what failed there is told in other words above. */
const STEPS = [
  'challenges.acme.cert-manager.io',
  'orders.acme.cert-manager.io',
  'certificaterequests.cert-manager.io',
] as const

/** What keeps a certificate from being made or renewed, the deepest reason first. */
export function refusalsOf(incident: Incident, certificate: KubeObject): readonly Refusal[] {
  return [...stepsOf(incident, certificate), certificate].flatMap((one) => [
    ...readState(incident, one),
    ...readFailed(one),
    ...readPending(incident, one),
  ])
}

/** What was made on the way to a certificate, the deepest first. */
export function stepsOf(incident: Incident, certificate: KubeObject): readonly KubeObject[] {
  return stepsByCertificate(incident).get(keyOf(certificate.ref)) ?? []
}

const stepsByCertificate = onceFor((incident: Incident) =>
  Map.groupBy(
    STEPS.flatMap((step) => incident.objects(step)),
    (step) => certificateOf(incident, step),
  ),
)

/** Challenge, Order, CertificateRequest, Certificate: each is owned by the next. */
const LONGEST_CHAIN = 4

/** The key of the certificate that a step was made for. */
function certificateOf(incident: Incident, object: KubeObject): string | undefined {
  const { namespace } = object.ref
  let step: KubeObject | undefined = object
  for (let depth = 0; step && depth < LONGEST_CHAIN; depth++) {
    const owner: KubeObject['owners'][number] | undefined = step.owners[0]
    if (owner?.kind === 'Certificate') return keyOf({ ...object.ref, kind: owner.kind, name: owner.name })
    step = owner && incident.find(owner.kind, namespace, owner.name)
  }
  return undefined
}

/** States that nothing more comes of (cert-manager, acme/v1 State). */
const ENDED = new Set(['errored', 'invalid', 'expired'])

/** What is under way waits for minutes for DNS or for the authority (judgement). */
const PATIENCE = 10 * 60 * 1000

/** Of an Order and a Challenge. */
function readState({ now }: Incident, object: KubeObject): readonly Refusal[] {
  const { json, created } = object
  const text = textAt(json, 'status', 'reason')
  const state = textAt(json, 'status', 'state')
  const isLate = state !== 'valid' && now - (created ?? now) > PATIENCE
  if (text === '' || !(ENDED.has(state) || isLate)) return []
  return [{ text, by: object, citation: cite(object, ['status', 'reason']), since: object.created }]
}

/** Of a Certificate and its request: what is in progress is no failure. */
function readFailed(object: KubeObject): readonly Refusal[] {
  return readReady(object, ({ reason }) => /^(?:Failed|Denied|Errors?)$/.test(reason))
}

/** A request whose issuer is not there is pending for ever (cert-manager, pkg/controller/certificaterequests/sync.go: reporter.Pending). */
function readPending({ now }: Incident, object: KubeObject): readonly Refusal[] {
  return readReady(
    object,
    ({ reason, message, since }) =>
      reason === 'Pending' &&
      is(message, 'certificate-issuer-missing') !== undefined &&
      now - (since ?? now) > PATIENCE,
  )
}

function readReady(object: KubeObject, isRefused: (condition: Condition) => boolean): readonly Refusal[] {
  return readConditions(object.json)
    .filter((one) => one.status === 'False' && one.message !== '' && isRefused(one))
    .map(({ message, path, since }) => ({
      text: message,
      by: object,
      citation: cite(object, [...path, 'message']),
      since,
    }))
}
