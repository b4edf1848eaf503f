import { addonDegradedConflict } from './addon-degraded-conflict.ts'
import { addonVersionSkew } from './addon-version-skew.ts'
import { badRollout } from './bad-rollout.ts'
import { controlPlaneUpgradeBlocked } from './control-plane-upgrade-blocked.ts'
import { helmReleaseLocked } from './helm-release-locked.ts'
import { nodeImageRegression } from './node-image-regression.ts'
import { pdbDeadlock } from './pdb-deadlock.ts'
import { removedApiUsed } from './removed-api-used.ts'
import { rolloutStuck } from './rollout-stuck.ts'
import { statefulsetWaitsForOldPod } from './statefulset-waits-for-old-pod.ts'
import { unmanagedOsUpdate } from './unmanaged-os-update.ts'

/** Failure modes of rollouts and upgrades. */
export const rollout = [
  badRollout,
  statefulsetWaitsForOldPod,
  rolloutStuck,
  pdbDeadlock,
  removedApiUsed,
  addonVersionSkew,
  addonDegradedConflict,
  controlPlaneUpgradeBlocked,
  helmReleaseLocked,
  nodeImageRegression,
  unmanagedOsUpdate,
] as const
