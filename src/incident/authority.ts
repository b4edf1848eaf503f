import { type Citation, cite, citeName } from './citation.ts'
import type { Incident } from './incident.ts'
import { isTrueAt, listAt, textAt, timeAt } from './kubernetes.ts'
import type { KubeObject } from './object.ts'
import { onceFor } from './once-for.ts'
import { keyOf, type Ref } from './reference.ts'
import { citeWrite } from './write-citation.ts'
import { touches } from './writes.ts'

/** Something that says whose certificates are to be believed, or signs them, and was changed after it had been made. */
export interface ChangedAuthority {
  /** The Certificate, the Bundle, or the ConfigMap or Secret itself. */
  readonly ref: Ref
  readonly at: number
  readonly by: string
  readonly cites: readonly [Citation, ...Citation[]]
  /** The Secrets and ConfigMaps through which it comes to pods: its own, and those of what it signs. */
  readonly carriers: readonly Ref[]
  /** Certificates that it signs, and that were last made before it was changed. */
  readonly older: readonly KubeObject[]
}

/** A change within this time of the creation is the creation. */
const CREATION = 60 * 1000

/** Lists the authorities that were changed, as far back as their objects tell. */
export const findChangedAuthorities = onceFor((incident: Incident): readonly ChangedAuthority[] => {
  const certificates = incident.objects(CERTIFICATES).flatMap((one) => reissued(incident, one))
  const known = new Set(certificates.flatMap(({ carriers }) => carriers.map(keyOf)))
  const written = [...incident.objects('configmaps'), ...incident.objects('secrets')]
    .filter(({ ref }) => !known.has(keyOf(ref)))
    .flatMap((object) => rewritten(incident, object))
  return [...certificates, ...written]
})

const CERTIFICATES = 'certificates.cert-manager.io'

/** A Certificate that is an authority and was made again (cert-manager, status.notBefore of the newest one). */
function reissued(incident: Incident, object: KubeObject): ChangedAuthority[] {
  const at = timeAt(object.json, 'status', 'notBefore')
  if (!isTrueAt(object.json, 'spec', 'isCA') || at === undefined) return []
  const secret = secretOf(object)
  const made = incident.find('Secret', object.ref.namespace, secret.name)?.created ?? object.created ?? at
  // An authority is dated back by some issuers, never forward.
  if (at - made < CREATION) return []
  const signed = signedBy(incident, secret)
  const older = signed.filter(({ json }) => (timeAt(json, 'status', 'notBefore') ?? at) < at)
  const carriers = [secret, ...signed.map(secretOf)]
  const bundles = incident.objects('bundles.trust.cert-manager.io').filter(({ json }) => takesFrom(json, secret.name))
  return [
    {
      ref: object.ref,
      at,
      by: 'cert-manager',
      cites: [cite(object, ['status', 'notBefore'])],
      carriers: [...carriers, ...bundles.flatMap((bundle) => targetsOf(incident, bundle.ref.name))],
      older,
    },
  ]
}

function secretOf({ ref, json }: KubeObject): Ref {
  return { kind: 'Secret', namespace: ref.namespace ?? '', name: textAt(json, 'spec', 'secretName') }
}

/** Certificates whose issuer signs with a Secret (cert-manager, spec.ca.secretName). The Secret of a ClusterIssuer is in the namespace of cert-manager, whatever that is called. */
function signedBy(incident: Incident, secret: Ref): readonly KubeObject[] {
  const issuers = [
    ...incident.objects('issuers.cert-manager.io'),
    ...incident.objects('clusterissuers.cert-manager.io'),
  ]
    .filter(({ json }) => textAt(json, 'spec', 'ca', 'secretName') === secret.name)
    .filter(({ ref }) => ref.namespace === undefined || ref.namespace === secret.namespace)
    .map(({ ref }) => keyOf(ref))
  return incident.objects(CERTIFICATES).filter(({ ref, json }) => {
    const kind = textAt(json, 'spec', 'issuerRef', 'kind') || 'Issuer'
    const name = textAt(json, 'spec', 'issuerRef', 'name')
    const home = kind === 'Issuer' ? { namespace: ref.namespace ?? '' } : {}
    return issuers.includes(keyOf({ kind, ...home, name }))
  })
}

function takesFrom(bundle: unknown, secret: string): boolean {
  return listAt(bundle, 'spec', 'sources').some((source) => textAt(source, 'secret', 'name') === secret)
}

/** trust-manager writes a Bundle into objects of its name, in every namespace that it selects. */
function targetsOf(incident: Incident, bundle: string): readonly Ref[] {
  return [...incident.objects('configmaps'), ...incident.objects('secrets')]
    .filter(({ ref }) => ref.name === bundle)
    .map(({ ref }) => ref)
}

/** What objects and keys with authorities are called: `ca.crt`, `root-cert.pem`, `trust-bundle.pem`, `ca-certificates.crt`, `truststore.jks`. */
const NAMES =
  /(?:^|[-._])(?:cas?|cacerts?|root(?:-?(?:ca|cert))?|trust(?:-?(?:bundle|store|anchors?|ed))?|ca-?(?:bundle|cert(?:ificate)?s?))(?:$|[-._])/

/** A ConfigMap or Secret with an authority whose values were written. A Secret of a Certificate is written at every renewal, its authority the same. */
function rewritten(incident: Incident, object: KubeObject): ChangedAuthority[] {
  if ('cert-manager.io/certificate-name' in object.annotations) return []
  const write = object.writes.findLast((one) => VALUES.some((path) => touches(one, path)))
  if (write?.at === undefined) return []
  const isCreation = write.at - (object.created ?? 0) < CREATION && !isReplacement(incident, object)
  const keys = write.fields.flatMap((field) => /^(?:data|binaryData)\.(.+)$/.exec(field)?.[1] ?? [])
  if (isCreation || !(NAMES.test(object.ref.name) || keys.some((key) => NAMES.test(key)))) return []
  const bundle = object.owners.find(({ kind }) => kind === 'Bundle')
  return [
    {
      ref: bundle ? { kind: 'Bundle', name: bundle.name } : object.ref,
      at: write.at,
      by: write.manager,
      cites: [citeWrite(object, write), citeName(object)],
      carriers: [object.ref],
      older: [],
    },
  ]
}

const VALUES = ['data', 'binaryData']

/** One that is younger than a pod which uses it was deleted and made anew. */
function isReplacement(incident: Incident, { ref, created = 0 }: KubeObject): boolean {
  const users = incident.usersOf(ref.kind as 'ConfigMap' | 'Secret', ref.namespace, ref.name)
  return users.some((pod) => (pod.created ?? created) < created - CREATION)
}
