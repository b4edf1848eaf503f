import { areExpired, readCertificates } from '../../incident/certificate.ts'
import { atLeastOne, cite } from '../../incident/citation.ts'
import type { Dependency } from '../../incident/dependency.ts'
import { failedCallsOf, isStillFailing } from '../../incident/failed-call.ts'
import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt, timeAt } from '../../incident/kubernetes.ts'
import { isMeshProxy } from '../../incident/mesh.ts'
import { is } from '../../incident/messages/index.ts'
import type { KubeObject } from '../../incident/object.ts'
import { keyOf, type Ref, uniqueRefs } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { sufferersOfWorkload } from '../../incident/sufferers-of-workload.ts'
import { count, earliest, tellNames, tellSpan, tellTime } from '../../incident/telling.ts'
import { webhooksOf } from '../../incident/webhook.ts'
import { breaksOut } from '../breaks-out.ts'
import { type Caller, callersSaying, citeCallers, isSerious, sufferersOfCallers } from '../callers.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'
import { isSuffering } from '../suffering.ts'

/** A certificate that is past its end. */
export const certExpired: Rule<'cert-expired'> = {
  id: 'cert-expired',
  title: 'A certificate has expired',
  domain: 'control-plane',
  needs: [],
  helps: [
    'logs',
    'events',
    'certificates.cert-manager.io',
    'validatingwebhookconfigurations.admissionregistration.k8s.io',
  ],
  explains: [
    'errors',
    'crashing',
    'not-ready',
    'not-created',
    'no-endpoints',
    'job-failing',
    'control-plane-failing',
    'unhealthy-condition',
    'node-unhealthy',
    'rollout-stalled',
    'not-starting',
  ],
  explain: {
    mechanism:
      'At the second of its end a certificate is no longer believed, by any client. Whatever it stands for fails all at once, without any change in the cluster: the renewal was forgotten, failed, or the new certificate was never loaded by a program that runs since long.',
    proof: [
      'A client says "certificate has expired", with a time after the end.',
      'The Certificate of cert-manager has a notAfter in the past, or every certificate in a caBundle has.',
    ],
    lookAlikes: [
      'clock-skew: "not yet valid", the clock of the reader is behind.',
      'mtls-cert-rotation: certificates between services of a mesh.',
      '"signed by unknown authority": the certificate is in time, and of another authority.',
    ],
    mitigate: [
      {
        says: 'See when certificates end, and what cert-manager says of them.',
        command: 'kubectl get certificates -A',
        changes: false,
      },
      {
        says: 'Have it made again, then start what has the old one in memory.',
        command: 'kubectl delete secret NAME -n {namespace}',
        changes: true,
      },
    ],
    fix: ['Renew by a controller, and alert 30 and 7 days before any end.'],
    links: [
      'https://cert-manager.io/docs/usage/certificate/',
      'https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/',
    ],
  },
  *evaluate(incident) {
    const ended = endedCertificates(incident)
    for (const one of ended) yield describeCertificate(incident, one)
    yield* findBundles(incident)
    const known = new Set(ended.flatMap((one) => servicesOf(incident, one)).map(keyOf))
    for (const calls of findRefused(incident)) if (!known.has(keyOf(calls[0].to))) yield judgeCalls(incident, calls)
    yield* findSayers(incident, new Set(ended.map(({ ref }) => keyOf(ref))))
  },
}

/** Certificates of cert-manager that are past their end. */
function endedCertificates(incident: Incident): readonly KubeObject[] {
  return incident
    .objects('certificates.cert-manager.io')
    .filter(({ json }) => (timeAt(json, 'status', 'notAfter') ?? incident.now) < incident.now)
}

