import { flag, type KubeObject, list, record, text } from './access.ts'
import { AGE, type Column, column, NAME, wide } from './column.ts'
import { compareText } from './labels.ts'
import { tables } from './table.ts'

/** Nodes. */
export const nodes = tables({
  nodes: [
    NAME,
    column('Status', 'string', describeStatus),
    column('Roles', 'string', describeRoles),
    AGE,
    column('Version', 'string', (node) => text(node, 'status', 'nodeInfo', 'kubeletVersion')),
    address('Internal-IP', 'InternalIP'),
    address('External-IP', 'ExternalIP'),
    system('OS-Image', 'osImage'),
    system('Kernel-Version', 'kernelVersion'),
    system('Container-Runtime', 'containerRuntimeVersion'),
  ],
})

function address(name: string, type: string): Column {
  return wide(name, 'string', (node) => {
    const found = list(node, 'status', 'addresses').find((one) => text(one, 'type') === type)
    return found === undefined ? '<none>' : text(found, 'address')
  })
}

function system(name: string, field: string): Column {
  return wide(name, 'string', (node) => text(node, 'status', 'nodeInfo', field) || '<unknown>')
}

function describeStatus(node: KubeObject): string {
  const ready = list(node, 'status', 'conditions').findLast((one) => text(one, 'type') === 'Ready')
  const status = ready === undefined ? 'Unknown' : text(ready, 'status') === 'True' ? 'Ready' : 'NotReady'
  return flag(node, 'spec', 'unschedulable') ? `${status},SchedulingDisabled` : status
}

const ROLE_PREFIX = 'node-role.kubernetes.io/'

function describeRoles(node: KubeObject): string {
  const roles = Object.entries(record(node, 'metadata', 'labels')).map(([key, value]) => {
    if (key === 'kubernetes.io/role') return String(value)
    return key.startsWith(ROLE_PREFIX) ? key.slice(ROLE_PREFIX.length) : ''
  })
  return [...new Set(roles)].filter(Boolean).sort(compareText).join(',') || '<none>'
}
