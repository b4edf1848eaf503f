import { type HealedClaim, healDeadlineOf } from '../healing/deadline.ts'
import { cite } from '../incident/citation.ts'
import type { Incident } from '../incident/incident.ts'
import { listAt, recordAt, textAt } from '../incident/kubernetes.ts'
import type { Node } from '../incident/node.ts'
import type { KubeObject } from '../incident/object.ts'
import type { CitationList } from './citation-list.ts'
import type { ReportDeadline } from './report.ts'

/** So long before its end nobody acts on a node that a capture still finds: what is older was not kept. */
const STALE = 60 * 60 * 1000

/** What expires in days is no deadline of an incident. */
const FAR = 24 * 60 * 60 * 1000

/** The nodes that somebody is about to replace or reboot, with the evidence on them, soonest first. */
export function listDeadlines(incident: Incident, citations: CitationList): readonly ReportDeadline[] {
  const claims = new Map(
    incident.objects('nodeclaims.karpenter.sh').map((claim) => [textAt(claim.json, 'status', 'nodeName'), claim]),
  )
  return incident.nodes
    .flatMap((node) => deadlineOf(incident, node, claims.get(node.ref.name), citations) ?? [])
    .sort((a, b) => (a.at === b.at ? (a.node < b.node ? -1 : 1) : a.at < b.at ? -1 : 1))
}

function deadlineOf(
  { now }: Incident,
  node: Node,
  claim: KubeObject | undefined,
  citations: CitationList,
): ReportDeadline | undefined {
  const deadline = healDeadlineOf({
    labels: node.labels,
    conditions: listAt(node.json, 'status', 'conditions').map((one) => ({
      type: textAt(one, 'type'),
      status: textAt(one, 'status'),
      lastTransitionTime: textAt(one, 'lastTransitionTime'),
    })),
    taints: node.taints,
    deleted: textAt(node.json, 'metadata', 'deletionTimestamp') || undefined,
    claim: claim && readClaim(claim),
  })
  if (!deadline || deadline.at < now - STALE || deadline.at > now + FAR) return undefined
  return {
    node: node.ref.name,
    at: new Date(deadline.at).toISOString(),
    by: deadline.by,
    certain: deadline.isCertain,
    says: deadline.because,
    cites: [citations.numberOf(cite(node, ['metadata', 'name']))],
  }
}

function readClaim({ json }: KubeObject): HealedClaim {
  return {
    annotations: recordAt(json, 'metadata', 'annotations') as HealedClaim['annotations'],
    created: textAt(json, 'metadata', 'creationTimestamp') || undefined,
    expireAfter: textAt(json, 'spec', 'expireAfter') || undefined,
  }
}
