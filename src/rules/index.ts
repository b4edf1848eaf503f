import { compute } from './compute/index.ts'
import { disk } from './disk/index.ts'
import { generic } from './generic/index.ts'
import { network } from './network/index.ts'
import { node } from './node/index.ts'
import { storage } from './storage/index.ts'
import { workload } from './workload/index.ts'

/** Every rule, in the order in which the layers of a cluster are restored. Adding one is a file, and a line in the index of its folder. */
export const rules = [...network, ...node, ...storage, ...disk, ...compute, ...workload, ...generic] as const

/** The names of all failure modes. */
export type RuleId = (typeof rules)[number]['id']
