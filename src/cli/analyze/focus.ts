import type { Ref } from '../../incident/reference.ts'
import { invalidOption } from '../parse/invalid.ts'

/** Kinds by the names that people type: lower case, plural and short (kubectl api-resources). */
const KINDS: Readonly<Record<string, string>> = {
  pod: 'Pod',
  po: 'Pod',
  node: 'Node',
  no: 'Node',
  deployment: 'Deployment',
  deploy: 'Deployment',
  statefulset: 'StatefulSet',
  sts: 'StatefulSet',
  daemonset: 'DaemonSet',
  ds: 'DaemonSet',
  job: 'Job',
  cronjob: 'CronJob',
  cj: 'CronJob',
  service: 'Service',
  svc: 'Service',
  persistentvolumeclaim: 'PersistentVolumeClaim',
  pvc: 'PersistentVolumeClaim',
  persistentvolume: 'PersistentVolume',
  pv: 'PersistentVolume',
  configmap: 'ConfigMap',
  cm: 'ConfigMap',
  horizontalpodautoscaler: 'HorizontalPodAutoscaler',
  hpa: 'HorizontalPodAutoscaler',
  namespace: 'Namespace',
  ns: 'Namespace',
}

/** `deployment/shop/web`, or `node/n1` for what has no namespace; a kind that is not known is taken as it is written. Throws OPTION_INVALID. */
export function parseObject(option: string, text: string): Ref {
  const parts = text.split('/')
  const [kind = '', ...rest] = parts
  const name = rest.at(-1) ?? ''
  if (kind === '' || name === '' || rest.length > 2) {
    throw invalidOption(
      option,
      text,
      'names no object',
      'Write it as kind/namespace/name, or kind/name for what has no namespace.',
    )
  }
  const lower = kind.toLowerCase()
  const known = KINDS[lower] ?? KINDS[lower.replace(/s$/, '')] ?? kind
  return { kind: known, ...(rest.length === 2 ? { namespace: rest[0] ?? '' } : {}), name }
}
