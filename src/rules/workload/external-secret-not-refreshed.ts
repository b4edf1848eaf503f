import { atLeastOne, cite } from '../../incident/citation.ts'
import { type Condition, conditionOf, readConditions } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import { textAt, timeAt } from '../../incident/kubernetes.ts'
import { isSaidNow } from '../../incident/lately.ts'
import type { KubeObject } from '../../incident/object.ts'
import { isFailing, type Pod } from '../../incident/pod.ts'
import { describeRef, uniqueRefs } from '../../incident/reference.ts'
import { secretStoreOf } from '../../incident/secret-store.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten, tellTime } from '../../incident/telling.ts'
import { CREATING_REASONS, waitingContainer } from '../../incident/waiting.ts'
import { waitsForOther } from '../../incident/waits-for-other.ts'
import { groupByWorkload } from '../group.ts'
import type { Finding, Rule } from '../rule.ts'

/** A Secret that should come from a store outside, and does not. */
export const externalSecretNotRefreshed: Rule<'external-secret-not-refreshed'> = {
  id: 'external-secret-not-refreshed',
  title: 'A secret is not read from its store',
  domain: 'workload',
  seeds: ['KIA 4.7.3'],
  needs: ['pods'],
  helps: ['externalsecrets.external-secrets.io', 'secretstores.external-secrets.io', 'events', 'logs'],
  explains: ['unhealthy-condition', 'not-starting', 'errors', 'crashing', 'not-ready', 'rollout-stalled', 'warnings'],
  explain: {
    mechanism:
      'An operator, or a storage driver, copies secrets from a store such as AWS Secrets Manager or Vault. When it may not read the store, the store does not answer, or the entry was renamed, the copy stays as it was or is never made. Applications go on with the old password, or do not start, and nothing in their own definition is wrong.',
    proof: [
      'The ExternalSecret has the condition Ready False with the reason SecretSyncedError, or its store is not ready.',
      'status.refreshTime is older than the refresh interval.',
      'A pod waits with FailedMount of objects of a SecretProviderClass.',
    ],
    lookAlikes: [
      'stale-config-no-reload: the Secret is fresh, and the pods are older than it.',
      'irsa-denied, kms-key-disabled, vpc-endpoint-missing: why the store cannot be read.',
      'missing-config-reference: nobody was to make the Secret.',
    ],
    mitigate: [
      {
        says: 'Read what the store answered.',
        command: 'kubectl describe externalsecret {name} -n {namespace}',
        changes: false,
      },
      {
        says: 'Try again at once, when the store is well.',
        command: 'kubectl annotate externalsecret {name} -n {namespace} force-sync=$(date +%s) --overwrite',
        changes: true,
      },
    ],
    fix: ['Give the operator the rights that it needs, and alert on ExternalSecrets that are not ready.'],
    links: ['https://external-secrets.io/latest/api/externalsecret/', 'https://secrets-store-csi-driver.sigs.k8s.io/'],
  },
  *evaluate(incident) {
    for (const object of incident.objects('externalsecrets.external-secrets.io')) {
      const ready = conditionOf(readConditions(object.json), 'Ready')
      if (ready?.status === 'False') yield describe(incident, object, ready)
    }
    for (const { pods, said, workload } of groupByWorkload(incident, 'secret-provider-mount-failed')) {
      const waiting = pods.filter((pod) => waitingContainer(pod, CREATING_REASONS))
      const now = said.filter((one) => isSaidNow(incident, one))
      if (waiting.length === 0 || now.length === 0) continue
      yield {
        kind: 'cause',
        subject: workload,
        strength: 'proof',
        from: earliest(now.map(({ first }) => first)),
        says: `${count(waiting.length, 'pod')} of ${workload.name} wait for secrets that the driver cannot read: ${shorten(now[0]?.text ?? '', 260)}.`,
        cites: atLeastOne(now.slice(0, 3).map(({ citation }) => citation)),
        affects: sufferersOf(incident, waiting),
      }
    }
  },
}

/** The store that an ExternalSecret reads from, where it says that it is not well. */
function badStoreOf(incident: Incident, object: KubeObject): { store: KubeObject; bad: Condition } | undefined {
  const store = secretStoreOf(incident, object)
  const bad = store && conditionOf(readConditions(store.json), 'Ready')
  return store && bad?.status === 'False' && bad.message !== '' ? { store, bad } : undefined
}

function tellStore(of: ReturnType<typeof badStoreOf>): string {
  return of ? `; its ${describeRef(of.store.ref)} says why: "${shorten(of.bad.message, 260)}"` : ''
}

function describe(incident: Incident, object: KubeObject, ready: Condition): Finding {
  const store = badStoreOf(incident, object)
  const { namespace, name } = object.ref
  const secret = textAt(object.json, 'spec', 'target', 'name') || name
  const pods = incident.usersOf('Secret', namespace, secret)
  const sick = pods.filter((pod) => isSick(pod) && !waitsForOther(incident, pod, secret))
  const refreshed = timeAt(object.json, 'status', 'refreshTime')
  return {
    kind: 'cause',
    subject: object.ref,
    strength: sick.length > 0 ? 'strong' : 'weak',
    from: ready.since,
    says: `The ExternalSecret ${name} is not ready (${ready.reason}: ${shorten(ready.message)})${tellStore(store)}${refreshed === undefined ? '' : `; it was last read at ${tellTime(refreshed)}`}${sick.length > 0 ? `, and ${count(sick.length, 'pod')} that use its Secret ${secret} are not well` : ''}.`,
    cites: atLeastOne([
      ...(store ? [cite(store.store, [...store.bad.path, 'message'])] : []),
      cite(object, [...ready.path, 'status']),
      cite(object, [...ready.path, 'message']),
    ]),
    affects: uniqueRefs([object.ref, ...(store ? [store.store.ref] : []), ...sufferersOf(incident, sick)]),
  }
}

function isSick(pod: Pod): boolean {
  return isFailing(pod) || pod.containers.some(({ state }) => state.kind === 'waiting')
}
