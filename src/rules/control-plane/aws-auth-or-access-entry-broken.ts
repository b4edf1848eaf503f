import { atLeastOne, type Citation, citeName } from '../../incident/citation.ts'
import { conditionOf } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt } from '../../incident/kubernetes.ts'
import type { Node } from '../../incident/node.ts'
import type { KubeObject } from '../../incident/object.ts'
import { type Ref, uniqueRefs } from '../../incident/reference.ts'
import { count, earliest, tellTime } from '../../incident/telling.ts'
import { citeWriteAt } from '../../incident/write-citation.ts'
import { touches } from '../../incident/writes.ts'
import { type Caller, callersSaying, citeCallers, sufferersOfCallers } from '../callers.ts'
import { isRecent } from '../recency.ts'
import type { Finding, Rule } from '../rule.ts'

/** The mapping of AWS identities lost the role of the nodes, or cannot be read. */
export const awsAuthOrAccessEntryBroken: Rule<'aws-auth-or-access-entry-broken'> = {
  id: 'aws-auth-or-access-entry-broken',
  title: 'The cluster does not let in its own nodes or people (aws-auth, access entries)',
  domain: 'control-plane',
  seeds: ['KIA 11.4.1'],
  needs: [],
  helps: ['configmaps', 'nodes', 'logs', 'aws-eks'],
  explains: ['node-unhealthy', 'control-plane-failing', 'errors', 'unscheduled', 'not-ready'],
  explain: {
    mechanism:
      'EKS knows nodes and people by an access entry, or by a line of the ConfigMap aws-auth, for their IAM role. Where the line of the node role is lost, or the YAML cannot be read, new nodes are refused and never join, and old ones go NotReady as soon as their token has to be renewed, within a quarter of an hour.',
    proof: [
      'The authenticator logs "ARN is not mapped", kubelets log Unauthorized.',
      'mapRoles of aws-auth has no role with the group system:nodes, and was written shortly before nodes went NotReady.',
    ],
    lookAlikes: [
      'node-cannot-join: the node does not reach the API server at all.',
      'rbac-forbidden: the identity is known, and may not.',
      'A single person or role that is not mapped: that line only.',
    ],
    mitigate: [
      { says: 'See what is mapped.', command: 'kubectl get configmap aws-auth -n kube-system -o yaml', changes: false },
      {
        says: 'Let the node role in by an access entry: this needs no way into the cluster.',
        command: 'aws eks create-access-entry --cluster-name CLUSTER --principal-arn ROLE_ARN --type EC2_LINUX',
        changes: true,
      },
    ],
    fix: ['Move from aws-auth to access entries; never replace mapRoles as a whole.'],
    links: [
      'https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html',
      'https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html',
    ],
  },
  *evaluate(incident) {
    const config = incident.find('ConfigMap', 'kube-system', 'aws-auth')
    const unmapped = callersSaying(incident, 'aws-identity-not-mapped', 'aws-auth-unreadable')
    const written = config && writtenAt(incident, config)
    const lost = written !== undefined && config && lacksNodes(config) ? nodesLostAfter(incident, written) : []
    if (unmapped.length > 0 || lost.length > 0) yield describe(incident, { config, written, unmapped, lost })
  },
}

/** Without the group no kubelet may do anything (EKS user guide, auth-configmap). */
function lacksNodes({ json }: KubeObject): boolean {
  return !textAt(json, 'data', 'mapRoles').includes('system:nodes')
}

function writtenAt(incident: Incident, { writes }: KubeObject): number | undefined {
  const at = writes.findLast((write) => touches(write, 'data'))?.at
  return isRecent(incident, at) ? at : undefined
}

function nodesLostAfter({ nodes, clocks }: Incident, at: number): readonly Node[] {
  return nodes.filter(({ conditions }) => {
    const ready = conditionOf(conditions, 'Ready')
    return ready !== undefined && ready.status !== 'True' && (ready.since ?? 0) >= at - clocks.tolerance
  })
}

interface Evidence {
  readonly config: KubeObject | undefined
  readonly written: number | undefined
  readonly unmapped: readonly Caller[]
  readonly lost: readonly Node[]
}

function describe(incident: Incident, { config, written, unmapped, lost }: Evidence): Finding {
  const subject: Ref = config?.ref ?? { kind: 'ConfigMap', namespace: 'kube-system', name: 'aws-auth' }
  const what = [
    ...(unmapped.length > 0 ? [`an identity is not mapped (${unmapped[0]?.said[0].words ?? ''})`] : []),
    ...(lost.length > 0
      ? [
          `aws-auth maps no role to system:nodes since ${tellTime(written)}, and ${count(lost.length, 'node')} went NotReady after it`,
        ]
      : []),
  ]
  return {
    kind: 'cause',
    subject,
    strength:
      lost.length > 0 || unmapped.some(({ said }) => said.some(({ id }) => id === 'aws-auth-unreadable'))
        ? 'strong'
        : 'weak',
    from: earliest([written, ...unmapped.flatMap(({ said }) => said.map(({ first }) => first))]),
    says: `The cluster does not let in who should come in: ${what.join('; ')}.`,
    cites: atLeastOne([...citeCallers(unmapped, 2), ...(config ? citeConfig(config, written) : [])]),
    affects: uniqueRefs([
      ...sufferersOfCallers(incident, unmapped),
      ...lost.map(({ ref }) => ref),
      ...lost.flatMap(({ ref }) => incident.podsOn(ref.name).map((pod) => pod.ref)),
    ]),
    missing: ['aws-eks: access entries and the authentication mode of the cluster'],
  }
}

function citeConfig(config: KubeObject, at: number | undefined): readonly Citation[] {
  return [(at === undefined ? undefined : citeWriteAt(config, at)) ?? citeName(config)]
}
