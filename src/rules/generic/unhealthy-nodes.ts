import { cite } from '../../incident/citation.ts'
import type { Condition } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Node } from '../../incident/node.ts'
import { earliest, tellTime } from '../../incident/telling.ts'
import { findUndone, type Undone } from '../../incident/undone.ts'
import { nodeNotBefore } from '../not-before.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Nodes that are not Ready, are under pressure, or that some agent says are ill. */
export const unhealthyNodes: Rule<'unhealthy-nodes'> = {
  id: 'unhealthy-nodes',
  title: 'Nodes are not well',
  domain: 'generic',
  needs: ['nodes'],
  explains: [],
  explain: symptomExplanation(
    'A node reports, or fails to report, a condition that is not the healthy one.',
    'Ready is not True, a …Pressure condition or a problem of the node problem detector is True, a …Ready condition is False. Or its lease stands still while Ready stays True, and nobody runs the controllers.',
  ),
  *evaluate(incident) {
    for (const node of incident.nodes) {
      const bad = node.conditions.filter(isBad)
      const [worst] = bad
      if (worst) yield describe(incident, node, worst, bad)
    }
    for (const undone of findUndone(incident)) if (undone.what === 'node') yield describeUnmarked(incident, undone)
  },
}

/**
 * `Ready`, `NetworkingReady`, `KernelReady` are healthy when True; all else that is known (pressure, problems) when False. What the cloud plans
 * with the machine (`VMEventScheduled` of AKS) is often a freeze of seconds, and no illness.
 */
function isBad({ type, status }: Condition): boolean {
  if (/Ready$/.test(type)) return status !== 'True'
  return status === 'True' && !/^(?:Etcd|Voter|VMEventScheduled$)|(?:Healthy|Available|Synced|Ok|OK)$/.test(type)
}

function describe(incident: Incident, node: Node, worst: Condition, bad: readonly Condition[]): Finding {
  const pods = incident.podsOn(node.ref.name).filter(({ phase }) => phase === 'Running')
  const names = bad.map(({ type, status }) => `${type}=${status}`).join(', ')
  return {
    kind: 'symptom',
    symptom: 'node-unhealthy',
    subject: node.ref,
    strength: 'proof',
    from: worst.since,
    notBefore: notBefore(incident, node, bad),
    says: `Node ${node.ref.name} says ${names}${worst.message === '' ? '' : `: ${worst.message.slice(0, 200)}`} (${pods.length} pods run there).`,
    cites: [cite(node, [...worst.path, worst.message === '' ? 'status' : 'message'])],
    affects: pods.filter((pod) => !pod.ready).map(({ ref }) => ref),
  }
}

/** Pressure comes and goes: what it did an hour ago is not in its condition. */
function notBefore(incident: Incident, { ref }: Node, bad: readonly Condition[]): number | undefined {
  if (bad.some(({ type }) => type.endsWith('Pressure'))) return undefined
  return nodeNotBefore(incident, ref.name, earliest(bad.map(({ since }) => since)))
}

/** The node controller, which calls silent nodes not ready, does not run itself. */
function describeUnmarked(incident: Incident, { object: { ref }, at, cites }: Undone): Finding {
  const pods = incident.podsOn(ref.name).filter(({ phase }) => phase === 'Running')
  return {
    kind: 'symptom',
    symptom: 'node-unhealthy',
    subject: ref,
    strength: 'proof',
    from: at,
    says: `Node ${ref.name} was heard of last at ${tellTime(at)}, and is still called Ready (${pods.length} pods run there).`,
    cites,
  }
}
