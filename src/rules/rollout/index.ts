import { badRollout } from './bad-rollout.ts'
import { pdbDeadlock } from './pdb-deadlock.ts'
import { rolloutStuck } from './rollout-stuck.ts'

/** Failure modes of rollouts and upgrades. */
export const rollout = [badRollout, rolloutStuck, pdbDeadlock] as const
