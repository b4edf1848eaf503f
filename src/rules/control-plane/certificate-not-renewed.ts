import { type Refusal, refusalsOf, stepsOf } from '../../incident/certificate-request.ts'
import { cite } from '../../incident/citation.ts'
import { conditionOf, readConditions } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt, timeAt } from '../../incident/kubernetes.ts'
import { type MessageId, recognise } from '../../incident/messages/index.ts'
import type { KubeObject } from '../../incident/object.ts'
import { isFailing } from '../../incident/pod.ts'
import { describeRef, keyOf, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { shorten } from '../../incident/telling.ts'
import { waitsForOther } from '../../incident/waits-for-other.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A certificate that cert-manager asks for and does not get. */
export const certificateNotRenewed: Rule<'certificate-not-renewed'> = {
  id: 'certificate-not-renewed',
  title: 'A certificate is asked for and refused',
  domain: 'control-plane',
  needs: ['certificates.cert-manager.io'],
  helps: [
    'orders.acme.cert-manager.io',
    'challenges.acme.cert-manager.io',
    'certificaterequests.cert-manager.io',
    'events',
  ],
  explains: ['unhealthy-condition', 'errors', 'not-starting', 'not-ready', 'warnings'],
  explain: {
    mechanism:
      'cert-manager asks an issuer for a certificate long before the old one ends, and again and again with longer pauses when it is refused: the authority has a limit of certificates for a name, the proof that the name is ours is not found, the issuer does not exist. The old certificate goes on until its last second, and then all that show it fail at once.',
    proof: [
      'The Certificate is not Ready, or past its renewalTime, and its CertificateRequest, Order or Challenge says what the authority answered.',
    ],
    lookAlikes: [
      'A certificate that is being issued: its request is pending, and some minutes old.',
      'missing-config-reference: the Secret of a pod is not there, and no Certificate makes it.',
      'cert-expired without a refusal: it was renewed, and a program has the old one in memory; or nobody renews it.',
    ],
    mitigate: [
      {
        says: 'See what the authority answered.',
        command: 'kubectl get certificaterequests,orders,challenges -n {namespace} -o wide',
        changes: false,
      },
      {
        says: 'At a limit wait until its window has passed, add a name to the certificate so that the set is another, or use another authority; of a proof mend DNS or the way from outside. Then ask anew.',
        command: 'cmctl renew {name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Alert on certificates past their renewalTime; test with the staging authority; keep Secrets of certificates when clusters and namespaces are made anew.',
    ],
    links: ['https://cert-manager.io/docs/troubleshooting/acme/', 'https://letsencrypt.org/docs/rate-limits/'],
  },
  *evaluate(incident) {
    for (const certificate of incident.objects('certificates.cert-manager.io')) {
      const refusal = mostTelling(refusalsOf(incident, certificate))
      if (refusal && isWanted(incident, certificate)) yield describe(incident, certificate, refusal)
      else if (refusal) yield reject(certificate.ref, 'It was refused once, and is ready and not due.')
    }
  },
}

/** Whether a certificate is not to be had, or overdue. */
function isWanted({ now }: Incident, { json }: KubeObject): boolean {
  const ready = conditionOf(readConditions(json), 'Ready')
  return ready?.status === 'False' || (timeAt(json, 'status', 'renewalTime') ?? now) < now
}

/** From what only one thing can be meant by to what is only quoted. */
const REASONS: readonly (readonly [MessageId, string])[] = [
  ['acme-rate-limited', 'the authority has reached its limit of requests for these names'],
  ['certificate-issuer-missing', 'its issuer does not exist, or is not ready'],
  ['certificate-challenge-failed', 'the proof that the name is ours was not accepted'],
]

/** The deepest words that are known, else the deepest. */
function mostTelling(refusals: readonly Refusal[]): Refusal | undefined {
  return refusals.find(({ text }) => reasonOf(text) !== undefined) ?? refusals[0]
}

function reasonOf(text: string): string | undefined {
  const ids = recognise(text, '').map(({ id }) => id)
  return REASONS.find(([id]) => ids.includes(id))?.[1]
}

function describe(incident: Incident, certificate: KubeObject, { text, by, citation, since }: Refusal): Finding {
  const { ref, json } = certificate
  const reason = reasonOf(text)
  const until = timeAt(json, 'status', 'notAfter')
  const isOver = until !== undefined && until < incident.now
  const secret = textAt(json, 'spec', 'secretName')
  const users = incident
    .usersOf('Secret', ref.namespace, secret)
    .filter((pod) => isFailing(pod) && !waitsForOther(incident, pod, secret))
  const teller = keyOf(by.ref) === keyOf(ref) ? '' : ` (${describeRef(by.ref)})`
  return {
    kind: 'cause',
    subject: ref,
    strength: reason ? 'strong' : 'weak',
    from: since,
    says: `The certificate ${ref.name} is ${until === undefined ? 'not made' : 'not renewed'}${reason ? `: ${reason}` : ''}. cert-manager was told${teller}: "${shorten(text, 260)}".${isOver ? ' The old one has ended meanwhile.' : ''}`,
    cites: [citation, ...(isOver ? [cite(certificate, ['status', 'notAfter'])] : [])],
    affects: uniqueRefs([
      ref,
      by.ref,
      ...stepsOf(incident, certificate).map((one) => one.ref),
      ...(until === undefined || isOver ? sufferersOf(incident, users) : []),
    ]),
  }
}
