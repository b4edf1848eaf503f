import type { Coverage } from './coverage.ts'

/** Without these nobody can say that what runs is all that should. */
const WANTED = ['deployments.apps', 'statefulsets.apps', 'daemonsets.apps']

/** Kinds of evidence without which a cluster may be broken and look well. */
export const VITAL = [
  'pods',
  'nodes',
  ...WANTED,
  'replicasets.apps',
  'services',
  'endpointslices.discovery.k8s.io',
  'logs',
  'events',
]

/** A kind of evidence as people call it: `deployments`. */
export function nameOfEvidence(evidence: string): string {
  return evidence.split('.')[0] ?? evidence
}

/** The vital kinds of which nothing is in the bundle. */
export function unseenKinds({ of }: Coverage): readonly string[] {
  return VITAL.filter((kind) => of(kind).how === 'none')
}

/** The kind whose absence leaves open whether anything is well: pods, of which all have to be seen, and who wants them. */
export function blindSpot({ of }: Coverage): string | undefined {
  return of('pods').how === 'all' ? WANTED.find((kind) => of(kind).how === 'none') : 'pods'
}
