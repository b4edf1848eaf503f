import type { Citation } from '../../incident/citation.ts'
import { atLeastOne, cite } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Node } from '../../incident/node.ts'
import { count, latest } from '../../incident/telling.ts'
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
    for (const part of ['kernel', 'osImage', 'runtime', 'kubelet'] as const) {
      const verdict = judge(incident, ill, part)
      if (verdict) {
        yield verdict
        return
      }
    }
    yield reject(
      (ill[0] as Node).ref,
      'Ill nodes share no image, kernel, runtime or kubelet that the others do not have.',
    )
  },
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

function judge(
  incident: Incident,
  ill: readonly Node[],
  part: 'kernel' | 'osImage' | 'runtime' | 'kubelet',
): Finding | undefined {
  const value = ill[0]?.versions[part] ?? ''
  const same = incident.nodes.filter(({ versions }) => versions[part] === value)
  const others = incident.nodes.filter(({ versions }) => versions[part] !== value)
  const sharing = ill.filter(({ versions }) => versions[part] === value)
  if (value === '' || others.length === 0 || sharing.length < LEAST_NODES) return undefined
  const rate = (sharing.length * others.length) / same.length
  if (rate < LIFT * (ill.length - sharing.length) || sharing.length * 2 < same.length) return undefined
  return {
    kind: 'cause',
    subject: { kind: 'Node', name: (sharing[0] as Node).ref.name },
    strength: 'weak',
    from: latest(sharing.map(({ created }) => created)),
    says: `${sharing.length} of ${count(same.length, 'node')} with ${part} ${value} are ill, and ${ill.length - sharing.length} of ${others.length} others.`,
    cites: atLeastOne(sharing.slice(0, 3).map((node): Citation => cite(node, ['status', 'nodeInfo', FIELDS[part]]))),
    affects: [
      ...sharing.map(({ ref }) => ref),
      ...sharing.flatMap(({ ref }) =>
        incident
          .podsOn(ref.name)
          .filter((pod) => isSuffering(incident, pod))
          .map((pod) => pod.ref),
      ),
    ],
  }
}

const FIELDS = {
  kernel: 'kernelVersion',
  osImage: 'osImage',
  runtime: 'containerRuntimeVersion',
  kubelet: 'kubeletVersion',
} as const
