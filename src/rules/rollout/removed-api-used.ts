import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Ref } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { earliest, shorten } from '../../incident/telling.ts'
import { groupByWorkload } from '../group.ts'
import { isLive } from '../live.ts'
import type { Finding, Rule } from '../rule.ts'
import { reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'

/** Programs that ask for API versions that the server does not serve any more. */
export const removedApiUsed: Rule<'removed-api-used'> = {
  id: 'removed-api-used',
  title: 'Something uses an API version that is gone',
  domain: 'rollout',
  seeds: ['KIA 8.3'],
  needs: ['pods'],
  helps: ['logs', 'apiserver-metrics', 'aws-eks'],
  explains: ['crashing', 'not-ready', 'errors', 'unhealthy-condition', 'rollout-stalled'],
  explain: {
    mechanism:
      'An upgrade of the control plane removed a version of an API, or an operator’s definitions were uninstalled. Whoever still asks for it, a controller, a Helm release, a pipeline, is told that there is no such kind.',
    proof: [
      'no matches for kind "X" in version "Y", the server could not find the requested resource, or unable to build kubernetes objects from release manifest.',
    ],
    lookAlikes: [
      'A custom resource definition that was never installed: its group is not one of Kubernetes.',
      'rbac-forbidden: the answer is forbidden, not unknown.',
    ],
    mitigate: [
      {
        says: 'Update the program to one that knows the new version; for Helm, rewrite the release records.',
        command: 'helm mapkubeapis {name} -n {namespace}',
        changes: true,
      },
    ],
    fix: ['Look at deprecated requests (apiserver_requested_deprecated_apis) before every upgrade.'],
    links: ['https://kubernetes.io/docs/reference/using-api/deprecation-guide/'],
  },
  *evaluate(incident) {
    for (const { workload, said } of groupByWorkload(
      incident,
      'removed-api-used',
      'kind-not-served',
      'api-kind-not-served',
    )) {
      const live = said.filter((one) => isLive(incident, one))
      if (live.length === 0) yield reject(workload, 'It was told so once, and not lately.')
      else yield describe(incident, workload, live)
    }
  },
}

function describe(incident: Incident, workload: Ref, said: readonly Said[]): Finding {
  const sick = (incident.workloadOf(workload)?.pods ?? []).filter((pod) => isSuffering(incident, pod))
  // What logs that a kind is missing and works on asks for what it can do without: an optional definition.
  const isFelt = sick.length > 0 || said.some(({ source }) => source !== 'log')
  return {
    kind: isFelt ? 'cause' : 'risk',
    subject: workload,
    strength: sick.length > 0 ? 'strong' : 'weak',
    from: earliest(said.map(({ first }) => first)),
    says: `${workload.name} asks for what the API server does not serve: ${shorten(said[0]?.text ?? '', 240)}`,
    cites: atLeastOne(said.slice(0, 3).map(({ citation }) => citation)),
    affects: sick.map(({ ref }) => ref),
  }
}
