import { backOffsOf } from '../../incident/back-off.ts'
import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { type Json, recordAt, textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import { describeRef, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { earliest, tellSpan, tellTime } from '../../incident/telling.ts'
import { type Caller, callersSaying, citeCallers, groupCallers, sufferersOfCallers } from '../callers.ts'
import { type Action, type Advice, type Finding, type Rule, reject } from '../rule.ts'

/** A release of Helm that an operation which ended half-way has left locked. */
export const helmReleaseLocked: Rule<'helm-release-locked'> = {
  id: 'helm-release-locked',
  title: 'A release of Helm is locked by an operation that never ended',
  domain: 'rollout',
  needs: [],
  helps: ['events', 'logs', 'helmreleases.helm.toolkit.fluxcd.io'],
  explains: ['unhealthy-condition', 'rollout-stalled', 'job-failing', 'crashing', 'errors', 'warnings'],
  explain: {
    mechanism:
      'Helm notes the state of a release in a Secret, pending-install, pending-upgrade or pending-rollback while it works. When it is killed meanwhile, by a timeout of CI or a restart of the controller that runs it, the note stays, and every later operation is refused because another one is in progress. What runs goes on as it was; nothing new is rolled out.',
    proof: [
      'An upgrade is refused with "another operation (install/upgrade/rollback) is in progress", for longer than an operation takes.',
      'The newest Secret of the release has the label status=pending-upgrade and is old.',
    ],
    lookAlikes: [
      'An operation that is truly under way: the Secret is some minutes old, and Helm or its controller still works.',
      'Other failures of Helm: they say what they met, and leave the release in the state failed.',
    ],
    mitigate: [
      {
        says: 'See which operation is noted, and since when.',
        command: 'kubectl get secrets -n {namespace} -l owner=helm --show-labels',
        changes: false,
      },
      {
        says: 'Go back to the last revision that was deployed; it takes the lock away.',
        command: 'helm rollback <release> -n {namespace}',
        changes: true,
      },
      { says: 'Or delete the Secret of the pending revision, where there is none to go back to.', changes: true },
    ],
    fix: [
      'Give Helm the time that it needs (--timeout, --atomic), let CI end it with SIGTERM and wait, and give its controller a grace period and memory enough.',
    ],
    links: ['https://helm.sh/docs/helm/helm_rollback/', 'https://fluxcd.io/flux/components/helm/helmreleases/'],
  },
  *evaluate(incident) {
    const said = callersSaying(incident, 'helm-release-locked').flatMap((caller) => caller.said)
    for (const caller of groupCallers(
      incident,
      said.map((one) => aboutItsRelease(incident, one)),
    )) {
      const release = releaseOf(incident, caller)
      const note = noteOf(incident, caller, release)
      const since = note?.created ?? earliest(caller.said.map((one) => firstSaid(incident, one)))
      if (since !== undefined && incident.now - since < PATIENCE)
        yield reject(caller.ref, 'The operation that is in progress began some minutes ago, and may come to its end.')
      else yield describe(incident, caller, release, note, since)
    }
  },
}

/** Helm waits five minutes by itself (`--timeout`, 5m0s), and CI and Flux often twice as long. */
const PATIENCE = 15 * 60 * 1000

/** A release by the name and the namespace that Helm knows it by. */
interface Release {
  readonly name: string
  readonly namespace: string | undefined
}

/** The release that the words name, or that a HelmRelease is of (fluxcd/helm-controller, HelmRelease.GetReleaseName). */
function releaseOf(incident: Incident, { ref, said }: Caller): Release | undefined {
  const [name, namespace] = (said.find(({ values }) => values.release)?.values.release ?? '').split('/').reverse()
  if (name) return { name, namespace: namespace ?? ref.namespace }
  const spec = recordAt(incident.find(ref.kind, ref.namespace, ref.name)?.json, 'spec')
  if (ref.kind !== 'HelmRelease') return undefined
  return nameOf(ref, spec)
}

function nameOf(ref: Ref, spec: Json): Release {
  const target = textAt(spec, 'targetNamespace')
  const usual = target === '' ? ref.name : `${target}-${ref.name}`
  return { name: textAt(spec, 'releaseName') || usual, namespace: target || ref.namespace }
}

/** The note of a pending operation: a Secret of the release, wherever it is kept. */
function noteOf(incident: Incident, { ref, said }: Caller, release: Release | undefined): KubeObject | undefined {
  const homes = new Set([ref.namespace, release?.namespace])
  const names = new Set([release?.name, ...(said.some(({ values }) => values.release) ? [] : [ref.name])])
  return incident
    .objects('secrets')
    .filter(({ ref: { namespace }, labels }) => {
      return homes.has(namespace) && names.has(labels.name) && /^pending-/.test(labels.status ?? '')
    })
    .findLast(({ labels, json }) => labels.owner === 'helm' || textAt(json, 'type') === 'helm.sh/release.v1')
}

/** A controller that names the object in its log speaks of that, and not of itself. */
function aboutItsRelease(incident: Incident, said: Said): Said {
  if (said.source !== 'log') return said
  const { object, namespace, release } = said.values
  const named = object && namespace ? { kind: 'HelmRelease', namespace, name: object } : undefined
  const about = named ?? (release ? heldBy(incident, release) : undefined)
  return about ? { ...said, about } : said
}

/** The HelmRelease that looks after a release, where it is the only one that does. */
function heldBy(incident: Incident, release: string): Ref | undefined {
  const owners = incident.objects('helmreleases.helm.toolkit.fluxcd.io').filter(({ ref, json }) => {
    const { name, namespace } = nameOf(ref, recordAt(json, 'spec'))
    return release === `${namespace}/${name}`
  })
  return owners.length === 1 ? owners[0]?.ref : undefined
}

/** Refused again and again, or by what stands until now, for longer than an operation takes. */
function isLasting(incident: Incident, { said }: Caller): boolean {
  const { now } = incident
  if (said.some(({ about }) => loopsFor(incident, about) >= PATIENCE)) return true
  return said.some(({ source, first = now, last = now }) => (source === 'condition' ? now : last) - first >= PATIENCE)
}

/** In a crash loop it was most likely said from the first end on. */
function firstSaid(incident: Incident, { about, first }: Said): number | undefined {
  return first === undefined ? undefined : Math.min(first, incident.now - loopsFor(incident, about))
}

/** How long the container that says it has been started again and again: only its last words are left. */
function loopsFor(incident: Incident, about: Said['about']): number {
  const container = incident.podOf(about)?.containers.find(({ name }) => name === about.container)
  if (container?.state.kind !== 'waiting' || container.state.reason !== 'CrashLoopBackOff') return 0
  return backOffsOf(container.restarts)
}

/** The log of Flux names the release that it looks after: it is not the controller that is locked. Helm itself does not name it. */
function isHearsay({ ref, said }: Caller): boolean {
  return ref.kind !== 'HelmRelease' && said.every(({ source, values }) => source === 'log' && values.release)
}

function describe(
  incident: Incident,
  caller: Caller,
  release: Release | undefined,
  note: KubeObject | undefined,
  since: number | undefined,
): Finding {
  const noted = note ? `: ${note.ref.name} is ${note.labels.status} since ${tellTime(note.created)}` : ''
  const age = since === undefined ? '' : ` for ${tellSpan(incident.now - since)}`
  const whose = release ? `${release.name} (${describeRef(caller.ref)})` : `of ${describeRef(caller.ref)}`
  return {
    kind: 'cause',
    subject: caller.ref,
    strength: note || (isLasting(incident, caller) && !isHearsay(caller)) ? 'strong' : 'weak',
    from: since,
    says: `Helm refuses to change the release ${whose}${age} because another operation is in progress${noted}. It most likely ended half-way and left the release locked.`,
    cites: atLeastOne([...citeCallers([caller], 2), ...(note ? [cite(note, ['metadata', 'labels', 'status'])] : [])]),
    affects: uniqueRefs([...sufferersOfCallers(incident, [caller]), ...tellersOf(incident, caller)]),
    ...(release && isName(release.name) ? { advice: adviceFor(incident, caller.ref, release) } : {}),
  }
}

/** Whose logs tell of it. */
function tellersOf(incident: Incident, { said }: Caller): readonly Ref[] {
  return incident.logs
    .filter(({ summary }) => said.some(({ source, citation }) => source === 'log' && citation.file === summary.path))
    .flatMap(({ namespace, pod: name }) => [
      { kind: 'Pod', namespace, name },
      incident.topOf({ kind: 'Pod', namespace, name }),
    ])
}

/** Names of releases as Helm takes them (pkg/chartutil, ValidateReleaseName); anything else is put into no command. */
function isName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{0,52}$/.test(name)
}

function adviceFor(incident: Incident, ref: Ref, release: Release): Advice {
  const { mitigate, fix } = helmReleaseLocked.explain
  const [see, back, remove] = mitigate as readonly [Action, Action, Action]
  // Flux keeps the notes beside the HelmRelease and not where the release is: Helm alone would put objects there.
  const home = ref.kind === 'HelmRelease' ? storageOf(incident, ref) : release.namespace
  const isPlain = home === release.namespace && home !== undefined && isName(home)
  return {
    mitigate: [
      { ...see, command: `kubectl get secrets -A -l owner=helm,name=${release.name} --show-labels` },
      ...(isPlain ? [{ ...back, command: `helm rollback ${release.name} -n ${home}` }, remove] : [RELEASE_BY_FLUX]),
    ],
    fix,
  }
}

const RELEASE_BY_FLUX: Action = {
  says: 'Delete the Secret of the pending revision, which takes the lock away; then let Flux try again.',
  command: 'flux reconcile helmrelease {name} -n {namespace} --force',
  changes: true,
}

function storageOf(incident: Incident, ref: Ref): string | undefined {
  return textAt(incident.find(ref.kind, ref.namespace, ref.name)?.json, 'spec', 'storageNamespace') || ref.namespace
}
