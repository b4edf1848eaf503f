import { atLeastOne, type Citation, cite, citeName } from '../../incident/citation.ts'
import type { Container } from '../../incident/container.ts'
import { callersOf, servingPods } from '../../incident/endpoints.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, numberAt, recordAt, textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { Pod } from '../../incident/pod.ts'
import { portOf } from '../../incident/probe-failure.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import type { Service, ServicePort } from '../../incident/service.ts'
import { count, tellNames, tellTime } from '../../incident/telling.ts'
import { citeWriteAt } from '../../incident/write-citation.ts'
import { touches } from '../../incident/writes.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A Service that does not lead to the pods that it is for. */
export const serviceSelectorOrPortMismatch: Rule<'service-selector-or-port-mismatch'> = {
  id: 'service-selector-or-port-mismatch',
  title: 'The selector or the port of the Service does not fit its pods',
  domain: 'workload',
  seeds: ['KIA 1.13', 'KIA 11.5.2'],
  needs: ['services', 'pods'],
  helps: ['endpointslices.discovery.k8s.io', 'logs', 'ingresses.networking.k8s.io'],
  explains: ['no-endpoints', 'errors', 'crashing', 'not-ready', 'job-failing', 'unhealthy-condition', 'warnings'],
  explain: {
    mechanism:
      'A Service finds its pods by their labels, and sends to a target port by number or by the name that containers give it. After a renamed label or port, a typing error or a changed chart, the selector selects nothing, or requests go to a port where nothing listens. The pods are well, which is why this is looked for last.',
    proof: [
      'The selector selects no pod, while pods that differ in one label are ready and no other Service selects them.',
      'The target port is a name that no container of the selected pods gives, or a number that none declares and callers are refused.',
      'managedFields show that the selector, the ports or the labels were written shortly before.',
    ],
    lookAlikes: [
      'service-has-no-ready-endpoints: there are endpoints, and they are not ready.',
      'A Service of something that is scaled to zero or not deployed now.',
      'networkpolicy-blocks-traffic: the endpoints are right, and packets do not arrive.',
    ],
    mitigate: [
      {
        says: 'Compare.',
        command: 'kubectl get service {name} -n {namespace} -o wide; kubectl get pods -n {namespace} --show-labels',
        changes: false,
      },
      {
        says: 'Restore the selector or the port.',
        command: 'kubectl edit service {name} -n {namespace}',
        changes: true,
      },
    ],
    fix: ['Let one template write the labels of pods and the selectors of Services, and name target ports.'],
    links: [
      'https://kubernetes.io/docs/concepts/services-networking/service/',
      'https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/',
    ],
  },
  *evaluate(incident) {
    for (const service of incident.services) {
      if (service.type === 'ExternalName' || Object.keys(service.selector).length === 0) continue
      const pods = servingPods(service)
      if (pods.length === 0) yield* judgeSelector(incident, service)
      else yield* judgePorts(incident, service, pods)
    }
  },
}

function* judgeSelector(incident: Incident, service: Service) {
  const { object, selector } = service
  if (!incident.coverage.isComplete('pods', object.ref.namespace)) return
  const meant = meantPods(incident, service)
  if (meant.length === 0) return
  const others = incident.services.filter((one) => one !== service && one.pods.some((pod) => meant.includes(pod)))
  const change = changeOf(incident, service, meant)
  const isMissed = hasSymptom(incident, service)
  if (others.length > 0 && !change && !isMissed)
    yield reject(
      object.ref,
      `It selects no pod; those that come near it are selected by ${tellNames(others.map((one) => one.object.ref.name))}.`,
    )
  else yield describeSelector(incident, service, meant, { change, isSure: isMissed || change !== undefined, selector })
}

/** Pods that the selector would select if one label were written as theirs, and those of a workload that has the Service's own name; they are ready. */
function meantPods(incident: Incident, { object, selector }: Service): readonly Pod[] {
  const { ref } = object
  return incident.workloads
    .filter((workload) => workload.ref.namespace === ref.namespace)
    .flatMap(({ pods }) => pods)
    .filter(({ ready, deleted, phase }) => ready && deleted === undefined && phase === 'Running')
    .filter((pod) => isNear(selector, pod, ref.name) || pod.workload.name === ref.name)
}

