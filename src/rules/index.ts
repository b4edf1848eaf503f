import { generic } from './generic/index.ts'
import { workload } from './workload/index.ts'

/** Every rule. Adding one is a file, and a line in the index of its folder. */
export const rules = [...workload, ...generic] as const

/** The names of all failure modes. */
export type RuleId = (typeof rules)[number]['id']
