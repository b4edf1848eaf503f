import { at, type KubeObject, list, record, size, text } from './access.ts'
import { AGE, column, NAME } from './column.ts'
import { compareText } from './labels.ts'
import { quantity } from './quantity.ts'
import { tables } from './table.ts'

/** Namespaces and what is set up in them. */
export const config = tables({
  namespaces: [NAME, column('Status', 'string', (object) => text(object, 'status', 'phase')), AGE],
  configmaps: [NAME, column('Data', 'string', (object) => size(object, 'data') + size(object, 'binaryData')), AGE],
  secrets: [
    NAME,
    column('Type', 'string', (secret) => text(secret, 'type')),
    column('Data', 'string', (secret) => size(secret, 'data')),
    AGE,
  ],
  serviceaccounts: [NAME, column('Secrets', 'string', (account) => size(account, 'secrets')), AGE],
  resourcequotas: [
    NAME,
    column('Request', 'string', (quota) => describeUse(quota, (resource) => !isLimit(resource))),
    column('Limit', 'string', (quota) => describeUse(quota, isLimit)),
    AGE,
  ],
  componentstatuses: [
    NAME,
    column('Status', 'string', describeHealth),
    column('Message', 'string', (component) => text(healthOf(component), 'message')),
    column('Error', 'string', (component) => text(healthOf(component), 'error')),
  ],
})

function isLimit(resource: string): boolean {
  return resource.startsWith('limits.')
}

/** `pods: 2/10, requests.cpu: 500m/4`. */
function describeUse(quota: KubeObject, isShown: (resource: string) => boolean): string {
  const hard = record(quota, 'status', 'hard')
  const used = record(quota, 'status', 'used')
  return Object.keys(hard)
    .filter(isShown)
    .sort(compareText)
    .map((resource) => `${resource}: ${quantity(used, resource)}/${quantity(hard, resource)}`)
    .join(', ')
}

function healthOf(component: KubeObject): unknown {
  return list(component, 'conditions').find((one) => text(one, 'type') === 'Healthy')
}

function describeHealth(component: KubeObject): string {
  const health = healthOf(component)
  if (health === undefined) return 'Unknown'
  return at(health, 'status') === 'True' ? 'Healthy' : 'Unhealthy'
}
