import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Node } from '../../incident/node.ts'
import type { Pod } from '../../incident/pod.ts'
import { count, tellNames } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'
import { isSuffering } from '../suffering.ts'

/** Kubelets that are too far behind the API server, or ahead of it. */
export const addonVersionSkew: Rule<'addon-version-skew'> = {
  id: 'addon-version-skew',
  title: 'Versions of nodes and control plane do not fit',
  domain: 'rollout',
  seeds: ['KIA 2.8'],
  needs: ['nodes'],
  helps: ['aws-eks'],
  explains: ['node-unhealthy', 'crashing', 'not-starting'],
  explain: {
    mechanism:
      'Kubernetes supports a kubelet that is at most three minor versions older than the API server (two before 1.28), and never newer. Beyond that, fields are unknown, defaults differ, and kube-proxy, network and storage add-ons of the wrong version fail in odd ways.',
    proof: ['status.nodeInfo.kubeletVersion against the version of the API server.'],
    lookAlikes: [
      'node-image-regression: versions fit, the image is bad.',
      'Versions within the policy in the middle of an upgrade.',
    ],
    mitigate: [{ says: 'Bring the nodes to the version of the control plane, group by group.', changes: true }],
    fix: ['Upgrade add-ons and nodes with every upgrade of the control plane.'],
    links: ['https://kubernetes.io/releases/version-skew-policy/'],
  },
  *evaluate(incident) {
    const server = minorOf(incident.manifest.cluster.version ?? '')
    if (server === undefined) return
    const wrong = incident.nodes.filter((node) => isOutside(minorOf(node.versions.kubelet ?? ''), server))
    if (wrong.length > 0) yield describe(incident, wrong, server)
  },
}

/** The oldest kubelet that an API server supports (version skew policy; three since 1.28). */
function isOutside(kubelet: number | undefined, server: number): boolean {
  if (kubelet === undefined) return false
  return kubelet > server || server - kubelet > (server >= 28 ? 3 : 2)
}

function minorOf(version: string): number | undefined {
  const found = /^v?1\.(\d+)/.exec(version)
  return found ? Number(found[1]) : undefined
}

/** What runs on every node fails by its version; what fails of an application does so for reasons of its own. */
function isAgent({ ownerRef }: Pod): boolean {
  return ownerRef?.kind === 'DaemonSet' || ownerRef?.kind === 'Node'
}

function describe(incident: Incident, wrong: readonly Node[], server: number): Finding {
  const sick = wrong
    .flatMap((node) => incident.podsOn(node.ref.name))
    .filter((pod) => isAgent(pod) && isSuffering(incident, pod))
  const [first] = wrong as readonly [Node, ...Node[]]
  return {
    kind: sick.length > 0 || wrong.some(({ ready }) => !ready) ? 'cause' : 'risk',
    subject: first.ref,
    strength: 'weak',
    from: first.created,
    says: `${count(wrong.length, 'node')} (${tellNames(wrong.map(({ ref }) => ref.name))}) run kubelet ${first.versions.kubelet} with an API server 1.${server}: outside what Kubernetes supports.`,
    cites: atLeastOne(wrong.slice(0, 3).map((node) => cite(node, ['status', 'nodeInfo', 'kubeletVersion']))),
    affects: [...wrong.map(({ ref }) => ref), ...sick.map(({ ref }) => ref)],
  }
}
