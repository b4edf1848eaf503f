import { at, flag, isSet, isTerminating, type KubeObject, number, size, text } from './access.ts'
import { age } from './age.ts'
import { AGE, column, NAME } from './column.ts'
import { tables } from './table.ts'

/** What decides where and how a pod may run: classes, leases, and devices that are claimed. */
export const scheduling = tables({
  'priorityclasses.scheduling.k8s.io': [
    NAME,
    column('Value', 'integer', (object) => number(object, 'value')),
    column('Global-Default', 'boolean', (object) => flag(object, 'globalDefault')),
    AGE,
    column('PreemptionPolicy', 'string', (object) => text(object, 'preemptionPolicy')),
  ],
  'runtimeclasses.node.k8s.io': [NAME, column('Handler', 'string', (object) => text(object, 'handler')), AGE],
  'leases.coordination.k8s.io': [
    NAME,
    column('Holder', 'string', (lease) => text(lease, 'spec', 'holderIdentity')),
    AGE,
  ],
  'leasecandidates.coordination.k8s.io': [
    NAME,
    column('LeaseName', 'string', (candidate) => text(candidate, 'spec', 'leaseName')),
    column('BinaryVersion', 'string', (candidate) => text(candidate, 'spec', 'binaryVersion')),
    column('EmulationVersion', 'string', (candidate) => text(candidate, 'spec', 'emulationVersion')),
    AGE,
  ],
  'deviceclasses.resource.k8s.io': [NAME, AGE],
  'resourceclaims.resource.k8s.io': [NAME, column('State', 'string', describeClaim), AGE],
  'resourceclaimtemplates.resource.k8s.io': [NAME, AGE],
  'resourceslices.resource.k8s.io': [
    NAME,
    column('Node', 'string', (slice) => text(slice, 'spec', 'nodeName')),
    column('Driver', 'string', (slice) => text(slice, 'spec', 'driver')),
    column('Pool', 'string', (slice) => text(slice, 'spec', 'pool', 'name')),
    AGE,
  ],
  'devicetaintrules.resource.k8s.io': [
    NAME,
    column('Key', 'string', (rule) => text(rule, 'spec', 'taint', 'key')),
    column('Value', 'string', (rule) => text(rule, 'spec', 'taint', 'value')),
    column('Effect', 'string', (rule) => text(rule, 'spec', 'taint', 'effect')),
    column('TimeAdded', 'string', (rule, now) => {
      const added = at(rule, 'spec', 'taint', 'timeAdded')
      return added === undefined ? '' : age(added, now)
    }),
    AGE,
  ],
})

function describeClaim(claim: KubeObject): string {
  const deleted = isTerminating(claim) ? ['deleted'] : []
  if (!isSet(claim, 'status', 'allocation')) return deleted[0] ?? 'pending'
  const reserved = size(claim, 'status', 'reservedFor') > 0 ? ['reserved'] : []
  return [...deleted, 'allocated', ...reserved].join(',')
}
