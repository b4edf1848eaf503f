import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { valueAt } from '../../incident/kubernetes.ts'
import { earliest } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'
import { reject } from '../rule.ts'
import { listScalers, type Scaler } from './hpa-findings.ts'
import { countSwings, countTurns, ownRescalesOf, type Rescale, rescalesOf } from './rescales.ts'

/** An autoscaler that goes up and down without end. */
export const hpaThrash: Rule<'hpa-thrash'> = {
  id: 'hpa-thrash',
  title: 'An autoscaler goes up and down',
  domain: 'autoscaling',
  seeds: ['KIA 7.1.2B'],
  needs: ['horizontalpodautoscalers.autoscaling', 'events'],
  explains: ['slow', 'errors', 'not-ready'],
  explain: {
    mechanism:
      'The metric swings around its target faster than the autoscaler is made to wait. It adds pods, the load per pod falls, it takes them away, and the load rises again. Every turn ends pods that work and starts cold ones.',
    proof: [
      'The number of pods turned three times or more within a quarter of an hour, by SuccessfulRescale of the autoscaler.',
    ],
    lookAlikes: [
      'hpa-vs-gitops-replica-fight: somebody else writes the number.',
      'Waves of load that come at fixed times.',
    ],
    mitigate: [
      {
        says: 'Make it wait before it scales down.',
        command:
          'kubectl patch hpa {name} -n {namespace} --type=merge -p \'{"spec":{"behavior":{"scaleDown":{"stabilizationWindowSeconds":300}}}}\'',
        changes: true,
      },
    ],
    fix: [
      'Set requests to what a pod needs, choose a metric that follows the load, and keep the stabilization window.',
    ],
    links: ['https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#stabilization-window'],
  },
  *evaluate(incident) {
    for (const scaler of listScalers(incident)) {
      const own = ownRescalesOf(incident, scaler.object.ref).filter(({ at }) => at >= incident.start - WINDOW)
      if (countTurns(own) >= LEAST_TURNS) yield describe(scaler, own)
      else if (isTurnedByOthers(incident, scaler))
        yield reject(scaler.object.ref, 'The number of pods turned, and not by the autoscaler alone.')
    }
  },
}

/** Three turns in a quarter of an hour (judgement, failures.md §2.J); the default window of scaling down is five minutes. */
const LEAST_TURNS = 3
const WINDOW = 15 * 60 * 1000

function isTurnedByOthers(incident: Incident, { target }: Scaler): boolean {
  return countSwings(rescalesOf(incident, target).filter(({ at }) => at >= incident.start - WINDOW)) >= LEAST_TURNS
}

function describe({ object, target }: Scaler, own: readonly Rescale[]): Finding {
  const window = valueAt(object.json, 'spec', 'behavior', 'scaleDown', 'stabilizationWindowSeconds')
  return {
    kind: 'cause',
    subject: object.ref,
    strength: window === 0 ? 'strong' : 'weak',
    from: earliest(own.map(({ at }) => at)),
    says: `The autoscaler ${object.ref.name} turned the number of pods of ${target.name} ${countTurns(own)} times within 15 minutes${window === 0 ? ', and waits for nothing before it scales down' : ''}.`,
    cites: atLeastOne(own.slice(-3).map(({ citation }) => citation)),
    affects: [target],
  }
}
