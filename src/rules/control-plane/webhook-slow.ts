import { atLeastOne, citeLine } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Sample } from '../../incident/metrics.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { count, earliest } from '../../incident/telling.ts'
import { type Webhook, webhooksOf } from '../../incident/webhook.ts'
import { type Caller, callersSaying, citeCallers, sufferersOfCallers } from '../callers.ts'
import type { Finding, Rule } from '../rule.ts'
import { backendOf } from './backend.ts'

/** A webhook that answers, and takes so long that writes run into its timeout. */
export const webhookSlow: Rule<'webhook-slow'> = {
  id: 'webhook-slow',
  title: 'A webhook takes too long to answer',
  domain: 'control-plane',
  needs: ['apiserver-metrics'],
  helps: [
    'mutatingwebhookconfigurations.admissionregistration.k8s.io',
    'validatingwebhookconfigurations.admissionregistration.k8s.io',
    'cadvisor',
  ],
  explains: ['slow', 'not-created', 'errors', 'rollout-stalled'],
  explain: {
    mechanism:
      'The API server waits for the webhooks that guard a kind before it answers. One that is short of CPU, or calls others itself, makes every write of that kind slow; when it takes longer than its timeoutSeconds, the write is refused or passes unchecked, as its failurePolicy says.',
    proof: [
      'apiserver_admission_webhook_admission_duration_seconds of one webhook is near its timeoutSeconds, and others are not.',
    ],
    lookAlikes: [
      'webhook-down-fail-closed: nobody answers at all.',
      'apiserver-or-etcd-slow: all kinds and verbs are slow.',
    ],
    mitigate: [
      {
        says: 'Run more of it, or lift its CPU limit.',
        command: 'kubectl scale deployment/NAME -n {namespace} --replicas=3',
        changes: true,
      },
    ],
    fix: ['Set timeoutSeconds to 2 or 3, guard only the kinds that need it, and answer without calling others.'],
    links: ['https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/'],
  },
  *evaluate(incident) {
    for (const webhook of webhooksOf(incident)) {
      const slow = slowest(incident, webhook)
      if (slow) yield describe(incident, webhook, slow)
    }
  },
}

interface Slow {
  readonly mean: number
  readonly sample: Sample
}

/** A mean of half the timeout leaves many above it; single slow answers do not make such a mean. */
const SHARE = 0.5

/** Fewer calls than this since the start of the API server make no mean. */
const FEW_CALLS = 20

function slowest({ apiServer: { metrics } }: Incident, { name, timeoutSeconds }: Webhook): Slow | undefined {
  const sums = metrics
    .of('apiserver_admission_webhook_admission_duration_seconds_sum')
    .filter(({ labels }) => labels.name === name)
  const counts = metrics.of('apiserver_admission_webhook_admission_duration_seconds_count')
  const means = sums.flatMap((sample) => {
    const calls = counts.find(({ labels }) => sameLabels(labels, sample.labels))?.value ?? 0
    return calls >= FEW_CALLS ? [{ mean: sample.value / calls, sample }] : []
  })
  return means.toSorted((a, b) => b.mean - a.mean).find(({ mean }) => mean >= timeoutSeconds * SHARE)
}

function sameLabels(a: Sample['labels'], b: Sample['labels']): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Counters tell what was since the start; refusals of now make it a cause. */
function describe(incident: Incident, webhook: Webhook, { mean, sample }: Slow): Finding {
  const callers = callersSaying(incident, 'webhook-timed-out').filter((one) => isAbout(one, webhook))
  const backend = backendOf(incident, webhook.target, webhook.service)
  const subject: Ref = webhook.object.ref
  return {
    kind: callers.length > 0 && backend.state === 'ready' ? 'cause' : 'amplifier',
    subject,
    strength: callers.length > 0 ? 'strong' : 'weak',
    from: earliest(callers.flatMap(({ said }) => said.map(({ first }) => first))),
    says: `The webhook ${webhook.name} took ${mean.toFixed(1)} s on average since the API server started, of the ${webhook.timeoutSeconds} s that it has; ${count(callers.length, 'object')} ran into its timeout.`,
    cites: atLeastOne([citeLine(sample.file, sample.line, sample.text), ...citeCallers(callers, 2)]),
    affects: [...sufferersOfCallers(incident, callers), ...backend.refs.filter((ref) => keyOf(ref) !== keyOf(subject))],
  }
}

function isAbout({ said }: Caller, { name }: Webhook): boolean {
  return said.some(({ values }) => values.webhook === name)
}
