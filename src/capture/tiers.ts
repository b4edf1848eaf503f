import type { Collector, Read } from '../collector.ts'
import type { AccessQuestion } from '../sources/kube/reviews.ts'
import type { ResourceRule, Rule } from './permissions.ts'

/** What a capture may do, in the order of the power that it takes; each is granted alone, beside the others. */
export const TIERS = ['base', 'kubelet', 'port-forward', 'node-diagnostic', 'exec', 'nodes-proxy', 'probe'] as const

export type Tier = (typeof TIERS)[number]

/** Those that a capture uses without being asked to. */
export const ORDINARY_TIERS: readonly Tier[] = ['base', 'kubelet', 'port-forward']

/** Those that only an option opens. */
export type OptionTier = Exclude<Tier, 'base' | 'kubelet' | 'port-forward'>

/** Collectors with the part of their reads that these tiers grant. */
export function readsOfTiers(collectors: readonly Collector[], tiers: readonly Tier[]): Collector[] {
  return collectors.map((one) => ({ ...one, reads: one.reads.filter((read) => tiers.includes(tierOf(read))) }))
}

/** What a tier grants beside what collectors declare: the ways that only an option opens. */
export function rulesOfTiers(tiers: readonly Tier[]): Rule[] {
  return tiers.flatMap((tier) => OF_OPTIONS[tier] ?? [])
}

const OF_OPTIONS: Partial<Record<Tier, readonly ResourceRule[]>> = {
  'node-diagnostic': [
    {
      comment:
        'For --node-diagnostic; the kubelet tier fetches what the agents leave. It is no right to read: whoever has it may have the agent of any node send its logs, and what passes its interfaces, wherever they like.',
      apiGroups: ['eks.amazonaws.com'],
      resources: ['nodediagnostics'],
      verbs: ['get', 'list', 'create', 'delete'],
    },
  ],
  'nodes-proxy': [
    {
      comment:
        'For --allow-nodes-proxy. It is no right to read: whoever has it may run commands in every container of every node.',
      apiGroups: [''],
      resources: ['nodes/proxy'],
      verbs: ['get'],
    },
  ],
}

/** What an option takes in one namespace. */
export interface OptionRole {
  readonly namespace: string
  readonly comment: string
  readonly rules: readonly ResourceRule[]
}

/** What a tier grants in single namespaces: the ways into nodes. */
export function rolesOfTiers(tiers: readonly Tier[]): OptionRole[] {
  return tiers.flatMap((tier) => INSIDE[tier] ?? [])
}

/** The rights that such a tier grants, as they are asked for; a probe's are in a namespace that may be chosen. */
export function rightsOfOption(tier: OptionTier, probeNamespace: string): AccessQuestion[] {
  const { namespace, rules: own = [] } = INSIDE[tier] ?? {}
  const place = tier === 'probe' ? probeNamespace : namespace
  return [
    ...(OF_OPTIONS[tier] ?? []).flatMap((rule) => questionsOf(rule, undefined)),
    ...own.flatMap((rule) => questionsOf(rule, place)),
  ]
}

function questionsOf({ apiGroups: [group], resources, verbs }: ResourceRule, namespace: string | undefined) {
  return resources.flatMap((name) => {
    const [resource = '', subresource] = name.split('/')
    const what = { group, resource, ...(subresource === undefined ? {} : { subresource }) }
    return verbs.map((verb) => ({ verb, ...what, ...(namespace === undefined ? {} : { namespace }) }))
  })
}

/** A WebSocket is a get; since 1.35 the API server asks for create too (KEP-4006). */
const EXEC: ResourceRule = { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] }
const LIST_PODS: ResourceRule = { apiGroups: [''], resources: ['pods'], verbs: ['list'] }

const INSIDE: Partial<Record<Tier, OptionRole>> = {
  exec: {
    namespace: 'kube-system',
    comment:
      'For --allow-exec: single programs in pods of aws-node and kube-proxy. It is no right to read: whoever has it may run commands in every container of kube-system.',
    rules: [LIST_PODS, EXEC],
  },
  probe: {
    namespace: 'kube-system',
    comment:
      'For --probe-pods, in the namespace of --probe-namespace. It is no right to read: whoever may create pods where privileged ones are allowed has every node.',
    rules: [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['list', 'create', 'delete'] }, LIST_PODS, EXEC],
  },
}

/** The tier that a read belongs to. */
export function tierOf(read: Read): Tier {
  if ('connects' in read) return 'port-forward'
  return 'resources' in read && read.resources.every((name) => name.startsWith('nodes/')) ? 'kubelet' : 'base'
}
