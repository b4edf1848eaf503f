import { type ChangedAuthority, findChangedAuthorities } from '../../incident/authority.ts'
import { atLeastOne, cite, citeName } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { timeAt } from '../../incident/kubernetes.ts'
import { isMeshProxy } from '../../incident/mesh.ts'
import type { KubeObject } from '../../incident/object.ts'
import { isAlive, type Pod } from '../../incident/pod.ts'
import { describeRef, keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest, shorten, tellNames, tellTime } from '../../incident/telling.ts'
import { unreadySince } from '../../incident/unready-since.ts'
import { type Caller, groupCallers } from '../callers.ts'
import { isLive } from '../live.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'

/** Certificates of each other that workloads do not believe since their authority was changed, and not all of them have the new one. */
export const authorityChangeUntrusted: Rule<'authority-change-untrusted'> = {
  id: 'authority-change-untrusted',
  title: 'An authority was changed, and not everybody trusts its certificates',
  domain: 'workload',
  needs: ['logs', 'pods'],
  helps: [
    'configmaps',
    'secrets',
    'certificates.cert-manager.io',
    'issuers.cert-manager.io',
    'clusterissuers.cert-manager.io',
    'bundles.trust.cert-manager.io',
  ],
  explains: [
    'errors',
    'crashing',
    'not-ready',
    'not-starting',
    'no-endpoints',
    'job-failing',
    'slow',
    'rollout-stalled',
  ],
  explain: {
    mechanism:
      'Programs read the authorities that they trust, and the certificate that they show, when they start; files that are mounted by subPath do not even follow a change. When a CA is made anew or a bundle rewritten, who started since and who started before do not trust each other. cert-manager does not make the certificates again that the old CA has signed.',
    proof: [
      'A log says "signed by unknown authority", "unable to verify the first certificate" or "self signed certificate in certificate chain", for the first time after the authority was written.',
      'The pods that refuse, or those that they call, use it and started before; or certificates that it signs are older than it.',
    ],
    lookAlikes: [
      'cert-expired: the certificate is past its end.',
      'A certificate for another name: "certificate is valid for a, not b".',
      'clock-skew: "not yet valid".',
      'webhook-down-fail-closed: the API server does not trust a webhook, by its caBundle.',
      'mtls-cert-rotation: proxies of a mesh refuse each other.',
      'An authority that was never trusted: it was refused before the change too.',
    ],
    mitigate: [
      {
        says: 'See when the authority was written, and who started before.',
        command: 'kubectl get {kind} {name} -n {namespace} -o yaml --show-managed-fields',
        changes: false,
      },
      {
        says: 'Start what still has the old one: first who trusts, then who is trusted.',
        command: 'kubectl rollout restart deployment/<name> -n <namespace>',
        changes: true,
      },
      {
        says: 'Have certificates that the old authority has signed made again.',
        command: 'cmctl renew <certificate> -n <namespace>',
        changes: true,
      },
    ],
    fix: [
      'Rotate with an overlap: trust old and new together, then sign with the new, then drop the old; and restart or reload whoever uses it (a reloader, a checksum in the template).',
    ],
    links: ['https://cert-manager.io/docs/trust/trust-manager/', 'https://cert-manager.io/docs/configuration/ca/'],
  },
  *evaluate(incident) {
    const refusing = listRefusing(incident)
    if (refusing.length === 0) return
    const judged = refusing.map((caller) => judge(incident, caller))
    yield* judged.flatMap((one) => (one.kind === 'rejected' ? [one] : []))
    const cases = judged.flatMap((one) => (one.kind === 'case' ? [one] : []))
    for (const [, members] of Map.groupBy(cases, ({ authority }) => keyOf(authority.ref)))
      yield describe(incident, members as [Case, ...Case[]])
  },
}

/** Who refuses a certificate now, or is refused for its own; the proxies of a mesh have a rule of their own. */
function listRefusing(incident: Incident): readonly Caller[] {
  const said = incident
    .said('cert-unknown-authority', 'cert-authority-refused')
    .filter((one) => (one.source === 'log' || one.source === 'terminated') && isLive(incident, one))
  return groupCallers(
    incident,
    said.filter((one) => !isOfProxy(incident, one)),
  )
}

function isOfProxy({ podOf }: Incident, { about }: Said): boolean {
  const container = podOf(about)?.containers.find(({ name }) => name === about.container)
  return container !== undefined && isMeshProxy(container)
}

interface Case {
  readonly kind: 'case'
  readonly caller: Caller
  readonly authority: ChangedAuthority
  readonly since: number
  /** Pods of either side that started before the change, and since. */
  readonly before: readonly Pod[]
  readonly after: readonly Pod[]
}

/** A program may go on with its connections for days; what begins later than within one may have another reason. */
const LATEST = 7 * 24 * 60 * 60 * 1000
const A_DAY = 24 * 60 * 60 * 1000

function judge(incident: Incident, caller: Caller): Case | Rejection {
  const since = earliest(caller.said.map(({ first }) => first))
  const sides = sidesOf(incident, caller)
  const related = findChangedAuthorities(incident).filter(({ carriers }) =>
    sides.some((pod) => uses(incident, pod, carriers)),
  )
  const authority = related
    .filter(({ at }) => since !== undefined && isAfter(incident, since, at))
    .sort((a, b) => b.at - a.at || (keyOf(a.ref) < keyOf(b.ref) ? -1 : 1))[0]
  if (!authority || since === undefined)
    return reject(
      caller.ref,
      related.length > 0
        ? 'A certificate is not trusted, but it was so before the authority was changed, or long after.'
        : 'A certificate is not trusted, but no authority that has to do with it was changed.',
    )
  const before = sides.filter((pod) => startedBefore(incident, pod, authority.at))
  if (before.length === 0 && authority.older.length === 0)
    return reject(caller.ref, `Everybody has started since ${describeRef(authority.ref)} was changed.`)
  return { kind: 'case', caller, authority, since, before, after: sides.filter((pod) => !before.includes(pod)) }
}

