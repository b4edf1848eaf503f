import { expect, it } from 'vitest'
import { addonDegradedConflict } from '../../../src/rules/rollout/addon-degraded-conflict.ts'
import { controlPlaneUpgradeBlocked } from '../../../src/rules/rollout/control-plane-upgrade-blocked.ts'
import { unmanagedOsUpdate } from '../../../src/rules/rollout/unmanaged-os-update.ts'
import { node } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

it.each([addonDegradedConflict, controlPlaneUpgradeBlocked, unmanagedOsUpdate])(
  '$id says that it was not evaluated without what only the cloud or the node knows',
  async (rule) => {
    expect((await evaluate(rule, { objects: [node('node-1')] })).status).toBe('not-evaluated')
  },
)
