import type { Citation } from '../../incident/citation.ts'
import { atLeastOne, cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Node } from '../../incident/node.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import { count, earliest, latest } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'
import { reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'

/** Nodes of one image, kernel or runtime fail, and the others do not. */
export const nodeImageRegression: Rule<'node-image-regression'> = {
  id: 'node-image-regression',
  title: 'Only nodes of one image are ill',
  domain: 'rollout',
  seeds: ['KIA 8.6.2'],
  needs: ['nodes', 'pods'],
  helps: ['aws-ec2', 'kernel-log'],
  explains: ['node-unhealthy', 'crashing', 'not-starting', 'not-ready'],
  explain: {
    mechanism:
      'New nodes came with another image: a kernel, a runtime, a kubelet that behaves differently. Workloads that are fine elsewhere fail there, and the more nodes are replaced, the more fails.',
    proof: [
      'For one kernel, system image, runtime or kubelet version most nodes are ill or their pods fail, and for the others nearly none are.',
    ],
    lookAlikes: [
      'The same nodes differ in zone, group or instance type too: test each.',
      'az-impairment: the zone is what they share.',
    ],
    mitigate: [
      {
        says: 'Let the new nodes take nothing more, and order the image before.',
        command: 'kubectl cordon {node}',
        changes: true,
      },
    ],
    fix: ['Pin node images, and roll them out to a part of the nodes first.'],
  },
  *evaluate(incident) {
    const ill = incident.nodes.filter((node) => isIll(incident, node))
    if (ill.length < LEAST_NODES || ill.length === incident.nodes.length) return
    const shared = PARTS.flatMap((part) => separate(incident, ill, part))[0]
    const first = (shared?.sharing[0] ?? ill[0]) as Node
    if (!shared)
      yield reject(first.ref, 'Ill nodes share no image, kernel, runtime or kubelet that the others do not have.')
    else if (isOneZone(shared, first.zone))
      yield reject(first.ref, `The nodes with its ${shared.part} are the ones of zone ${first.zone}, too.`)
    else if (isOlder(shared)) yield reject(first.ref, `The nodes with its ${shared.part} were there before the others.`)
    else yield describe(incident, shared)
  },
}

const PARTS = ['kernel', 'osImage', 'runtime', 'kubelet'] as const

/** What separates ill nodes from the others. */
interface Shared {
  readonly part: (typeof PARTS)[number]
  readonly value: string
  readonly same: readonly Node[]
  readonly others: readonly Node[]
  /** The ill ones among those that have it, and among the others. */
  readonly sharing: readonly Node[]
  readonly rest: readonly Node[]
}

/** Fewer ill nodes are a coincidence (failures.md §2.K: three nodes, five times as often). */
const LEAST_NODES = 3
const LIFT = 5

function isIll(incident: Incident, node: Node): boolean {
  if (conditionOf(node.conditions, 'Ready')?.status !== 'True') return true
  const pods = incident.podsOn(node.ref.name)
  const sick = pods.filter((pod) => isSuffering(incident, pod))
  return sick.length > 1 && sick.length * 2 > pods.length
}

/** The values of a part that nearly only ill nodes have. */
function separate({ nodes }: Incident, ill: readonly Node[], part: Shared['part']): readonly Shared[] {
  const values = [...new Set(ill.map(({ versions }) => versions[part] ?? ''))].filter((value) => value !== '')
  return values
    .map((value): Shared => {
      const has = ({ versions }: Node) => versions[part] === value
      const lacks = (node: Node) => !has(node)
      return {
        part,
        value,
        same: nodes.filter(has),
        others: nodes.filter(lacks),
        sharing: ill.filter(has),
        rest: ill.filter(lacks),
      }
    })
    .filter(isSeparating)
}

function isSeparating({ same, others, sharing, rest }: Shared): boolean {
  if (others.length === 0 || sharing.length < LEAST_NODES || sharing.length * 2 < same.length) return false
  return (sharing.length * others.length) / same.length >= LIFT * rest.length
}

/** Whether the zone tells the same nodes apart, so that nobody knows which of the two it is. */
function isOneZone({ sharing, others }: Shared, zone: string): boolean {
  return zone !== '' && sharing.every((node) => node.zone === zone) && others.every((node) => node.zone !== zone)
}

/** A new image comes with new nodes. */
function isOlder({ same, others }: Shared): boolean {
  const [last, first] = [latest(same.map(({ created }) => created)), earliest(others.map(({ created }) => created))]
  return last !== undefined && first !== undefined && last < first
}

function describe(incident: Incident, { part, value, same, others, sharing, rest }: Shared): Finding {
  const sick = sharing.flatMap(({ ref }) => incident.podsOn(ref.name)).filter((pod) => isSuffering(incident, pod))
  return {
    kind: 'cause',
    subject: (sharing[0] as Node).ref,
    strength: 'weak',
    from: earliest(sharing.map(({ created }) => created)),
    says: `${sharing.length} of ${count(same.length, 'node')} with ${part} ${value} are ill, and ${rest.length} of ${others.length} others.`,
    cites: atLeastOne(sharing.slice(0, 3).map((node): Citation => cite(node, ['status', 'nodeInfo', FIELDS[part]]))),
    affects: uniqueRefs([...sharing, ...sick].map(({ ref }) => ref)),
  }
}

const FIELDS = {
  kernel: 'kernelVersion',
  osImage: 'osImage',
  runtime: 'containerRuntimeVersion',
  kubelet: 'kubeletVersion',
} as const
