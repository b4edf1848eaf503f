import type { RuleId } from '../rules/index.ts'

/**
 * How a cause must be related to its effect. touches: they are about the same object, pod or workload. node: about the same node. uses: the
 * effect's pods name the cause's object. calls: the effect's workload calls the cause's, by evidence. cluster: anywhere.
 */
export type Relation = 'touches' | 'node' | 'uses' | 'calls' | 'cluster'

/** certain: by mechanism. likely. possible. */
export type Likelihood = 'certain' | 'likely' | 'possible'

/** One failure mode may lead to another. */
export interface Edge {
  readonly to: RuleId
  readonly by: Relation
  readonly how: Likelihood
  /** How the one leads to the other, as the end of a sentence. */
  readonly says: string
}

/** What each failure mode leads to (failures.md §3); the compiler wants an entry for every rule. */
export const edges = {
  'image-not-found': [],
} satisfies Partial<Record<RuleId, readonly Edge[]>> as Readonly<Partial<Record<RuleId, readonly Edge[]>>>
