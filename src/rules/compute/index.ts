import { containerOomkilled } from './container-oomkilled.ts'
import { cpuLimitThrottling } from './cpu-limit-throttling.ts'
import { fdOrInotifyExhaustion } from './fd-or-inotify-exhaustion.ts'
import { memoryLeak } from './memory-leak.ts'
import { nodeCpuSaturation } from './node-cpu-saturation.ts'
import { nodeMemoryPressureEviction } from './node-memory-pressure-eviction.ts'
import { nodeSystemOom } from './node-system-oom.ts'
import { pidExhaustion } from './pid-exhaustion.ts'

/** Failure modes of processors, memory and processes. */
export const compute = [
  containerOomkilled,
  memoryLeak,
  nodeSystemOom,
  nodeMemoryPressureEviction,
  cpuLimitThrottling,
  nodeCpuSaturation,
  pidExhaustion,
  fdOrInotifyExhaustion,
] as const
