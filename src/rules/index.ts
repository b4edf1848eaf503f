import { autoscaling } from './autoscaling/index.ts'
import { aws } from './aws/index.ts'
import { compute } from './compute/index.ts'
import { controlPlane } from './control-plane/index.ts'
import { disk } from './disk/index.ts'
import { dns } from './dns/index.ts'
import { generic } from './generic/index.ts'
import { healing } from './healing/index.ts'
import { network } from './network/index.ts'
import { node } from './node/index.ts'
import { rollout } from './rollout/index.ts'
import { scheduling } from './scheduling/index.ts'
import { storage } from './storage/index.ts'
import { termination } from './termination/index.ts'
import { workload } from './workload/index.ts'

/** Every rule, in the order in which the layers of a cluster are restored. Adding one is a file, and a line in the index of its folder. */
export const rules = [
  ...controlPlane,
  ...dns,
  ...network,
  ...node,
  ...aws,
  ...storage,
  ...disk,
  ...compute,
  ...scheduling,
  ...autoscaling,
  ...rollout,
  ...termination,
  ...workload,
  ...healing,
  ...generic,
] as const

/** The names of all failure modes. */
export type RuleId = (typeof rules)[number]['id']
