import { crFinalizerLbOrVolumeLeak } from './cr-finalizer-lb-or-volume-leak.ts'
import { namespaceStuckTerminating } from './namespace-stuck-terminating.ts'
import { podFinalizerOrphaned } from './pod-finalizer-orphaned.ts'
import { podTerminatingNodeGone } from './pod-terminating-node-gone.ts'
import { podTerminatingRuntimeStuck } from './pod-terminating-runtime-stuck.ts'

/** Failure modes of what should go away and does not. */
export const termination = [
  podFinalizerOrphaned,
  podTerminatingNodeGone,
  podTerminatingRuntimeStuck,
  crFinalizerLbOrVolumeLeak,
  namespaceStuckTerminating,
] as const
