import { clockSkew } from './clock-skew.ts'
import { containerRuntimeDown } from './container-runtime-down.ts'
import { gpuHardwareError } from './gpu-hardware-error.ts'
import { instanceRetirementOrHardware } from './instance-retirement-or-hardware.ts'
import { kernelFault } from './kernel-fault.ts'
import { nodeAgentReportedFault } from './node-agent-reported-fault.ts'
import { nodeCannotJoin } from './node-cannot-join.ts'
import { nodeNotreadyKubeletSilent } from './node-notready-kubelet-silent.ts'
import { nodeRebooted } from './node-rebooted.ts'
import { plegUnhealthy } from './pleg-unhealthy.ts'
import { spotInterruption } from './spot-interruption.ts'

/** Failure modes of nodes and their machines. */
export const node = [
  nodeNotreadyKubeletSilent,
  plegUnhealthy,
  containerRuntimeDown,
  kernelFault,
  clockSkew,
  spotInterruption,
  instanceRetirementOrHardware,
  nodeRebooted,
  nodeCannotJoin,
  gpuHardwareError,
  nodeAgentReportedFault,
] as const
