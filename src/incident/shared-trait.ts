import { type Citation, type Citations, cite } from './citation.ts'
import type { Incident } from './incident.ts'
import { recordAt } from './kubernetes.ts'
import type { Node } from './node.ts'
import type { Pod } from './pod.ts'
import { describeRef, keyOf } from './reference.ts'
import { traitsOf } from './traits.ts'

/** Something that failing pods have in common and healthy ones have not: where to look for what is wrong with them. */
export interface SharedTrait {
  /** `node`, `zone`, `image`, … */
  readonly trait: string
  readonly value: string
  readonly failingWith: number
  readonly failing: number
  readonly healthyWith: number
  readonly healthy: number
  /** How many times as frequent it is among failing pods, to one decimal; where no healthy pod has it, as if one had. */
  readonly lift: number
  readonly says: string
  readonly cites: Citations
}

/** A trait of one failing pod is a coincidence. */
const FEWEST = 2

/** A trait that is so many times as frequent among failing pods separates them (the analysis' own choice). */
const LEAST_LIFT = 5

/** Finds what failing pods share against healthy ones, what separates them best first. Without healthy pods there is nothing to compare. */
export function sharedTraits(
  incident: Incident,
  failing: readonly Pod[],
  healthy: readonly Pod[],
): readonly SharedTrait[] {
  if (failing.length < FEWEST || healthy.length === 0) return []
  const read = traitsOf(incident)
  const sick = count(failing, read)
  const well = count(healthy, read)
  const found = [...sick.values()].map(({ trait, value, pods }) =>
    compare(trait, value, pods, failing, well.get(`${trait} ${value}`)?.pods.length ?? 0, healthy, incident),
  )
  return [...found, ...startsOf(failing, healthy)].filter(separates).sort(bySeparation)
}

interface Counted {
  readonly trait: string
  readonly value: string
  readonly pods: Pod[]
}

function count(pods: readonly Pod[], read: ReturnType<typeof traitsOf>): ReadonlyMap<string, Counted> {
  const counted = new Map<string, Counted>()
  for (const pod of pods)
    for (const [trait, value] of read(pod)) {
      const known = counted.get(`${trait} ${value}`)
      if (known) known.pods.push(pod)
      else counted.set(`${trait} ${value}`, { trait, value, pods: [pod] })
    }
  return counted
}

function compare(
  trait: string,
  value: string,
  pods: readonly Pod[],
  failing: readonly Pod[],
  healthyWith: number,
  healthy: readonly Pod[],
  incident: Incident,
): SharedTrait {
  const cites = pods.slice(0, 2).map((pod) => citeTrait(incident, pod, trait, value))
  return describe(trait, value, pods.length, failing.length, healthyWith, healthy.length, cites)
}

function describe(
  trait: string,
  value: string,
  failingWith: number,
  failing: number,
  healthyWith: number,
  healthy: number,
  cites: readonly Citation[],
): SharedTrait {
  return {
    trait,
    value,
    failingWith,
    failing,
    healthyWith,
    healthy,
    lift: Math.round((10 * failingWith * healthy) / (failing * Math.max(1, healthyWith))) / 10,
    says: `${failingWith} of ${failing} failing pods and ${healthyWith} of ${healthy} healthy ones have ${trait} ${value}.`,
    cites: cites as unknown as Citations,
  }
}

/** Whether the failing pods all began after, or before, most healthy ones: what changed for pods at that time. */
function startsOf(failing: readonly Pod[], healthy: readonly Pod[]): SharedTrait[] {
  const created = failing.map((pod) => pod.created).filter((at) => at !== undefined)
  if (created.length < failing.length) return []
  const [first, last] = [Math.min(...created), Math.max(...created)]
  const later = healthy.filter((pod) => (pod.created ?? 0) >= first).length
  const earlier = healthy.filter((pod) => (pod.created ?? Infinity) <= last).length
  const ofTime = (trait: string, at: number, healthyWith: number) => {
    const pod = failing.find((one) => one.created === at) as Pod
    const value = new Date(at).toISOString()
    const cites = [cite(pod, ['metadata', 'creationTimestamp'], value.slice(0, 19))]
    return describe(trait, value, failing.length, failing.length, healthyWith, healthy.length, cites)
  }
  return [ofTime('started at or after', first, later), ofTime('started at or before', last, earlier)]
}

function separates({ failingWith, failing, healthyWith, lift }: SharedTrait): boolean {
  if (failingWith < FEWEST) return false
  return lift >= LEAST_LIFT || (failingWith === failing && healthyWith === 0)
}

/** By the share of failing pods that it covers less that of healthy ones, then the narrower one, by name. */
function bySeparation(a: SharedTrait, b: SharedTrait): number {
  return (
    separation(b) - separation(a) || b.lift - a.lift || (`${a.trait} ${a.value}` < `${b.trait} ${b.value}` ? -1 : 1)
  )
}

/** In thousandths: integers keep the order the same everywhere. */
function separation({ failingWith, failing, healthyWith, healthy }: SharedTrait): number {
  return Math.round((1000 * failingWith) / failing - (1000 * healthyWith) / healthy)
}

const NODE_LABELS = new Set(['zone', 'node group', 'instance type'])
const NODE_VERSIONS = new Set(['kernel', 'osImage', 'runtime', 'kubelet', 'architecture'])

/** The architecture may stand in a label alone (a virtual kubelet tells nothing else of its machine). */
function placeOfVersion({ json }: Node, value: string): readonly string[] {
  const told = Object.values(recordAt(json, 'status', 'nodeInfo'))
  return told.some((words) => typeof words === 'string' && words.includes(value))
    ? ['status', 'nodeInfo']
    : ['metadata', 'labels']
}

function citeTrait(incident: Incident, pod: Pod, trait: string, value: string): Citation {
  const node = incident.nodeOf(pod.node)
  if (node && NODE_LABELS.has(trait)) return cite(node, ['metadata', 'labels'], value)
  if (node && NODE_VERSIONS.has(trait)) return cite(node, placeOfVersion(node, value), value)
  if (trait === 'node') return cite(pod, ['spec', 'nodeName'], value)
  if (trait === 'failing call to') {
    const called = incident.dependencies.find(
      ({ from, to, failing }) => failing && describeRef(to) === value && keyOf(from) === keyOf(pod.workload),
    )
    if (called) return called.cites[0]
  }
  return cite(pod, ['metadata', 'name'], pod.ref.name)
}
