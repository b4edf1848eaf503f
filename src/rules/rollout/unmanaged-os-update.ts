import type { Rule } from '../rule.ts'

/** Nodes whose system updated itself. What shows it stands in the journal of the nodes alone. */
export const unmanagedOsUpdate: Rule<'unmanaged-os-update'> = {
  id: 'unmanaged-os-update',
  title: 'Nodes updated their system by themselves',
  domain: 'rollout',
  needs: ['node-logs'],
  explains: ['node-unhealthy', 'not-ready', 'errors'],
  explain: {
    mechanism:
      'The operating system of many nodes updates itself at the same hour and restarts services that the cluster stands on: the network daemon flushes routes, the kubelet or the runtime starts anew. Many nodes hiccup together with no deployment at all.',
    proof: ['The journals of several nodes show the package manager and restarted services in the same minutes.'],
    lookAlikes: [
      'node-image-regression: nodes were replaced, not updated.',
      'node-rebooted: the whole machine restarted.',
    ],
    mitigate: [
      {
        says: 'Switch the automatic update off, and replace nodes that lost their routes.',
        command: 'kubectl cordon {node}',
        changes: true,
      },
    ],
    fix: ['Replace nodes by new images; never let them change by themselves.'],
  },
  *evaluate() {
    // Journals of nodes are not in the bundle of a capture through the API server.
  },
}
