import { callersSaying } from '../callers.ts'
import { type Rule, reject } from '../rule.ts'

/** A cluster that is well, seen through a slow way to it. */
export const falsePositiveKubectlSlow: Rule<'false-positive-kubectl-slow'> = {
  id: 'false-positive-kubectl-slow',
  title: 'Only the way to the cluster is slow, not the cluster',
  domain: 'control-plane',
  seeds: ['KIA 1.13'],
  needs: [],
  helps: ['apiserver-metrics'],
  explains: [],
  explain: {
    mechanism:
      'A VPN, a resolver, a far region or the limit that a client puts on itself makes every command slow for one person, while the API server answers within milliseconds.',
    proof: [
      'kubectl is slow from one place and fast from another.',
      'A log says "client-side throttling, not priority and fairness".',
    ],
    lookAlikes: ['apiserver-or-etcd-slow: it is slow from everywhere.'],
    mitigate: [{ says: 'Ask from a second place.', command: "time kubectl get --raw '/readyz'", changes: false }],
    fix: ['Raise the limits of the client (QPS and burst), or ask for less.'],
    links: ['https://kubernetes.io/docs/concepts/cluster-administration/flow-control/'],
  },
  // Whether the way was slow is no fact of the cluster: it is never a finding, only an answer to "why not the API server".
  *evaluate(incident) {
    for (const { ref } of callersSaying(incident, 'client-side-throttling'))
      yield reject(ref, 'It held back its own requests (client-side throttling); the API server refused none of them.')
  },
}