/** All labels but one fit, and that one is written nearly as theirs, or they have none of that key and the name of the Service. */
function isNear(selector: Readonly<Record<string, string>>, { labels, workload }: Pod, name: string): boolean {
  const wrong = Object.entries(selector).filter(([key, value]) => labels[key] !== value)
  const [[key, value] = ['', '']] = wrong
  if (wrong.length !== 1 || VARIANTS.has(key)) return false
  const theirs = labels[key]
  return theirs === undefined ? isAlike(workload.name, name) : isAlike(theirs, value)
}

/** One is the beginning of the other, or they differ in a letter or two. */
function isAlike(a: string, b: string): boolean {
  if (a.startsWith(b) || b.startsWith(a)) return true
  if (Math.abs(a.length - b.length) > 1 || a.length < 4) return false
  const start = [...a].findIndex((letter, index) => letter !== b[index])
  const [restA, restB] = [a.slice(start), b.slice(start)]
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    restA.slice(2) === restB.slice(2)
  )
}

/** Labels that tell variants of one application apart on purpose. */
const VARIANTS = new Set([
  'track',
  'version',
  'slot',
  'role',
  'color',
  'app.kubernetes.io/version',
  'app.kubernetes.io/component',
  'component',
  'pod-template-hash',
  'rollouts-pod-template-hash',
])

/** The latest write of the selector, the ports, or the labels of the pods' template after the Service was made. */
function changeOf(incident: Incident, { object }: Service, pods: readonly Pod[]): Change | undefined {
  const owner = incident.workloadOf((pods[0] as Pod).workload)?.object
  const ofService = { object, paths: ['spec.selector', 'spec.ports'] }
  const sources = owner ? [ofService, { object: owner, paths: ['spec.template.metadata.labels'] }] : [ofService]
  const writes = sources.flatMap((source) =>
    source.object.writes.flatMap((write) => {
      const isLater = write.at !== undefined && write.at > (source.object.created ?? 0) + 60_000
      const isNew = write.at !== undefined && incident.now - write.at < A_DAY
      return isLater && isNew && source.paths.some((path) => touches(write, path))
        ? [{ object: source.object, at: write.at as number, by: write.manager }]
        : []
    }),
  )
  return writes.sort((a, b) => b.at - a.at)[0]
}

const A_DAY = 24 * 60 * 60 * 1000

interface Change {
  readonly object: Service['object']
  readonly at: number
  readonly by: string
}

/** Whether somebody misses it: callers that fail, or an Ingress that leads to it. */
function hasSymptom(incident: Incident, { object }: Service): boolean {
  if (callersOf(incident, object.ref, true).length > 0) return true
  const ingresses = incident
    .objects('ingresses.networking.k8s.io')
    .filter(({ ref }) => ref.namespace === object.ref.namespace)
  return ingresses.some((ingress) => backendsOf(ingress).includes(object.ref.name))
}

function backendsOf({ json }: KubeObject): readonly string[] {
  const paths = listAt(json, 'spec', 'rules').flatMap((rule) => listAt(rule, 'http', 'paths'))
  const backends = [...paths.map((path) => recordAt(path, 'backend')), recordAt(json, 'spec', 'defaultBackend')]
  return backends.map((backend) => textAt(backend, 'service', 'name'))
}

function describeSelector(
  incident: Incident,
  service: Service,
  meant: readonly Pod[],
  { change, isSure, selector }: { change: Change | undefined; isSure: boolean; selector: Service['selector'] },
): Finding {
  const { object } = service
  const [pod] = meant as readonly [Pod, ...Pod[]]
  const wrong = Object.entries(selector).filter(([key, value]) => pod.labels[key] !== value)
  const words = wrong.map(
    ([key, value]) => `${key}=${value}${pod.labels[key] === undefined ? '' : ` (they have ${pod.labels[key]})`}`,
  )
  const names = uniqueRefs(meant.map(({ workload }) => workload)).map(({ name }) => name)
  return {
    kind: isSure ? 'cause' : 'risk',
    subject: object.ref,
    strength: 'strong',
    from: change?.at,
    says: `The Service ${object.ref.name} selects no pod, while ${count(meant.length, 'ready pod')} of ${tellNames(names)} lack only ${words.join(', ')}${tellChange(change)}.`,
    cites: atLeastOne([cite(object, ['spec', 'selector']), citeName(pod), ...citeChange(change)]),
    affects: uniqueRefs([object.ref, ...meant.map(({ workload }) => workload), ...callersOf(incident, object.ref)]),
  }
}

