import { type Citation, cite } from './citation.ts'
import type { Incident } from './incident.ts'
import { isTrueAt, listAt, recordAt, stringsAt, textAt, timeAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { keyOf, type Ref, uniqueRefs } from './reference.ts'
import { matchesSelector } from './selector.ts'
import { earliest } from './telling.ts'

/** A fault that somebody injects on purpose, by the objects of Chaos Mesh or Litmus. */
export interface Experiment {
  /** The schedule or workflow that made it, or the experiment itself. */
  readonly subject: Ref
  readonly tool: string
  /** `NetworkChaos delay`, `pod-network-loss`. */
  readonly action: string
  /** The workloads of the pods that it is injected into. */
  readonly targets: readonly Ref[]
  readonly since: number | undefined
  /** Whether it is in the cluster now; one that ended, was paused or never began is not. */
  readonly isActive: boolean
  readonly cites: readonly Citation[]
}

/** Every experiment that the bundle holds, in the order of their names. */
export function findExperiments(incident: Incident): readonly Experiment[] {
  const meshed = incident.resources.filter((one) => CHAOS_MESH.test(one)).flatMap((one) => incident.objects(one))
  return [
    ...meshed.map((object) => readChaos(incident, object)),
    ...incident.objects('schedules.chaos-mesh.org').map((object) => readSchedule(incident, object)),
    ...incident.objects('chaosengines.litmuschaos.io').map((object) => readEngine(incident, object)),
  ]
}

/** Every kind of fault of Chaos Mesh is named so; the objects by which its daemon works are not faults of their own (api/v1alpha1). */
const CHAOS_MESH = /^(?!pod(?:network|io|http)chaos\.)[a-z]+chaos\.chaos-mesh\.org$/

/** A pod that was killed is gone at once: the fault lasts for as long as what comes of it. */
const ONE_SHOT = /^(?:pod|container)-kill$/

/** What was killed longer ago than this has its successor. */
const LATELY = 15 * 60 * 1000

function readChaos(incident: Incident, object: KubeObject): Experiment {
  const { json, ref, created } = object
  const injected = listAt(json, 'status', 'experiment', 'containerRecords').filter(
    (one) => textAt(one, 'phase') === 'Injected',
  )
  const applied = injected.flatMap((one) =>
    listAt(one, 'events').filter(
      (event) => textAt(event, 'operation') === 'Apply' && textAt(event, 'type') !== 'Failed',
    ),
  )
  const since = earliest(applied.map((event) => timeAt(event, 'timestamp'))) ?? created
  const action = textAt(json, 'spec', 'action')
  const isOver = ONE_SHOT.test(action) && (since ?? 0) < incident.start - LATELY
  return {
    subject: ownerOf(object),
    tool: 'Chaos Mesh',
    action: [ref.kind, action].filter((one) => one !== '').join(' '),
    targets: workloadsOf(
      incident,
      injected.map((one) => podOfRecord(textAt(one, 'id'))),
    ),
    since,
    isActive: injected.length > 0 && !isOver && object.deleted === undefined,
    cites: [cite(object, ['status', 'experiment', 'containerRecords', 0, 'phase']), cite(object, ['spec', 'selector'])],
  }
}

/** A schedule makes its experiments anew each time, a workflow by its nodes. */
function ownerOf({ ref, owners, labels }: KubeObject): Ref {
  const space = ref.namespace === undefined ? {} : { namespace: ref.namespace }
  const schedule = owners.find(({ kind }) => kind === 'Schedule')?.name
  const workflow = labels['chaos-mesh.org/workflow']
  if (workflow !== undefined) return { kind: 'Workflow', ...space, name: workflow }
  return schedule === undefined ? ref : { kind: 'Schedule', ...space, name: schedule }
}

/** `namespace/pod` or `namespace/pod/container`. */
function podOfRecord(id: string): Ref {
  const [namespace = '', name = ''] = id.split('/')
  return { kind: 'Pod', namespace, name }
}

function readSchedule(incident: Incident, object: KubeObject): Experiment {
  const { json, ref } = object
  const type = textAt(json, 'spec', 'type')
  const spec = recordAt(json, 'spec', type.charAt(0).toLowerCase() + type.slice(1))
  const last = timeAt(json, 'status', 'time')
  const isPaused = object.annotations['experiment.chaos-mesh.org/pause'] === 'true'
  return {
    subject: ref,
    tool: 'Chaos Mesh',
    action: `Schedule of ${[type, textAt(spec, 'action')].filter((one) => one !== '').join(' ')}`,
    targets: workloadsOf(incident, podsOfSelector(incident, recordAt(spec, 'selector'), ref.namespace)),
    since: object.created,
    isActive: !isPaused && last !== undefined && last >= incident.start - LATELY,
    cites: [cite(object, ['status', 'time']), cite(object, ['spec', 'schedule'])],
  }
}

function podsOfSelector(incident: Incident, selector: unknown, own: string | undefined): readonly Ref[] {
  const spaces = listAt(selector, 'namespaces')
  const matchLabels = stringsAt(selector, 'labelSelectors')
  return incident.pods
    .filter(({ ref }) => (spaces.length === 0 ? ref.namespace === own : spaces.includes(ref.namespace)))
    .filter(({ labels }) => matchesSelector({ matchLabels }, labels))
    .map(({ ref }) => ref)
}

/** `status.experiments[].status` of an engine, while its fault is in. */
const ENGINE_RUNS = new Set(['Running', 'Waiting for Job Creation'])

function readEngine(incident: Incident, object: KubeObject): Experiment {
  const { json, ref, created } = object
  const experiments = listAt(json, 'status', 'experiments')
  const running = experiments.findIndex((one) => ENGINE_RUNS.has(textAt(one, 'status')))
  const [result] = incident
    .objects('chaosresults.litmuschaos.io')
    .filter((one) => one.ref.namespace === ref.namespace && textAt(one.json, 'spec', 'engine') === ref.name)
  const hit = listAt(result?.json, 'status', 'history', 'targets')
    .filter((one) => textAt(one, 'kind') === 'pod' && textAt(one, 'chaosStatus') !== 'reverted')
    .map((one): Ref => ({ kind: 'Pod', namespace: namespaceOf(object), name: textAt(one, 'name') }))
  return {
    subject: ref,
    tool: 'Litmus',
    action: textAt(experiments[running], 'name') || textAt(listAt(json, 'spec', 'experiments')[0], 'name'),
    targets: workloadsOf(incident, [...hit, ...podsOfEngine(incident, object)]),
    since: created,
    isActive: running >= 0 && textAt(json, 'spec', 'engineState') !== 'stop' && !isTrueAt(json, 'spec', 'suspend'),
    cites: [cite(object, ['status', 'experiments', Math.max(0, running), 'status']), cite(object, ['spec', 'appinfo'])],
  }
}

function namespaceOf({ json, ref }: KubeObject): string {
  return textAt(json, 'spec', 'appinfo', 'appns') || (ref.namespace ?? '')
}

/** `applabel` is one label, `app=web`. */
function podsOfEngine(incident: Incident, object: KubeObject): readonly Ref[] {
  const [key = '', value] = textAt(object.json, 'spec', 'appinfo', 'applabel').split('=')
  const namespace = namespaceOf(object)
  if (value === undefined) return []
  return incident.pods
    .filter((pod) => pod.ref.namespace === namespace && pod.labels[key] === value)
    .map(({ ref }) => ref)
}

function workloadsOf(incident: Incident, pods: readonly Ref[]): readonly Ref[] {
  return uniqueRefs(pods.map((ref) => incident.topOf(ref))).filter((ref) => keyOf(ref) !== 'Pod//')
}