function describeCertificate(incident: Incident, object: KubeObject): Finding {
  const { json, ref } = object
  const until = timeAt(json, 'status', 'notAfter')
  const secret = textAt(json, 'spec', 'secretName')
  const users = incident.usersOf('Secret', ref.namespace, secret)
  const ingresses = incident
    .objects('ingresses.networking.k8s.io')
    .filter(
      (one) =>
        one.ref.namespace === ref.namespace &&
        listAt(one.json, 'spec', 'tls').some((tls) => textAt(tls, 'secretName') === secret),
    )
  return {
    kind: 'cause',
    subject: ref,
    strength: 'proof',
    from: until,
    notBefore: until,
    says: `The certificate ${ref.name} has expired at ${tellTime(until)}, ${tellSpan(incident.now - (until ?? incident.now))} before the capture ended.`,
    cites: [cite(object, ['status', 'notAfter'])],
    affects: uniqueRefs([
      ...sufferersOf(incident, users),
      ...ingresses.map((one) => one.ref),
      ...servicesOf(incident, object),
    ]),
  }
}

/** The Services whose names a certificate is for. */
function servicesOf({ services }: Incident, { json }: KubeObject): readonly Ref[] {
  const names = listAt(json, 'spec', 'dnsNames').filter((one) => typeof one === 'string')
  return services
    .map(({ object }) => object.ref)
    .filter(({ name, namespace }) =>
      names.some((one) => one === `${name}.${namespace}.svc` || one.startsWith(`${name}.${namespace}.svc.`)),
    )
}

/** Bundles of authorities that the API server trusts for webhooks and APIs, and that have all ended. */
function* findBundles(incident: Incident): Generator<Finding> {
  const webhooks = webhooksOf(incident).map(({ object, path, caBundle }) => ({ object, path, caBundle }))
  const apis = incident
    .objects('apiservices.apiregistration.k8s.io')
    .map((object) => ({ object, path: ['spec'], caBundle: textAt(object.json, 'spec', 'caBundle') }))
  const ended = [...webhooks, ...apis].filter(({ caBundle }) => areExpired(readCertificates(caBundle), incident.now))
  for (const [, same] of Map.groupBy(ended, ({ object }) => keyOf(object.ref))) {
    const { object, path, caBundle } = same[0] as (typeof same)[number]
    const until = Math.max(...readCertificates(caBundle).map((one) => one.until))
    const refused = refusedFor(incident, object)
    yield {
      kind: refused.length > 0 ? 'cause' : 'risk',
      subject: object.ref,
      strength: 'proof',
      from: until,
      notBefore: until,
      says: `The caBundle of ${object.ref.name} has expired at ${tellTime(until)}: the API server believes no certificate of what it asks there.`,
      cites: atLeastOne([
        cite(object, [...path, 'caBundle'], caBundle.slice(0, 60)),
        ...refused.slice(0, 2).map(({ citation }) => citation),
      ]),
      affects: uniqueRefs(refused.flatMap(({ about }) => sufferersOfWorkload(incident, incident.topOf(about)))),
    }
  }
}

/** Calls of its webhooks that failed for a certificate. */
function refusedFor(incident: Incident, object: KubeObject): readonly Said[] {
  const names = new Set(listAt(object.json, 'webhooks').map((one) => textAt(one, 'name')))
  return callersSaying(incident, 'webhook-certificate-invalid')
    .flatMap(({ said }) => said)
    .filter(({ values }) => names.has(values.webhook ?? ''))
}

/** Calls that fail until now because the certificate of whom they call has ended, by callee. */
function findRefused(incident: Incident): readonly (readonly [Dependency, ...Dependency[]])[] {
  const failing = incident.dependencies.filter(
    (one) =>
      one.failing &&
      one.classes?.includes('certificate-expired') &&
      isStillFailing(incident, one) &&
      !isTooEarly(incident, one),
  )
  return [...Map.groupBy(failing, ({ to }) => keyOf(to)).values()] as [Dependency, ...Dependency[]][]
}

function judgeCalls(incident: Incident, calls: readonly [Dependency, ...Dependency[]]): Finding | Rejection {
  const suffers = calls.some(({ from }) =>
    (incident.workloadOf(from)?.pods ?? []).some((pod) => isSuffering(incident, pod)),
  )
  const lines = calls.flatMap((call) => failedCallsOf(incident, call))
  if (suffers || breaksOut(incident, lines)) return describeCalls(incident, calls)
  return reject(calls[0].to, 'Its certificate was refused now and then, and the callers do their work all the same.')
}

