import { areExpired, readCertificates } from '../../incident/certificate.ts'
import { atLeastOne, type Citation, cite, citeName } from '../../incident/citation.ts'
import { serviceAt } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import { stringsAt } from '../../incident/kubernetes.ts'
import { findLacking, isRefusalTold, type Lacking } from '../../incident/lacking-pods.ts'
import { isSaidNow } from '../../incident/lately.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import { webhooksOfPod } from '../../incident/pod-webhook.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOfWorkload } from '../../incident/sufferers-of-workload.ts'
import { count, earliest, tellNames, tellTime } from '../../incident/telling.ts'
import { findRefusals } from '../../incident/uncreated.ts'
import { unreadySince } from '../../incident/unready-since.ts'
import { conversionWebhooksOf, type Webhook, webhooksOf } from '../../incident/webhook.ts'
import { isLive } from '../live.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { type Backend, backendOf } from './backend.ts'

/** A webhook that must be asked and does not answer, so that nothing it guards can be created. */
export const webhookDownFailClosed: Rule<'webhook-down-fail-closed'> = {
  id: 'webhook-down-fail-closed',
  title: 'A webhook that must be asked does not answer',
  domain: 'control-plane',
  seeds: ['KIA 2.1'],
  needs: [],
  helps: [
    'events',
    'services',
    'pods',
    'validatingwebhookconfigurations.admissionregistration.k8s.io',
    'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  ],
  explains: [
    'not-created',
    'no-endpoints',
    'rollout-stalled',
    'not-ready',
    'job-failing',
    'errors',
    'control-plane-failing',
    'not-scaling',
  ],
  explain: {
    mechanism:
      'The API server asks a webhook before it takes an object. With failurePolicy Fail it refuses the object when the webhook does not answer: its pods are gone or not ready, its Service is missing, its certificate is not trusted, or packets to it are dropped. What runs goes on; nothing new is created, so each pod that is lost stays lost. If the webhook guards its own pods too, it cannot come back by itself.',
    proof: [
      'Events FailedCreate, conditions or logs say "failed calling webhook", with the reason behind it.',
      'The configuration has failurePolicy Fail, and the Service in its clientConfig has no ready endpoint, or its caBundle has expired.',
    ],
    lookAlikes: [
      'podsecurity-or-policy-rejected: "denied the request" is the decision of a webhook that works.',
      'webhook-slow: it answers, and late.',
      'quota-or-limitrange-exceeded: "exceeded quota" is no webhook at all.',
    ],
    mitigate: [
      {
        says: 'Save the configuration first.',
        command: 'kubectl get validatingwebhookconfiguration,mutatingwebhookconfiguration {name} -o yaml',
        changes: false,
      },
      {
        says: 'Bring its pods back; see why they do not run, or do not listen on the port that is asked.',
        changes: true,
      },
      {
        says: 'If that takes long, or the webhook stands in its own way, delete the configuration: its operator makes it again.',
        command: 'kubectl delete validatingwebhookconfiguration,mutatingwebhookconfiguration {name}',
        changes: true,
      },
    ],
    fix: [
      'Exclude kube-system and the namespace of the webhook by namespaceSelector, run two replicas with a PodDisruptionBudget, and use failurePolicy Ignore where no security hangs on it.',
    ],
    links: [
      'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/',
      'https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/',
    ],
  },
  *evaluate(incident) {
    const silent = new Set<string>()
    for (const outage of findOutages(incident)) {
      silent.add(keyOf(outage.subject))
      yield judge(incident, outage)
    }
    yield* findRisks(incident, silent)
  },
}

const FAILED = [
  'webhook-timed-out',
  'webhook-without-endpoints',
  'webhook-service-missing',
  'webhook-unreachable',
  'webhook-certificate-invalid',
  'webhook-call-failed',
] as const satisfies readonly MessageId[]

interface Outage {
  readonly name: string
  readonly subject: Ref
  readonly webhook: Webhook | undefined
  readonly said: readonly Said[]
  readonly backend: Backend
}

function findOutages(incident: Incident): readonly Outage[] {
  const said = incident.said(...FAILED).filter((one) => isSaidNow(incident, one) || isLive(incident, one))
  const byName = Map.groupBy(said, ({ values }) => values.webhook ?? '')
  const admission = [...byName].map(([name, members]) =>
    outageOf(incident, name, members, findWebhook(incident, name, members)),
  )
  const translated = incident
    .said('conversion-webhook-failed')
    .filter((one) => isSaidNow(incident, one) || isLive(incident, one))
  const byKind = Map.groupBy(translated, ({ values }) => values.kind ?? '')
  const conversion = [...byKind].map(([kind, members]) =>
    outageOf(incident, kind, members, findConversion(incident, members)),
  )
  return [...admission, ...conversion].sort((a, b) => (keyOf(a.subject) < keyOf(b.subject) ? -1 : 1))
}

function outageOf(incident: Incident, name: string, said: readonly Said[], webhook: Webhook | undefined): Outage {
  const target = webhook?.target ?? targetOf(said)
  const service = target && serviceAt(incident, target.namespace, target.name)
  const subject = webhook?.object.ref ?? { kind: 'ValidatingWebhookConfiguration', name }
  return { name, subject, webhook, said, backend: backendOf(incident, target, service) }
}

/** A name may stand in several configurations: the one that asks the Service of the message is meant. */
function findWebhook(incident: Incident, name: string, said: readonly Said[]): Webhook | undefined {
  const named = webhooksOf(incident).filter((one) => one.name === name)
  const target = targetOf(said)
  return (
    named.find((one) => one.target?.name === target?.name && one.target?.namespace === target?.namespace) ?? named[0]
  )
}

function findConversion(incident: Incident, [first]: readonly Said[]): Webhook | undefined {
  const { group = '', name = '' } = first?.values ?? {}
  return conversionWebhooksOf(incident).find(({ object }) => {
    const spec = object.json.spec as { group?: unknown; names?: { kind?: unknown } } | undefined
    return spec?.group === group && spec.names?.kind === name
  })
}

function targetOf(said: readonly Said[]): { namespace: string; name: string } | undefined {
  const values = said.map((one) => one.values).find(({ service, namespace }) => service && namespace)
  return values && { namespace: values.namespace ?? '', name: values.service ?? '' }
}

function judge(incident: Incident, outage: Outage): Finding | Rejection {
  const { subject, webhook, said } = outage
  if (webhook && !webhook.failsClosed)
    return reject(subject, 'Its failurePolicy is Ignore: what it does not answer is let through.')
  const owners = said.filter(({ source }) => source === 'event' || source === 'condition')
  if (
    owners.length === said.length &&
    owners.every(({ about }) => OWNERS.has(about.kind)) &&
    victimsOf(incident).length === 0
  )
    return reject(subject, 'It did not answer for a while; every workload that was refused has its pods now.')
  return describe(incident, outage)
}

const OWNERS = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController'])

function victimsOf(incident: Incident): readonly Ref[] {
  return findRefusals(incident, ...FAILED).map(({ workload }) => workload)
}

function describe(incident: Incident, outage: Outage): Finding {
  const { name, subject, webhook, said, backend } = outage
  const refused = uniqueRefs(said.map(({ about }) => incident.topOf(about)))
  const isDeadlock = refused.some((ref) => backend.refs.some((one) => keyOf(one) === keyOf(ref)))
  const expired = expiryOf(incident, webhook)
  const isIll = backend.state === 'ill' && !isDeadlock && expired === undefined
  return {
    kind: isIll ? 'mechanism' : 'cause',
    subject,
    strength: isCertain(outage, isDeadlock, expired) ? 'proof' : 'strong',
    from: earliest([...backend.pods.map(unreadySince), ...said.map(({ first }) => first)]),
    says: `The webhook ${name} must be asked and does not answer (${causeOf(said)}): ${expired === undefined ? backend.says : `its caBundle has expired at ${tellTime(expired)}`}${isDeadlock ? ', and it stops its own pods' : ''}. It stops ${count(refused.length, 'object')}: ${tellNames(refused.map((ref) => ref.name))}.`,
    cites: atLeastOne([...citeSaid(said), ...citePolicy(webhook), ...backend.cites].slice(0, 5)),
    affects: uniqueRefs([...refused.flatMap((ref) => sufferersOfWorkload(incident, ref)), ...backend.refs]),
    depends: backend.refs,
  }
}

/** What stands at the end of the message, in the order of how much it tells. */
function causeOf(said: readonly Said[]): string {
  const causes = said.map(({ id, values }) => values.cause ?? WITHOUT_CAUSE[id] ?? '')
  return causes.find((cause) => cause !== '') ?? 'the call failed'
}

const WITHOUT_CAUSE: Partial<Record<MessageId, string>> = {
  'webhook-without-endpoints': 'no endpoints',
  'webhook-service-missing': 'its Service is not found',
}

/** Ready pods that get no connection leave open what is between, and a bundle without the Service leaves open everything. */
function isCertain({ backend, said }: Outage, isDeadlock: boolean, expired: number | undefined): boolean {
  if (isDeadlock || expired !== undefined || ['missing', 'absent', 'ill'].includes(backend.state)) return true
  return said.some(({ id }) => id === 'webhook-certificate-invalid' || id === 'webhook-service-missing')
}

/** Different workloads first. */
function citeSaid(said: readonly Said[]): readonly Citation[] {
  const first = [...Map.groupBy(said, ({ about }) => keyOf(about)).values()].map(([one]) => one as Said)
  return first.slice(0, 2).map(({ citation }) => citation)
}

function citePolicy(webhook: Webhook | undefined): readonly Citation[] {
  if (!webhook) return []
  const policy = cite(webhook.object, [...webhook.path.slice(0, -1), 'failurePolicy'])
  return webhook.path[0] === 'webhooks' ? [policy] : [citeName(webhook.object)]
}

function expiryOf(incident: Incident, webhook: Webhook | undefined): number | undefined {
  const certificates = readCertificates(webhook?.caBundle ?? '')
  return areExpired(certificates, incident.now) ? Math.max(...certificates.map(({ until }) => until)) : undefined
}

/** Webhooks that would stop what they guard, and nobody asked them lately. */
function* findRisks(incident: Incident, silent: ReadonlySet<string>): Generator<Finding> {
  const closed = webhooksOf(incident).filter(
    ({ failsClosed, target, object }) => failsClosed && target && !silent.has(keyOf(object.ref)),
  )
  for (const [, webhooks] of Map.groupBy(closed, ({ object }) => keyOf(object.ref))) {
    const [webhook] = webhooks as [Webhook, ...Webhook[]]
    const backend = backendOf(incident, webhook.target, webhook.service)
    if (!['missing', 'absent', 'ill'].includes(backend.state)) continue
    const stopped = stoppedBy(incident, webhook)
    if (stopped.length > 0) yield describeStopped(incident, webhook, backend, stopped)
    else
      yield {
        kind: 'risk',
        subject: webhook.object.ref,
        strength: 'strong',
        from: undefined,
        says: `The webhook ${webhook.name} must be asked, and nobody would answer: ${backend.says}. What it guards cannot be created now.`,
        cites: atLeastOne([citeName(webhook.object), ...backend.cites].slice(0, 3)),
        affects: backend.refs,
      }
  }
}

/** Workloads that lack pods of which the API server asks this webhook, where nobody says that anything else refuses them. */
function stoppedBy(incident: Incident, webhook: Webhook): readonly Lacking[] {
  return findLacking(incident).filter((one) => {
    const labels = stringsAt(one.object.json, 'spec', 'template', 'metadata', 'labels')
    const asked = webhooksOfPod(incident, { namespace: one.workload.namespace, labels })
    return (
      asked.some(
        ({ object, name, isConditional }) => !isConditional && object === webhook.object && name === webhook.name,
      ) && !isRefusalTold(incident, one)
    )
  })
}

/** Without a word of the API server: pods are lacking, and whoever has to be asked of them is not there to answer. */
function describeStopped(incident: Incident, webhook: Webhook, backend: Backend, stopped: readonly Lacking[]): Finding {
  const refused = uniqueRefs(stopped.map(({ workload }) => workload))
  const isDeadlock = refused.some((ref) => backend.refs.some((one) => keyOf(one) === keyOf(ref)))
  const [first] = stopped as readonly [Lacking, ...Lacking[]]
  return {
    kind: backend.state === 'ill' && !isDeadlock ? 'mechanism' : 'cause',
    subject: webhook.object.ref,
    strength: 'strong',
    from: earliest(backend.pods.map(unreadySince)),
    says: `The webhook ${webhook.name} must be asked of every new pod, and nobody answers: ${backend.says}${isDeadlock ? ', and it stops its own pods' : ''}. ${tellNames(refused.map(({ name }) => name))} ${refused.length === 1 ? 'lacks' : 'lack'} pods.`,
    cites: atLeastOne([...citePolicy(webhook), ...backend.cites.slice(0, 2), cite(first.object, ['status'])]),
    missing: ['The refusal in the words of the API server, an event FailedCreate.'],
    affects: uniqueRefs([...refused.flatMap((ref) => sufferersOfWorkload(incident, ref)), ...backend.refs]),
    depends: backend.refs,
  }
}
