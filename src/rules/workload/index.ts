import { authorityChangeUntrusted } from './authority-change-untrusted.ts'
import { badEntrypointOrArch } from './bad-entrypoint-or-arch.ts'
import { configChangeBrokeApp } from './config-change-broke-app.ts'
import { crashloopAppError } from './crashloop-app-error.ts'
import { cronjobPileup } from './cronjob-pileup.ts'
import { datastoreRefusal } from './datastore-refusal.ts'
import { dependencyDown } from './dependency-down.ts'
import { externalSecretNotRefreshed } from './external-secret-not-refreshed.ts'
import { failingRequests } from './failing-requests.ts'
import { featureFlagChange } from './feature-flag-change.ts'
import { fsPermissionOrReadonly } from './fs-permission-or-readonly.ts'
import { grpcPingsRefused } from './grpc-pings-refused.ts'
import { imageNotFound } from './image-not-found.ts'
import { initContainerStuck } from './init-container-stuck.ts'
import { injectedFault } from './injected-fault.ts'
import { livenessKillsHealthyApp } from './liveness-kills-healthy-app.ts'
import { missingConfigReference } from './missing-config-reference.ts'
import { mtlsCertRotation } from './mtls-cert-rotation.ts'
import { nonGracefulTermination5xx } from './non-graceful-termination-5xx.ts'
import { operatorReportedFailure } from './operator-reported-failure.ts'
import { podsecurityOrPolicyRejected } from './podsecurity-or-policy-rejected.ts'
import { quotaOrLimitrangeExceeded } from './quota-or-limitrange-exceeded.ts'
import { readinessDependsOnDependency } from './readiness-depends-on-dependency.ts'
import { readinessProbeFailing } from './readiness-probe-failing.ts'
import { registryRateLimit } from './registry-rate-limit.ts'
import { scaledToZero } from './scaled-to-zero.ts'
import { serviceHasNoReadyEndpoints } from './service-has-no-ready-endpoints.ts'
import { serviceSelectorOrPortMismatch } from './service-selector-or-port-mismatch.ts'
import { sidecarProxyStarved } from './sidecar-proxy-starved.ts'
import { staleConfigNoReload } from './stale-config-no-reload.ts'
import { startupSlowerThanLiveness } from './startup-slower-than-liveness.ts'

/** Failure modes of workloads and their configuration. */
export const workload = [
  badEntrypointOrArch,
  configChangeBrokeApp,
  crashloopAppError,
  cronjobPileup,
  datastoreRefusal,
  dependencyDown,
  externalSecretNotRefreshed,
  failingRequests,
  featureFlagChange,
  fsPermissionOrReadonly,
  grpcPingsRefused,
  imageNotFound,
  initContainerStuck,
  injectedFault,
  livenessKillsHealthyApp,
  missingConfigReference,
  mtlsCertRotation,
  authorityChangeUntrusted,
  nonGracefulTermination5xx,
  operatorReportedFailure,
  podsecurityOrPolicyRejected,
  quotaOrLimitrangeExceeded,
  readinessDependsOnDependency,
  readinessProbeFailing,
  registryRateLimit,
  scaledToZero,
  serviceHasNoReadyEndpoints,
  serviceSelectorOrPortMismatch,
  sidecarProxyStarved,
  staleConfigNoReload,
  startupSlowerThanLiveness,
] as const
