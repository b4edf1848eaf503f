import { compareText } from './compare-text.ts'
import type { Incident } from './incident.ts'
import type { Pod } from './pod.ts'
import { keyOf, type Ref } from './reference.ts'
import { datesOfContainers } from './timeline/containers.ts'
import type { TimelineEntry } from './timeline/entry.ts'
import { datesOfEvents, datesOfWatched } from './timeline/events.ts'
import { datesOfLogs } from './timeline/logs.ts'
import { datesOfConditions, datesOfGenerations, datesOfObject, datesOfWrites } from './timeline/objects.ts'

export type { TimelineEntry } from './timeline/entry.ts'

/**
 * Everything dated about some objects and what belongs to them, oldest first: the pods of a workload or a node, the workload and the node
 * of a pod. Without references everything dated of what is not at work as it should be, of nodes and of workloads.
 */
export function timelineOf(incident: Incident, refs?: readonly Ref[]): readonly TimelineEntry[] {
  const keys = refs && widen(incident, refs)
  const isMeant = (ref: Ref): boolean => keys === undefined || keys.has(keyOf(ref))
  const pods = incident.pods.filter(({ ref }) => isMeant(ref))
  const entries = [
    ...captureOf(incident),
    ...pods.flatMap((pod) => [...datesOfPod(incident, pod)]),
    ...objectsOf(incident, isMeant).flatMap((object) => [...datesOfObject(object), ...datesOfWrites(object)]),
    ...incident.nodes
      .filter(({ ref }) => isMeant(ref))
      .flatMap((node) => [...datesOfConditions(incident, node, node.conditions, node.ref.name)]),
    ...incident.workloads.filter(({ ref }) => isMeant(ref)).flatMap((workload) => [...datesOfGenerations(workload)]),
    ...datesOfEvents(incident, isMeant),
    ...datesOfWatched(incident, isMeant),
    ...datesOfLogs(incident, isMeant),
  ]
  return entries.sort(byTime)
}

/** What belongs to objects, one step in each direction. */
function widen(incident: Incident, refs: readonly Ref[]): ReadonlySet<string> {
  const keys = new Set(refs.map(keyOf))
  for (const ref of refs) {
    const pod = incident.podOf(ref)
    const pods = [...(incident.workloadOf(ref)?.pods ?? []), ...(ref.kind === 'Node' ? incident.podsOn(ref.name) : [])]
    if (pod) pods.push(pod)
    for (const one of pods) for (const around of [one.ref, one.workload, ...nodeRef(one, ref)]) keys.add(keyOf(around))
    for (const { object } of incident.workloadOf(ref)?.replicaSets ?? []) keys.add(keyOf(object.ref))
  }
  return keys
}

function nodeRef({ node }: Pod, asked: Ref): readonly Ref[] {
  return node === '' || asked.kind === 'Node' ? [] : [{ kind: 'Node', name: node }]
}

function* datesOfPod(incident: Incident, pod: Pod): Generator<TimelineEntry> {
  yield* datesOfObject(pod)
  yield* datesOfConditions(incident, pod, pod.conditions, pod.node)
  yield* datesOfContainers(incident, pod)
}

/** Pods are told apart; events and what is written all the time tell nothing by their own dates. */
const WITHOUT_DATES = new Set(['pods', 'events', 'events.events.k8s.io', 'leases.coordination.k8s.io', 'endpoints'])

function objectsOf(incident: Incident, isMeant: (ref: Ref) => boolean) {
  return incident.resources
    .filter((resource) => !WITHOUT_DATES.has(resource) && !resource.startsWith('endpointslices.'))
    .flatMap((resource) => incident.objects(resource))
    .filter(({ ref }) => isMeant(ref))
}

function captureOf({ manifest, start, now }: Incident): readonly TimelineEntry[] {
  const about: Ref = { kind: 'Capture', name: 'capture' }
  const at = (time: number, field: string, words: string, says: string): TimelineEntry => ({
    at: time,
    uncertainty: 1000,
    about,
    says,
    source: 'capture',
    cites: [{ file: 'manifest.json', pointer: `/window/${field}`, words }],
  })
  return [
    at(start, 'start', manifest.window.start, 'The capture began.'),
    at(now, 'end', manifest.window.end, 'The capture ended.'),
  ]
}

/** Of one second, what makes an object comes before what it does and what is said of it. */
const SOURCES = ['object', 'write', 'generation', 'watch', 'condition', 'container', 'log', 'event', 'capture']

function byTime(a: TimelineEntry, b: TimelineEntry): number {
  const rank = SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source)
  return a.at - b.at || rank || compareText(keyOf(a.about), keyOf(b.about)) || compareText(a.says, b.says)
}
