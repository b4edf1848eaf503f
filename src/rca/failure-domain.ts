import type { Incident } from '../incident/incident.ts'
import { isFailing, type Pod } from '../incident/pod.ts'
import { keyOf, type Ref, uniqueRefs } from '../incident/reference.ts'
import type { Candidate } from './candidate.ts'
import { type Fact, WORTH_A_CAUSE } from './fact.ts'
import type { BlastRadius, Report } from './report.ts'

/** The pods that what is seen to be broken is about, in a fixed order. */
export function findSufferers(incident: Incident, symptoms: readonly Fact[]): readonly Pod[] {
  const heavy = symptoms.filter(({ weight }) => weight >= WORTH_A_CAUSE)
  const refs = uniqueRefs(heavy.flatMap(({ finding }) => finding.affects ?? []))
  return refs.map((ref) => incident.podOf(ref)).filter((pod) => pod !== undefined)
}

/** The smallest thing that holds all that is broken: where to look first. */
export function describeFailureDomain(
  incident: Incident,
  symptoms: readonly Fact[],
  best: Candidate | undefined,
): Report['failureDomain'] {
  const heavy = symptoms.filter(({ weight }) => weight >= WORTH_A_CAUSE)
  if (heavy.length === 0 && !best) return { kind: 'none', name: '', says: 'Nothing is seen to be broken.' }
  const subject = best?.fact.finding.subject
  if (best && (best.fact.rule.domain === 'control-plane' || best.fact.rule.domain === 'dns')) {
    return {
      kind: 'cluster',
      name: '',
      says: `What is broken hangs on ${best.fact.rule.domain === 'dns' ? 'the cluster’s DNS' : 'the control plane'}.`,
    }
  }
  if (subject?.kind === 'Host')
    return {
      kind: 'dependency',
      name: subject.name,
      says: `What is broken hangs on ${subject.name}, outside the cluster.`,
    }
  if (subject?.kind === 'Node')
    return { kind: 'node', name: subject.name, says: `What is broken is on the node ${subject.name}.` }
  if (heavy.length === 0 && subject) return placeOf(subject.kind === 'Pod' ? 'pod' : 'workload', subject)
  return describePlace(incident, findSufferers(incident, heavy), heavy)
}

function describePlace(incident: Incident, pods: readonly Pod[], heavy: readonly Fact[]): Report['failureDomain'] {
  const workloads = uniqueRefs([
    ...pods.map(({ workload }) => workload),
    ...heavy.map(({ finding }) => incident.topOf(finding.subject)).filter((ref) => incident.workloadOf(ref)),
  ])
  const nodes = [...new Set(pods.map(({ node }) => node).filter((name) => name !== ''))].sort()
  const others = incident.pods.filter((pod) => !isFailing(pod) && pod.node !== '' && !nodes.includes(pod.node))
  if (workloads.length === 1 && pods.length === 1) return placeOf('pod', pods[0]?.ref as Ref)
  if (workloads.length === 1) return placeOf('workload', workloads[0] as Ref)
  if (nodes.length === 1 && others.length > 0)
    return {
      kind: 'node',
      name: nodes[0] ?? '',
      says: `All that fails is on the node ${nodes[0]}; other nodes have healthy pods.`,
    }
  const zone = sharedBy(incident, nodes, 'zone')
  if (zone !== undefined) return { kind: 'zone', name: zone, says: `All that fails is in the zone ${zone}.` }
  const group = sharedBy(incident, nodes, 'group')
  if (group !== undefined)
    return { kind: 'node-group', name: group, says: `All that fails is in the node group ${group}.` }
  const namespaces = [
    ...new Set([...workloads, ...heavy.map(({ finding }) => finding.subject)].map(({ namespace }) => namespace ?? '')),
  ].filter((name) => name !== '')
  if (namespaces.length === 1)
    return {
      kind: 'namespace',
      name: namespaces[0] ?? '',
      says: `All that fails is in the namespace ${namespaces[0]}.`,
    }
  const [only] = heavy
  if (workloads.length === 0 && heavy.length === 1 && only) return placeOf('workload', only.finding.subject)
  return {
    kind: 'cluster',
    name: '',
    says: `Things fail in ${namespaces.length} namespaces and on ${nodes.length} nodes.`,
  }
}

function placeOf(kind: 'pod' | 'workload', { kind: what, namespace, name }: Ref): Report['failureDomain'] {
  const full = namespace === undefined ? name : `${namespace}/${name}`
  return { kind, name: full, says: `What is broken is the ${what} ${full}.` }
}

/** The zone or group that all these nodes share, and that not all of the cluster's nodes are in. */
function sharedBy({ nodes, nodeOf }: Incident, names: readonly string[], what: 'zone' | 'group'): string | undefined {
  const values = new Set(names.map((name) => nodeOf(name)?.[what] ?? ''))
  const [value] = values
  const isPart = nodes.some((node) => node[what] !== value)
  return names.length > 1 && values.size === 1 && value !== '' && isPart ? value : undefined
}

/** How far it reaches: what is broken, counted. */
export function describeBlastRadius(incident: Incident, symptoms: readonly Fact[]): BlastRadius {
  const heavy = symptoms.filter(({ weight }) => weight >= WORTH_A_CAUSE)
  const pods = findSufferers(incident, heavy)
  const subjects = heavy.map(({ finding }) => finding.subject)
  const workloads = uniqueRefs([
    ...pods.map(({ workload }) => workload),
    ...subjects.filter((ref) => incident.workloadOf(ref)),
  ])
  const services = uniqueRefs(subjects.filter(({ kind }) => kind === 'Service'))
  const nodes = uniqueRefs(subjects.filter(({ kind }) => kind === 'Node'))
  const namespaces = [...new Set([...workloads, ...services].map(({ namespace }) => namespace ?? ''))]
    .filter((name) => name !== '')
    .sort()
  const failing = new Set(pods.filter((pod) => isFailing(pod)).map(({ ref }) => keyOf(ref))).size
  const counts = [
    [failing, 'pod'],
    [workloads.length, 'workload'],
    [services.length, 'Service'],
    [nodes.length, 'node'],
  ] as const
  const said = counts
    .filter(([number]) => number > 0)
    .map(([number, noun]) => `${number} ${noun}${number === 1 ? '' : 's'}`)
  const where =
    namespaces.length === 0
      ? ''
      : ` in ${namespaces.length === 1 ? `the namespace ${namespaces[0]}` : `${namespaces.length} namespaces`}`
  return {
    says: said.length === 0 ? tellLogged(symptoms) : `${said.join(', ')}${where}.`,
    workloads,
    services,
    nodes,
    namespaces,
    pods: { failing, total: incident.pods.length },
  }
}

/** Where nothing is broken by Kubernetes' eyes, programs may still log that their work fails. */
function tellLogged(symptoms: readonly Fact[]): string {
  const logging = uniqueRefs(
    symptoms.filter(({ finding }) => finding.symptom === 'errors').map(({ finding }) => finding.subject),
  )
  if (logging.length === 0) return 'Nothing is seen to be broken.'
  const who = logging.length === 1 ? '1 workload logs failures' : `${logging.length} workloads log failures`
  return `${who}; nothing else is seen to be broken.`
}
