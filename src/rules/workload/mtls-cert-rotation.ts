import { atLeastOne, type Citation } from '../../incident/citation.ts'
import type { ContainerLog } from '../../incident/container-log.ts'
import type { Incident } from '../../incident/incident.ts'
import type { LogTemplate } from '../../incident/logs/log-summary.ts'
import { isMeshProxy } from '../../incident/mesh.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten } from '../../incident/telling.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** Meshed services that refuse each other's certificates. */
export const mtlsCertRotation: Rule<'mtls-cert-rotation'> = {
  id: 'mtls-cert-rotation',
  title: 'Services of the mesh refuse the certificates of each other',
  domain: 'workload',
  seeds: ['KIA 3.4.2'],
  needs: ['pods', 'logs'],
  helps: ['peerauthentications.security.istio.io', 'events'],
  explains: ['errors', 'not-ready', 'no-endpoints', 'slow'],
  explain: {
    mechanism:
      'The control plane of a mesh gives every proxy a short-lived certificate and the roots to trust. When it is down for longer than these live, when its root was replaced without a time in which both are trusted, or when clocks differ, proxies with old and new ones refuse each other: 503 between some pods and not between others.',
    proof: [
      'Proxies of several workloads log TLS errors: CERTIFICATE_VERIFY_FAILED, certificate has expired.',
      'The control plane (istiod, linkerd-identity) is not ready, or its root certificate was changed shortly before.',
    ],
    lookAlikes: [
      'cert-expired: one certificate of one endpoint.',
      'clock-skew: only proxies on one node fail.',
      'One pair of services alone: their own settings.',
    ],
    mitigate: [
      { says: 'See whether the control plane is well.', command: 'kubectl get pods -n istio-system', changes: false },
      {
        says: 'When it is, let the proxies fetch new certificates.',
        command: 'kubectl rollout restart deployment/<name> -n <namespace>',
        changes: true,
      },
    ],
    fix: [
      'Rotate roots with an overlap, run the control plane with several replicas, and alert on the remaining life of workload certificates.',
    ],
    links: ['https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/'],
  },
  *evaluate(incident) {
    const refused = incident.logs.flatMap((log) => refusedBy(incident, log) ?? [])
    const workloads = uniqueRefs(refused.map(({ pod }) => pod.workload))
    const control = controlPlane(incident)
    if (workloads.length >= SEVERAL || (workloads.length > 0 && control.some(isFailing)))
      yield describe(incident, refused, workloads, control)
    else if (workloads[0]) yield reject(workloads[0], 'Only its own proxy meets TLS errors.')
  },
}

/** One pair of services is their own matter. */
const SEVERAL = 3

interface Refused {
  readonly pod: Pod
  readonly template: LogTemplate
  readonly citation: Citation
}

/** A proxy that meets certificates which it does not trust, until now. */
function refusedBy(
  incident: Incident,
  { namespace, pod: name, container, summary, previous }: ContainerLog,
): Refused | undefined {
  const pod = incident.podOf({ kind: 'Pod', namespace, name })
  const isProxy = pod?.containers.some((one) => one.name === container && isMeshProxy(one))
  if (!pod || !isProxy || previous) return undefined
  const template = summary.templates.find(({ classes, last }) => {
    return (
      (classes.includes('tls-failure') || classes.includes('certificate-expired')) &&
      (last === undefined || incident.now - last < 600_000)
    )
  })
  if (!template) return undefined
  const { line, text } = template.example
  return { pod, template, citation: { file: summary.path, line, words: text.slice(0, 400) } }
}

const CONTROL = new Set(['istiod', 'linkerd-identity', 'linkerd-destination'])

function controlPlane(incident: Incident): readonly Pod[] {
  return incident.pods.filter(({ workload }) => CONTROL.has(workload.name))
}

function describe(
  incident: Incident,
  refused: readonly Refused[],
  workloads: readonly Ref[],
  control: readonly Pod[],
): Finding {
  const sick = control.filter(isFailing)
  const subject = control[0]?.workload ?? (workloads[0] as Ref)
  return {
    kind: 'cause',
    subject,
    strength: sick.length > 0 || workloads.length >= SEVERAL ? 'strong' : 'weak',
    from: earliest(refused.map(({ template }) => template.first)),
    says: `The proxies of ${count(workloads.length, 'workload')} refuse certificates${sick.length > 0 ? `, and ${count(sick.length, 'pod')} of the control plane are not well` : ''}: "${shorten(refused[0]?.template.example.text ?? '')}".`,
    cites: atLeastOne(refused.slice(0, 4).map(({ citation }) => citation)),
    affects: uniqueRefs([
      ...sufferersOf(incident, [...new Map(refused.map(({ pod }) => [keyOf(pod.ref), pod])).values()]),
      ...sick.map(({ ref }) => ref),
    ]),
  }
}