/** The clock of the caller is behind: its certificate is not valid yet. */
function isTooEarly(incident: Incident, call: Dependency): boolean {
  return failedCallsOf(incident, call).some(({ template }) => is(template.example.text, 'cert-not-yet-valid'))
}

function describeCalls(incident: Incident, calls: readonly [Dependency, ...Dependency[]]): Finding {
  const [{ to }] = calls
  const callers = uniqueRefs(calls.map(({ from }) => from))
  return {
    kind: 'cause',
    subject: to,
    strength: 'proof',
    from: earliest(calls.map(({ first }) => first)),
    says: `The certificate of ${to.name} has expired, say ${count(callers.length, 'workload')}: ${tellNames(callers.map(({ name }) => name))}.`,
    cites: atLeastOne(calls.flatMap(({ cites }) => cites.slice(0, 2)).slice(0, 4)),
    affects: uniqueRefs(callers.flatMap((ref) => sufferersOfWorkload(incident, ref))),
  }
}

/** Programs and nodes that complain without saying of whom; a certificate that says it of itself is told already. */
function* findSayers(incident: Incident, told: ReadonlySet<string>) {
  const named = new Set(findRefused(incident).flatMap((calls) => calls.map(({ from }) => keyOf(from))))
  const issuer = incident.said('mesh-issuer-invalid')[0]
  const callers = callersSaying(incident, 'cert-expired')
  const proxies = issuer ? callers.filter((one) => one.said.every(({ about }) => isOfProxy(incident, about))) : []
  for (const caller of callers.filter((one) => !proxies.includes(one))) {
    const said = caller.said.filter((one) => !isElsewhere(incident, one))
    if (said.length === 0 || named.has(keyOf(caller.ref)) || told.has(keyOf(caller.ref))) continue
    if (!isSerious(incident, caller))
      yield reject(caller.ref, 'It met an expired certificate now and then, and does its work all the same.')
    else if (issuer && keyOf(incident.topOf(issuer.about)) === keyOf(caller.ref))
      yield describeIssuer(incident, caller, issuer, proxies)
    else
      yield {
        kind: 'cause',
        subject: caller.ref,
        strength: 'strong',
        from: earliest(said.map(({ first }) => first)),
        says: `${caller.ref.name} meets a certificate that has expired${untilOf(said)}; whose it is, its words do not say.`,
        cites: atLeastOne(citeCallers([caller])),
        affects: sufferersOfCallers(incident, [caller]),
      } satisfies Finding
  }
}

function isOfProxy({ podOf }: Incident, about: Ref): boolean {
  return podOf(about)?.containers.some((one) => one.name === about.container && isMeshProxy(one)) === true
}

/** Who signs for a mesh says that its own certificate has ended: proxies that meet an expired one do so for that. */
function describeIssuer(incident: Incident, caller: Caller, issuer: Said, proxies: readonly Caller[]): Finding {
  const names = proxies.map(({ ref }) => ref.name)
  return {
    kind: 'cause',
    subject: caller.ref,
    strength: 'strong',
    from: earliest([issuer, ...caller.said].map(({ first }) => first)),
    says: `The certificate with which ${caller.ref.name} signs those of all proxies has expired${untilOf(caller.said)}${names.length > 0 ? `: proxies of ${tellNames(names)} get none` : ''}.`,
    cites: atLeastOne([issuer.citation, ...citeCallers([caller, ...proxies])].slice(0, 5)),
    affects: sufferersOfCallers(incident, [caller, ...proxies]),
  }
}

/** Webhooks have a rule of their own, and a certificate that is not valid yet is a matter of clocks. */
function isElsewhere(incident: Incident, { about, text }: Said): boolean {
  const ids = incident
    .saidAbout(about)
    .filter((one) => one.text === text)
    .map(({ id }) => id)
  return ids.some(
    (id) =>
      id === 'webhook-certificate-invalid' || id === 'cert-not-yet-valid' || id === 'registry-certificate-invalid',
  )
}

function untilOf(said: readonly Said[]): string {
  const until = said.map(({ values }) => values.until).find((one) => one !== undefined)
  return until === undefined ? '' : ` (${until})`
}
