import { cite } from '../../incident/citation.ts'
import { conditionOf, readConditions } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { listPending } from '../../incident/pending.ts'
import { uniqueRefs } from '../../incident/reference.ts'
import { shorten, tellSpan } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'
import { reject } from '../rule.ts'

/** A node that came and never takes pods. */
export const karpenterNodeNotInitialized: Rule<'karpenter-node-not-initialized'> = {
  id: 'karpenter-node-not-initialized',
  title: 'A new node is not initialized',
  domain: 'autoscaling',
  needs: ['nodes'],
  helps: ['nodeclaims.karpenter.sh'],
  explains: ['unscheduled', 'rollout-stalled', 'node-unhealthy', 'unhealthy-condition'],
  explain: {
    mechanism:
      'Karpenter counts a node only when it is Ready, has lost its startup taints and shows the resources that were ordered. The agent that takes the taint off or registers the resource, a CNI, a storage driver, a device plugin, does not do it, so pods go on waiting beside an empty node.',
    proof: [
      'The NodeClaim is Registered and its condition Initialized is not True for minutes; the message names the taint or the resource.',
    ],
    lookAlikes: ['node-cannot-join: it never registered.', 'cni-ipamd-down: why it does not become Ready.'],
    mitigate: [
      {
        says: 'Find the agent that takes the taint off, and see why it does not run on the node.',
        command: 'kubectl get pods -A -o wide --field-selector spec.nodeName={node}',
        changes: false,
      },
    ],
    fix: ['List only taints as startupTaints that something takes off, and let those agents tolerate everything.'],
    links: ['https://karpenter.sh/docs/troubleshooting/'],
  },
  *evaluate(incident) {
    for (const claim of incident.objects('nodeclaims.karpenter.sh')) {
      const conditions = readConditions(claim.json)
      const initialized = conditionOf(conditions, 'Initialized')
      if (
        claim.deleted !== undefined ||
        conditionOf(conditions, 'Registered')?.status !== 'True' ||
        !initialized ||
        initialized.status === 'True'
      )
        continue
      const age = incident.now - (claim.created ?? incident.now)
      if (age < PATIENCE) yield reject(claim.ref, `It is ${tellSpan(age)} old.`)
      else yield describe(incident, claim, initialized, age)
    }
  },
}

/** A node is initialized within two or three minutes of its launch (judgement). */
const PATIENCE = 5 * 60 * 1000

function describe(
  incident: Incident,
  claim: KubeObject,
  initialized: NonNullable<ReturnType<typeof conditionOf>>,
  age: number,
): Finding {
  const node = textAt(claim.json, 'status', 'nodeName')
  const waiting = listPending(incident).flatMap(({ workload, pods }) => [workload, ...pods.map(({ pod }) => pod.ref)])
  return {
    kind: 'cause',
    subject: node === '' ? claim.ref : { kind: 'Node', name: node },
    strength: 'strong',
    from: initialized.since ?? claim.created,
    says: `The node ${node || claim.ref.name} was ordered ${tellSpan(age)} ago and is not initialized: ${shorten(initialized.message || initialized.reason)}`,
    cites: [cite(claim, [...initialized.path, initialized.message === '' ? 'status' : 'message'])],
    affects: uniqueRefs([claim.ref, ...waiting]),
  }
}
