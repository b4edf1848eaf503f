import { ecrPullDeniedOrUnreachable } from './ecr-pull-denied-or-unreachable.ts'

/** What the cloud, or a registry, refuses. */
export const aws = [ecrPullDeniedOrUnreachable] as const
