import type { Collector, Read } from '../collector.ts'
import type { Rule } from './permissions.ts'

/** What a capture may do, in the order of the power that it takes; each is granted alone, beside the others. */
export const TIERS = ['base', 'kubelet', 'port-forward', 'nodes-proxy'] as const

export type Tier = (typeof TIERS)[number]

/** Those that a capture uses without being asked to. */
export const ORDINARY_TIERS: readonly Tier[] = ['base', 'kubelet', 'port-forward']

/** Collectors with the part of their reads that these tiers grant. */
export function readsOfTiers(collectors: readonly Collector[], tiers: readonly Tier[]): Collector[] {
  return collectors.map((one) => ({ ...one, reads: one.reads.filter((read) => tiers.includes(tierOf(read))) }))
}

/** What a tier grants beside what collectors declare: the ways that only an option opens. */
export function rulesOfTiers(tiers: readonly Tier[]): Rule[] {
  return tiers.flatMap((tier) => OF_OPTIONS[tier] ?? [])
}

const OF_OPTIONS: Partial<Record<Tier, readonly Rule[]>> = {
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

/** The tier that a read belongs to. */
export function tierOf(read: Read): Tier {
  if ('connects' in read) return 'port-forward'
  return 'resources' in read && read.resources.every((name) => name.startsWith('nodes/')) ? 'kubelet' : 'base'
}
