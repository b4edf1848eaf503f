import { affinityOrSelectorMismatch } from './affinity-or-selector-mismatch.ts'
import { criticalWorkloadWithoutPriorityclass } from './critical-workload-without-priorityclass.ts'
import { hostPortConflict } from './host-port-conflict.ts'
import { insufficientCpuMemory } from './insufficient-cpu-memory.ts'
import { kubeletAdmissionReject } from './kubelet-admission-reject.ts'
import { nodePodDensityLimit } from './node-pod-density-limit.ts'
import { preemptedByHigherPriority } from './preempted-by-higher-priority.ts'
import { topologyOrAntiaffinityBlock } from './topology-or-antiaffinity-block.ts'
import { untoleratedTaint } from './untolerated-taint.ts'

/** Failure modes of scheduling: why pods have no node. */
export const scheduling = [
  insufficientCpuMemory,
  untoleratedTaint,
  affinityOrSelectorMismatch,
  topologyOrAntiaffinityBlock,
  nodePodDensityLimit,
  hostPortConflict,
  kubeletAdmissionReject,
  preemptedByHigherPriority,
  criticalWorkloadWithoutPriorityclass,
] as const