function tellChange(change: Change | undefined): string {
  return change
    ? `; ${change.object.ref.kind} ${change.object.ref.name} was written at ${tellTime(change.at)}${change.by === '' ? '' : ` by ${change.by}`}`
    : ''
}

function citeChange(change: Change | undefined): readonly Citation[] {
  const citation = change && citeWriteAt(change.object, change.at)
  return citation ? [citation] : []
}

function* judgePorts(incident: Incident, service: Service, pods: readonly Pod[]) {
  for (const [index, port] of service.ports.entries()) {
    const containers = pods.flatMap((pod) => pod.containers.filter(({ role }) => role !== 'init'))
    const isName = !/^\d+$/.test(port.targetPort)
    if (port.targetPort === '' || pods.every((pod) => !pod.ready) || hasPort(containers, port.targetPort)) continue
    const change = changeOf(incident, service, pods)
    if (isName) yield describePort(incident, service, { index, port, pods, change, strength: 'proof' })
    else if (declaresOthers(containers) && (isRefused(incident, service) || change))
      yield describePort(incident, service, {
        index,
        port,
        pods,
        change,
        strength: asksElsewhere(containers, port) || isRefused(incident, service) ? 'strong' : 'weak',
      })
  }
}

function hasPort(containers: readonly Container[], target: string): boolean {
  return containers.some((container) =>
    declared(container).some(({ name, number }) => name === target || number === target),
  )
}

function declaresOthers(containers: readonly Container[]): boolean {
  return containers.some((container) => declared(container).length > 0)
}

function declared({ spec }: Container): readonly { name: string; number: string }[] {
  return listAt(spec, 'ports').map((port) => ({
    name: textAt(port, 'name'),
    number: String(numberAt(port, 'containerPort')),
  }))
}

/** Whether the probes of the containers, which succeed, ask another port. */
function asksElsewhere(containers: readonly Container[], { targetPort }: ServicePort): boolean {
  const asked = containers.flatMap(({ probes }) => (probes.readiness ? [portOf(probes.readiness)] : []))
  return asked.length > 0 && !asked.includes(targetPort)
}

function isRefused(incident: Incident, { object }: Service): boolean {
  return incident.dependencies.some(({ to, failing }) => failing && keyOf(to) === keyOf(object.ref))
}

interface PortCase {
  readonly index: number
  readonly port: ServicePort
  readonly pods: readonly Pod[]
  readonly change: Change | undefined
  readonly strength: Finding['strength']
}

function describePort(
  incident: Incident,
  { object }: Service,
  { index, port, pods, change, strength }: PortCase,
): Finding {
  const [pod] = pods as readonly [Pod, ...Pod[]]
  const known = pod.containers.flatMap(declared).map(({ name, number }) => (name === '' ? number : `${name}=${number}`))
  const path = ['spec', 'ports', index, 'targetPort']
  const container = pod.containers.find((one) => declared(one).length > 0)
  return {
    kind: 'cause',
    subject: object.ref,
    strength,
    from: change?.at,
    says: `The Service ${object.ref.name} sends to the port ${port.targetPort}, which no container of its ${count(pods.length, 'pod')} has (${tellNames(known) || 'none declared'})${tellChange(change)}.`,
    cites: atLeastOne([
      cite(object, path),
      ...(container ? [cite(pod, [...container.specPath, 'ports'])] : [citeName(pod)]),
      ...citeChange(change),
    ]),
    affects: uniqueRefs([object.ref, ...pods.map(({ workload }) => workload), ...callersOf(incident, object.ref)]),
  }
}