/** Whether it is seen that it was well before the change, and how the two have to do with each other. */
function isSure(
  incident: Incident,
  { caller, authority: { at, carriers, older }, since, before, after }: Case,
): boolean {
  const called = [...before, ...after].filter(({ workload }) => keyOf(workload) !== keyOf(caller.ref))
  const isTied = since - at < A_DAY || older.length > 0 || called.some((pod) => uses(incident, pod, carriers))
  return isTied && caller.said.some((said) => beganAfter(incident, said, at))
}

/** A log that begins with it tells nothing of what was before; a pod that is younger, or was ready until then, does. */
function beganAfter(incident: Incident, { about, citation }: Said, at: number): boolean {
  const pod = incident.podOf(about)
  const log = incident.logsOf(about).find(({ summary }) => summary.path === citation.file)?.summary
  const unready = pod && unreadySince(pod)
  return [pod?.created, unready].some((time) => time !== undefined && time >= at) || (log?.first ?? at + 1) <= at
}

function isAfter({ clocks }: Incident, since: number, at: number): boolean {
  return since >= at - clocks.tolerance && since - at < LATEST
}

/** The pods that refuse, and those behind what they call and are refused by. */
function sidesOf(incident: Incident, { ref }: Caller): readonly Pod[] {
  const called = incident.dependencies
    .filter(({ from, classes = [] }) => keyOf(from) === keyOf(ref) && classes.includes('tls-failure'))
    .flatMap(({ to }) => incident.services.filter(({ object }) => keyOf(object.ref) === keyOf(to)))
    .flatMap(({ pods }) => pods)
  const own = incident.workloadOf(ref)?.pods ?? []
  return [...new Map([...own, ...called].filter(isAlive).map((pod) => [keyOf(pod.ref), pod])).values()]
}

function uses(incident: Incident, pod: Pod, carriers: readonly Ref[]): boolean {
  return incident.usesOf(pod).some(({ kind, name }) => {
    return carriers.some((one) => one.kind === kind && one.name === name && one.namespace === pod.ref.namespace)
  })
}

/** By the oldest container that runs: it has read what it trusts when it started. One that is started again and again reads it each time. */
function startedBefore({ clocks }: Incident, { containers }: Pod, at: number): boolean {
  const starts = containers.map(({ role, state }) =>
    role === 'main' && state.kind === 'running' ? state.since : undefined,
  )
  const start = earliest(starts)
  return start !== undefined && start < at - clocks.tolerance
}

function describe(incident: Incident, cases: readonly [Case, ...Case[]]): Finding {
  const [{ authority }] = cases
  const before = once(cases.flatMap((one) => one.before))
  const after = once(cases.flatMap((one) => one.after))
  const callers = cases.map(({ caller }) => caller)
  const said = callers.map((caller) => caller.said[0])
  return {
    kind: 'cause',
    subject: authority.ref,
    strength: cases.some((one) => isSure(incident, one)) ? 'strong' : 'weak',
    from: authority.at,
    notBefore: authority.at,
    says: `${describeRef(authority.ref)} was changed${authority.by === '' ? '' : ` by ${authority.by}`} at ${tellTime(authority.at)}, and since ${tellTime(earliest(cases.map(({ since }) => since)))} ${tellNames(callers.map(({ ref }) => ref.name))} ${callers.length === 1 ? 'meets' : 'meet'} certificates that are not trusted: "${shorten(said[0]?.words ?? '')}".${tellSides(before, after)}${tellOlder(authority.older)}`,
    cites: atLeastOne([
      ...authority.cites,
      ...said.slice(0, 2).map(({ citation }) => citation),
      ...before.slice(0, 2).map(citeName),
      ...authority.older.slice(0, 2).map((one) => cite(one, ['status', 'notBefore'])),
    ]),
    affects: uniqueRefs([
      ...callers.flatMap(({ ref }) => [ref, ...sufferersOf(incident, incident.workloadOf(ref)?.pods ?? [])]),
      ...sufferersOf(incident, before),
    ]),
  }
}

function once(pods: readonly Pod[]): readonly Pod[] {
  return [...new Map(pods.map((pod) => [keyOf(pod.ref), pod])).values()]
}

function tellSides(before: readonly Pod[], after: readonly Pod[]): string {
  const names = (pods: readonly Pod[]) => tellNames([...new Set(pods.map(({ workload }) => workload.name))])
  const old = before.length > 0 ? ` ${count(before.length, 'pod')} of ${names(before)} started before` : ''
  const young = after.length > 0 ? ` ${count(after.length, 'pod')} of ${names(after)} since` : ''
  return old === '' ? '' : `${old}${young === '' ? '' : `,${young}`}.`
}

function tellOlder(older: readonly KubeObject[]): string {
  const dates = older.map(({ json }) => timeAt(json, 'status', 'notBefore'))
  return older.length === 0
    ? ''
    : ` ${count(older.length, 'certificate')} (${tellNames(older.map(({ ref }) => ref.name))}) ${older.length === 1 ? 'is' : 'are'} older than it, since ${tellTime(earliest(dates))}.`
}
