import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { doesNotAnswer } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { RecentChange } from '../../incident/recent-change.ts'
import { keyOf, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOfWorkload } from '../../incident/sufferers-of-workload.ts'
import type { Rule } from '../rule.ts'
import { networkAgents } from './agents.ts'

/** Settings of aws-node that say whose address the world outside sees. */
const SETTINGS = new Set([
  'AWS_VPC_K8S_CNI_EXTERNALSNAT',
  'AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS',
  'AWS_VPC_K8S_CNI_RANDOMIZESNAT',
])

/** Calls of this many workloads to the world outside fail, where one alone would be its own fault. */
const FEWEST_WORKLOADS = 2

/** Pods leave the VPC under the wrong address since the network plugin was set differently. */
export const snatMisconfig: Rule<'snat-misconfig'> = {
  id: 'snat-misconfig',
  title: 'Pods leave the VPC under the wrong address',
  domain: 'network',
  seeds: ['KIA 3.2.3', 'KIA B.6'],
  needs: ['pods', 'daemonsets.apps'],
  helps: ['logs', 'aws-ec2'],
  explains: ['errors', 'slow', 'not-ready', 'crashing'],
  explain: {
    mechanism:
      "By default the network plugin of EKS gives what pods send out of the VPC the address of their node. With AWS_VPC_K8S_CNI_EXTERNALSNAT=true it leaves that to a NAT gateway: nodes in public subnets without one then cut their pods off the internet. With false, networks that are peered see the node's address and their allow-lists refuse it.",
    proof: [
      'The setting was changed shortly before calls of several workloads to the outside began to fail, and nodes themselves still reach it.',
    ],
    lookAlikes: [
      'security-group-or-nacl-block: nodes do not reach it either.',
      'networkpolicy-blocks-traffic: only pods that a policy selects are cut off.',
    ],
    mitigate: [
      {
        says: 'Set it back; aws-node is restarted on every node.',
        command: 'kubectl -n kube-system set env daemonset/aws-node AWS_VPC_K8S_CNI_EXTERNALSNAT=false',
        changes: true,
      },
    ],
    fix: ['Decide it by the subnets of the nodes: true only where a NAT gateway is on the way.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/external-snat.html'],
  },
  *evaluate(incident) {
    const agent = networkAgents(incident).find(({ ref }) => ref.name === 'aws-node')?.object
    const change = agent && incident.changes.filter((one) => isOfAgent(agent, one)).at(-1)
    const settings = agent ? settingsOf(agent) : []
    if (!agent || !change || settings.length === 0) return
    const failing = failingSince(incident, change)
    const callers = uniqueRefs(failing.map(({ from }) => from))
    if (callers.length < FEWEST_WORKLOADS) return
    yield {
      kind: 'cause',
      subject: agent.ref,
      strength: 'weak',
      from: change.at,
      says: `aws-node, which sets the address that pods leave the VPC with, was changed; then calls of ${callers.length} workloads to the outside began to fail.`,
      cites: atLeastOne([...change.cites, ...settings, ...failing.slice(0, 2).map(({ cites }) => cites[0])]),
      affects: uniqueRefs(callers.flatMap((caller) => sufferersOfWorkload(incident, caller))),
      missing: ['the routes and kinds of the subnets of the nodes (aws-ec2)'],
    }
  },
}

/** A restart, or a new version with the old settings, changes no address. */
function isOfAgent({ ref }: KubeObject, { about, fields, what }: RecentChange): boolean {
  return keyOf(about) === keyOf(ref) && what !== 'restart' && fields.some((field) => /\.env\b/.test(field))
}

function failingSince({ dependencies, clocks }: Incident, { at }: RecentChange) {
  return dependencies.filter(
    (one) =>
      doesNotAnswer(one) &&
      !(one.classes ?? []).includes('dns-failure') &&
      one.to.kind === 'Host' &&
      one.first !== undefined &&
      one.first >= at - clocks.tolerance,
  )
}

function settingsOf(agent: KubeObject): readonly Citation[] {
  return listAt(agent.json, 'spec', 'template', 'spec', 'containers').flatMap((container, index) =>
    listAt(container, 'env').flatMap((variable, place) => {
      const name = textAt(variable, 'name')
      const path = ['spec', 'template', 'spec', 'containers', index, 'env', place, 'name']
      return SETTINGS.has(name) ? [cite(agent, path, name)] : []
    }),
  )
}
