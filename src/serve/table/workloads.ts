import { at, flag, type KubeObject, list, number, text } from './access.ts'
import { AGE, column, NAME, wide } from './column.ts'
import { wideContainers } from './containers.ts'
import { describeSelector, formatLabels, formatSelector } from './labels.ts'
import { tables } from './table.ts'

const desired = column('Desired', 'integer', (object) => number(object, 'spec', 'replicas'))
const current = column('Current', 'integer', (object) => number(object, 'status', 'replicas'))
const readyReplicas = column('Ready', 'integer', (object) => number(object, 'status', 'readyReplicas'))
const readyOfDesired = column('Ready', 'string', (object) => {
  return `${number(object, 'status', 'readyReplicas')}/${number(object, 'spec', 'replicas')}`
})
const selector = wide('Selector', 'string', (object) => formatSelector(at(object, 'spec', 'selector')))

/** What keeps pods running. */
export const workloads = tables({
  'deployments.apps': [
    NAME,
    readyOfDesired,
    column('Up-to-date', 'string', (object) => number(object, 'status', 'updatedReplicas')),
    column('Available', 'string', (object) => number(object, 'status', 'availableReplicas')),
    AGE,
    ...wideContainers('spec', 'template'),
    wide('Selector', 'string', (object) => describeSelector(at(object, 'spec', 'selector')) ?? '<invalid>'),
  ],
  'replicasets.apps': [NAME, desired, current, readyReplicas, AGE, ...wideContainers('spec', 'template'), selector],
  replicationcontrollers: [
    NAME,
    desired,
    current,
    readyReplicas,
    AGE,
    ...wideContainers('spec', 'template'),
    wide('Selector', 'string', (object) => formatLabels(at(object, 'spec', 'selector'))),
  ],
  'statefulsets.apps': [NAME, readyOfDesired, AGE, ...wideContainers('spec', 'template')],
  'daemonsets.apps': [
    NAME,
    column('Desired', 'integer', (object) => number(object, 'status', 'desiredNumberScheduled')),
    column('Current', 'integer', (object) => number(object, 'status', 'currentNumberScheduled')),
    column('Ready', 'integer', (object) => number(object, 'status', 'numberReady')),
    column('Up-to-date', 'integer', (object) => number(object, 'status', 'updatedNumberScheduled')),
    column('Available', 'integer', (object) => number(object, 'status', 'numberAvailable')),
    column('Node Selector', 'string', (object) => {
      return formatLabels(at(object, 'spec', 'template', 'spec', 'nodeSelector'))
    }),
    AGE,
    ...wideContainers('spec', 'template'),
    selector,
  ],
  'controllerrevisions.apps': [
    NAME,
    column('Controller', 'string', describeController),
    column('Revision', 'string', (object) => number(object, 'revision')),
    AGE,
  ],
})

/** The owner that manages the object, as `daemonset.apps/name`. */
function describeController(object: KubeObject): string {
  const owner = list(object, 'metadata', 'ownerReferences').find((one) => flag(one, 'controller'))
  if (owner === undefined) return '<none>'
  const [group, version] = text(owner, 'apiVersion').split('/')
  const kind = version === undefined ? text(owner, 'kind') : `${text(owner, 'kind')}.${group}`
  return [kind.toLowerCase(), text(owner, 'name')].filter(Boolean).join('/')
}
