import { badEntrypointOrArch } from './bad-entrypoint-or-arch.ts'
import { crashloopAppError } from './crashloop-app-error.ts'
import { imageNotFound } from './image-not-found.ts'
import { missingConfigReference } from './missing-config-reference.ts'
import { registryRateLimit } from './registry-rate-limit.ts'

/** Failure modes of workloads and their configuration. */
export const workload = [
  badEntrypointOrArch,
  crashloopAppError,
  imageNotFound,
  missingConfigReference,
  registryRateLimit,
] as const
