import { atLeastOne, type Citation } from '../../incident/citation.ts'
import { type ConfigWrite, findConfigWrites } from '../../incident/config-write.ts'
import type { Incident } from '../../incident/incident.ts'
import { recordAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import { describeRef, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import { count, tellNames, tellTime } from '../../incident/telling.ts'
import { citeWriteAt } from '../../incident/write-citation.ts'
import { currentErrors, erringCallers, errorOnset, harmedWith, isCalledBy } from '../erring-callers.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { hasRestarted, mayComeOf } from '../suffering.ts'

/** Feature flags that were changed, and workloads that ask for them and fail since. */
export const featureFlagChange: Rule<'feature-flag-change'> = {
  id: 'feature-flag-change',
  title: 'A feature flag was changed, and what asks for it fails since',
  domain: 'workload',
  needs: ['pods', 'configmaps', 'logs'],
  helps: ['services', 'changes'],
  explains: ['errors', 'slow', 'crashing', 'not-ready', 'no-endpoints', 'job-failing'],
  explain: {
    mechanism:
      'A provider of feature flags, such as flagd, reads its flags from a ConfigMap and tells them to whoever asks. A flag that is switched changes what running programs do, without a rollout, a restart or any other trace in their objects.',
    proof: [
      'The ConfigMap of a provider was written, and workloads that call the provider began to fail within minutes; better still, their logs name the flag.',
      'By hand: compare the flags with those of before, and switch back the one that differs.',
    ],
    lookAlikes: [
      'bad-rollout: the program itself was changed.',
      'failing-requests: an error with no change of a flag before it.',
    ],
    mitigate: [
      {
        says: 'Apply the flags of before; the provider reads them within a minute.',
        command: 'kubectl edit configmap {name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Switch flags for a share of requests first, watch the errors of who asks for them, and record who switched what.',
    ],
    links: ['https://flagd.dev/reference/flag-definitions/'],
  },
  *evaluate(incident) {
    for (const write of findConfigWrites(incident)) {
      if (!holdsFlags(write)) continue
      const askers = askersOf(incident, write)
      const failing = askers.filter((ref) => failsSoonAfter(incident, ref, write.at))
      if (failing.length > 0) yield describe(incident, write, failing)
      else
        yield reject(
          write.config.ref,
          'It holds feature flags, and nobody who asks for them began to fail after its change.',
        )
    }
  },
}

/** Providers that read flags from a file: flagd, go-feature-flag, Flipt, Unleash, GrowthBook; by the name of their image. */
const PROVIDERS = /(?:^|\/)(?:flagd|go-feature-flag|flipt|unleash[\w-]*|growthbook[\w-]*)(?:[:@]|$)/

/** The name of a file of flagd. */
const FLAG_FILE = /\.flagd\.(?:json|ya?ml)$/

function holdsFlags({ config, users }: ConfigWrite): boolean {
  return users.some(isProvider) || Object.keys(recordAt(config.json, 'data')).some((key) => FLAG_FILE.test(key))
}

function isProvider({ containers }: Pod): boolean {
  return containers.some(({ image }) => PROVIDERS.test(image))
}

/** Who calls the provider, by its settings; who mounts the flags itself; who says that a flag is on. */
function askersOf(incident: Incident, { users }: ConfigWrite): readonly Ref[] {
  const providers = uniqueRefs(users.filter(isProvider).map(({ workload }) => workload))
  const direct = users.filter((pod) => !isProvider(pod)).map(({ workload }) => workload)
  const asking = incident.workloads
    .map(({ ref }) => ref)
    .filter((ref) => providers.some((provider) => isCalledBy(incident, provider, ref)))
  return uniqueRefs([...direct, ...asking, ...sayersOfFlags(incident)])
}

function sayersOfFlags(incident: Incident): readonly Ref[] {
  return incident.said('feature-flag-on').map(({ about: { container: _, ...ref } }) => incident.topOf(ref))
}

/** A provider reads its flags within a minute or two (the kubelet's sync of ConfigMaps), and somebody asks soon after. */
const SOON = 15 * 60 * 1000
const SLACK = 60 * 1000

function failsSoonAfter(incident: Incident, workload: Ref, at: number): boolean {
  const pods = incident.workloadOf(workload)?.pods ?? []
  if (pods.some((pod) => hasRestarted(incident, pod) && mayComeOf(pod, at, undefined))) return true
  return onsetsOf(incident, workload).some((first) => first >= at - SLACK && first <= at + SOON)
}

function onsetsOf(incident: Incident, workload: Ref): readonly number[] {
  return currentErrors(incident, workload).flatMap(({ first }) => (first === undefined ? [] : [first]))
}

function describe(incident: Incident, write: ConfigWrite, failing: readonly Ref[]): Finding {
  const { config, at, by } = write
  const said = incident.said('feature-flag-on').filter(({ first }) => first === undefined || first >= at - SLACK)
  const isNamed = said.some(({ about }) => failing.some((ref) => keyOf(ref) === keyOf(incident.topOf(about))))
  const cites: readonly (Citation | undefined)[] = [citeWriteAt(config, at), said[0]?.citation]
  return {
    kind: 'cause',
    subject: config.ref,
    strength: isNamed || !hasOtherChange(incident, write, failing) ? 'strong' : 'weak',
    from: at,
    says: `${describeRef(config.ref)}, which holds feature flags, was written by ${by || 'somebody'} at ${tellTime(at)}; ${count(failing.length, 'workload')} that ${failing.length === 1 ? 'asks' : 'ask'} for them (${tellNames(failing.map(({ name }) => name))}) ${failing.length === 1 ? 'fails' : 'fail'} since${isNamed ? ', and a log names the flag' : ''}.`,
    cites: atLeastOne(cites.filter((one) => one !== undefined)),
    affects: harmedWith(incident, uniqueRefs([...failing, ...erringCallers(incident, failing)])),
  }
}

/** Something else that was changed about those who fail, shortly before they did. */
function hasOtherChange(incident: Incident, { config }: ConfigWrite, failing: readonly Ref[]): boolean {
  const first = errorOnset(incident, failing)
  const keys = new Set(failing.map(keyOf))
  return incident.changes.some(
    ({ about, top, at }) =>
      keys.has(keyOf(top)) &&
      keyOf(about) !== keyOf(config.ref) &&
      first !== undefined &&
      at <= first &&
      at >= first - SOON,
  )
}
