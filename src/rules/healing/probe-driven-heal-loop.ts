import { atLeastOne } from '../../incident/citation.ts'
import { probeKillsOf } from '../../incident/probe-kill.ts'
import { CLUSTER, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import type { Rule } from '../rule.ts'

/** Liveness probes that restart many pods at once, and so keep an outage alive. */
export const probeDrivenHealLoop: Rule<'probe-driven-heal-loop'> = {
  id: 'probe-driven-heal-loop',
  title: 'Probes restart many pods again and again',
  domain: 'healing',
  seeds: ['KIA 4.8'],
  needs: ['pods', 'events'],
  explains: ['crashing', 'not-ready', 'no-endpoints', 'slow'],
  explain: {
    mechanism:
      'When a shared dependency or the processor is slow, liveness probes fail everywhere. Each restart begins with cold caches and new connections, which makes the dependency slower; no pod lives long enough to recover. The loop goes on for a while after what began it is over.',
    proof: [
      'Events Killing because of liveness probes about pods of several workloads within the last minutes, each restarted more than once.',
    ],
    lookAlikes: [
      'liveness-kills-healthy-app: one workload and its own probe.',
      'dependency-down: restarts stop when the dependency is back.',
    ],
    mitigate: [
      {
        says: 'Make liveness probes of the affected tier more patient, or take them away for now.',
        command: 'kubectl edit deployment/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: ['Liveness without dependencies, a startup probe for the start, and back-off in clients.'],
    links: ['https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/'],
  },
  *evaluate(incident) {
    const killed = incident.pods.filter(
      (pod) => pod.containers.some(({ restarts }) => restarts >= 2) && probeKillsOf(incident, pod).length > 0,
    )
    const workloads = uniqueRefs(killed.map(({ workload }) => workload))
    if (workloads.length < SEVERAL) return
    const said = killed.flatMap((pod) => probeKillsOf(incident, pod))
    yield {
      kind: 'amplifier',
      subject: scopeOf(workloads),
      strength: 'strong',
      from: earliest(said.map(({ first }) => first)),
      says: `Liveness probes restart ${count(killed.length, 'pod')} of ${count(workloads.length, 'workload')} again and again (${tellNames(workloads.map(({ name }) => name))}): what they share is the cause, and the restarts prolong it.`,
      cites: atLeastOne(said.slice(0, 5).map(({ citation }) => citation)),
      affects: sufferersOf(incident, killed),
    }
  },
}

/** Two workloads may have bad probes each of their own. Our judgement. */
const SEVERAL = 3

function scopeOf(workloads: readonly Ref[]): Ref {
  const [name, ...others] = [...new Set(workloads.map(({ namespace }) => namespace))]
  return name !== undefined && others.length === 0 ? { kind: 'Namespace', name } : CLUSTER
}
