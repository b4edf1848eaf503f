import { type Absent, absentForPod, absentForPods } from '../../incident/absent-reference.ts'
import { atLeastOne } from '../../incident/citation.ts'
import { findConfigWrites } from '../../incident/config-write.ts'
import type { Incident } from '../../incident/incident.ts'
import { findLacking, type Lacking } from '../../incident/lacking-pods.ts'
import { isSaidNow } from '../../incident/lately.ts'
import type { MessageId } from '../../incident/messages/index.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { sufferersOfWorkload } from '../../incident/sufferers-of-workload.ts'
import { count, earliest, shorten, tellTime } from '../../incident/telling.ts'
import { findRefusals, type Refused } from '../../incident/uncreated.ts'
import { CONFIG_REASONS, CREATING_REASONS, waitingContainer } from '../../incident/waiting.ts'
import type { Workload } from '../../incident/workload.ts'
import { type Group, groupByWorkload } from '../group.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A ConfigMap, a Secret or a key of them that a pod names and that is not there. */
export const missingConfigReference: Rule<'missing-config-reference'> = {
  id: 'missing-config-reference',
  title: 'The pod names a ConfigMap, a Secret, a key or an account that does not exist',
  domain: 'workload',
  needs: ['pods'],
  helps: ['events', 'configmaps', 'serviceaccounts', 'priorityclasses.scheduling.k8s.io'],
  explains: [
    'not-starting',
    'not-created',
    'not-ready',
    'rollout-stalled',
    'no-endpoints',
    'job-failing',
    'unhealthy-condition',
  ],
  explain: {
    mechanism:
      'The kubelet reads every ConfigMap and Secret that a container names before it makes the container. One that is missing, in another namespace, or without the named key keeps the pod in CreateContainerConfigError, or in ContainerCreating where it is a volume. The kubelet tries again, so the pod starts by itself as soon as the object is there.',
    proof: [
      'A container waits with CreateContainerConfigError, and the message names what is not found.',
      'An event FailedMount says that a ConfigMap or Secret of a volume is not found, and the pod still waits.',
      'The spec names a ConfigMap, a key of one, an account or a class that is not in the complete list of them, and the pod waits or is not there. Secrets are not listed in full, so their absence is never taken from a list.',
    ],
    lookAlikes: [
      'The object came after its pod: the pod runs now.',
      'external-secret-not-refreshed: the Secret would be made by an operator that cannot.',
      'config-change-broke-app: the object is there, and the application does not like its values.',
    ],
    mitigate: [
      { says: 'See what is there.', command: 'kubectl get configmaps,secrets -n {namespace}', changes: false },
      {
        says: 'Make the object or key, or go back to the revision before.',
        command: 'kubectl rollout undo deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Deploy configuration before what uses it, in one release, and let CI check that every reference resolves; mark what is not needed as optional.',
    ],
    links: [
      'https://kubernetes.io/docs/concepts/configuration/configmap/',
      'https://kubernetes.io/docs/concepts/configuration/secret/',
    ],
  },
  *evaluate(incident) {
    const told = new Set<string>()
    for (const group of groupByWorkload(incident, ...MISSING)) {
      const said = group.said.filter((one) => isSaidNow(incident, one) && !isOfProbe(one))
      const pods = group.pods.filter(isWaiting)
      if (pods.length > 0 && said.length > 0) {
        told.add(keyOf(group.workload))
        yield describe(incident, { ...group, pods, said })
      } else yield reject(group.workload, 'Something that it names was missing once; its pods do not wait for it now.')
    }
    for (const refused of findRefusals(
      incident,
      'missing-service-account',
      'missing-priority-class',
      'missing-runtime-class',
    )) {
      told.add(keyOf(refused.workload))
      yield describeRefused(refused)
    }
    const lacking = Map.groupBy(findLacking(incident), (one) => keyOf(one.workload))
    for (const workload of incident.workloads) {
      const key = keyOf(workload.ref)
      const absent = told.has(key) ? undefined : findAbsent(incident, workload, lacking.get(key)?.[0])
      if (absent) yield absent
    }
  },
}

const MISSING: readonly MessageId[] = ['missing-config-map', 'missing-secret', 'missing-config-key']

function isWaiting(pod: Pod): boolean {
  return waitingContainer(pod, [...CONFIG_REASONS, ...CREATING_REASONS]) !== undefined
}

function isOfProbe({ reason }: Said): boolean {
  return reason === 'Unhealthy'
}

function describe(incident: Incident, { workload, pods, said }: Group): Finding {
  const [first] = said as readonly [Said, ...Said[]]
  const there = objectOf(incident, first)
  return {
    kind: 'cause',
    subject: workload,
    strength: there && first.id !== 'missing-config-key' ? 'strong' : 'proof',
    from: earliest(said.map((one) => one.first)) ?? earliest(pods.map(({ started, created }) => started ?? created)),
    says: `${count(pods.length, 'pod')} of ${workload.name} cannot start: ${tellMissing(first, workload.namespace)}${tellWrite(incident, there)}.`,
    cites: atLeastOne(said.slice(0, 4).map(({ citation }) => citation)),
    affects: sufferersOf(incident, pods),
    ...(there && first.id !== 'missing-config-key' ? { against: [tellThere(there)] } : {}),
  }
}

/** When the object that lacks the key was changed, which is mostly when it lost it. */
function tellWrite(incident: Incident, there: KubeObject | undefined): string {
  const write = findConfigWrites(incident).find(({ config }) => config === there)
  return write ? `; it was changed at ${tellTime(write.at)}${write.by === '' ? '' : ` by ${write.by}`}` : ''
}

/** What the API server misses is missed before there is a pod. */
function describeRefused({ workload, said }: Refused): Finding {
  const [first] = said as readonly [Said, ...Said[]]
  return {
    kind: 'cause',
    subject: workload,
    strength: 'proof',
    from: earliest(said.map((one) => one.first)),
    says: `Pods of ${workload.name} cannot be created, for something that they name does not exist: ${shorten(first.words)}.`,
    cites: atLeastOne(said.slice(0, 3).map(({ citation }) => citation)),
    affects: uniqueRefs([workload, ...said.map(({ about }) => about)]),
  }
}

/** The kubelet has tried for a while: it tries again within a minute or two of a change. */
const PATIENCE = 2 * 60 * 1000

/** What is not there by complete lists, where nobody says so any more. */
function findAbsent(incident: Incident, workload: Workload, lacking: Lacking | undefined): Finding | undefined {
  const { ref } = workload
  const waiting = workload.pods
    .filter((pod) => isWaiting(pod) && incident.now - (pod.started ?? pod.created ?? incident.now) > PATIENCE)
    .map((pod) => ({ pod, absent: absentForPod(incident, pod) }))
    .filter(({ absent }) => absent.length > 0)
  const pods = waiting.map(({ pod }) => pod)
  const absent = lacking ? absentForPods(incident, workload) : (waiting[0]?.absent ?? [])
  if (absent.length === 0) return undefined
  const cannot =
    pods.length > 0
      ? `${count(pods.length, 'pod')} of ${ref.name} cannot start`
      : `No ${lacking?.alive === 0 ? '' : 'further '}pod of ${ref.name} can be created`
  return {
    kind: 'cause',
    subject: ref,
    strength: 'proof',
    from: earliest(pods.map(({ started, created }) => started ?? created)),
    says: `${cannot}: ${absent.map((one) => tellAbsent(one, ref.namespace)).join('; ')}.`,
    cites: atLeastOne(absent.slice(0, 4).map(({ citation }) => citation)),
    affects: pods.length > 0 ? sufferersOf(incident, pods) : sufferersOfWorkload(incident, ref),
  }
}

function tellAbsent({ kind, name, key }: Absent, namespace: string | undefined): string {
  if (key !== undefined) return `the key ${key} is not in ${kind} ${name}`
  const isOfCluster = kind === 'PriorityClass' || kind === 'RuntimeClass'
  return `the ${kind} ${name} does not exist${isOfCluster ? '' : ` in the namespace ${namespace ?? ''}`}`
}

function tellMissing({ id, values }: Said, namespace: string | undefined): string {
  if (id === 'missing-config-key')
    return `the key ${values.key ?? ''} is not in ${values.kind ?? 'the ConfigMap or Secret'} ${values.name ?? ''}`
  const kind = id === 'missing-secret' ? 'Secret' : 'ConfigMap'
  return `the ${kind} ${values.name ?? ''} does not exist in the namespace ${namespace ?? ''}`
}

/** The object that is said to be missing, where the bundle holds it. */
function objectOf(incident: Incident, { id, values, about }: Said): KubeObject | undefined {
  const name = values.name?.split('/').at(-1)
  const kind = id === 'missing-secret' ? 'Secret' : 'ConfigMap'
  return name === undefined ? undefined : incident.find(kind, about.namespace, name)
}

function tellThere(object: KubeObject) {
  const says = `${object.ref.kind} ${object.ref.name} is there now; it was created at ${tellTime(object.created)}.`
  return {
    says,
    cites: atLeastOne([{ file: object.file, pointer: `${object.pointer}/metadata/name`, words: object.ref.name }]),
  }
}
