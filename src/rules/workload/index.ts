import { badEntrypointOrArch } from './bad-entrypoint-or-arch.ts'
import { crashloopAppError } from './crashloop-app-error.ts'
import { imageNotFound } from './image-not-found.ts'
import { livenessKillsHealthyApp } from './liveness-kills-healthy-app.ts'
import { missingConfigReference } from './missing-config-reference.ts'
import { readinessDependsOnDependency } from './readiness-depends-on-dependency.ts'
import { registryRateLimit } from './registry-rate-limit.ts'
import { serviceHasNoReadyEndpoints } from './service-has-no-ready-endpoints.ts'
import { startupSlowerThanLiveness } from './startup-slower-than-liveness.ts'

/** Failure modes of workloads and their configuration. */
export const workload = [
  badEntrypointOrArch,
  crashloopAppError,
  imageNotFound,
  livenessKillsHealthyApp,
  missingConfigReference,
  readinessDependsOnDependency,
  registryRateLimit,
  serviceHasNoReadyEndpoints,
  startupSlowerThanLiveness,
] as const
