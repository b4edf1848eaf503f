import { at, isSet, type KubeObject, list, text, textOr, texts } from './access.ts'
import { AGE, ageOf, column, NAME } from './column.ts'
import { formatSelector } from './labels.ts'
import { describeLoadBalancer } from './services.ts'
import { tables } from './table.ts'

/** The group networking.k8s.io. */
export const networking = tables({
  'ingresses.networking.k8s.io': [
    NAME,
    column('Class', 'string', (ingress) => textOr('<none>', ingress, 'spec', 'ingressClassName')),
    column('Hosts', 'string', describeHosts),
    column('Address', 'string', describeLoadBalancer),
    column('Ports', 'string', (ingress) => (list(ingress, 'spec', 'tls').length > 0 ? '80, 443' : '80')),
    AGE,
  ],
  'ingressclasses.networking.k8s.io': [
    NAME,
    column('Controller', 'string', (object) => text(object, 'spec', 'controller')),
    column('Parameters', 'string', describeParameters),
    AGE,
  ],
  'networkpolicies.networking.k8s.io': [
    NAME,
    column('Pod-Selector', 'string', (policy) => formatSelector(at(policy, 'spec', 'podSelector') ?? {})),
    AGE,
  ],
  'servicecidrs.networking.k8s.io': [
    NAME,
    column('CIDRs', 'string', (object) => texts(object, 'spec', 'cidrs').join(',')),
    AGE,
  ],
  'ipaddresses.networking.k8s.io': [NAME, column('ParentRef', 'string', describeParent), { cell: ageOf }],
})

const MOST_HOSTS = 3

/** Counts rules, not hosts, once three hosts are shown and another rule follows: what the API server does. */
function describeHosts(ingress: KubeObject): string {
  const rules = list(ingress, 'spec', 'rules')
  const named = rules.flatMap((rule, index) => (text(rule, 'host') ? [{ host: text(rule, 'host'), index }] : []))
  if (named.length === 0) return '*'
  const shown = named.slice(0, MOST_HOSTS)
  const hosts = shown.map((one) => one.host).join(',')
  const isCut = shown.length === MOST_HOSTS && (shown.at(-1)?.index ?? 0) < rules.length - 1
  return isCut ? `${hosts} + ${rules.length - MOST_HOSTS} more...` : hosts
}

function describeParameters(ingressClass: KubeObject): string {
  const parameters = at(ingressClass, 'spec', 'parameters')
  if (parameters === undefined) return '<none>'
  const group = isSet(parameters, 'apiGroup') ? `.${text(parameters, 'apiGroup')}` : ''
  return `${text(parameters, 'kind')}${group}/${text(parameters, 'name')}`
}

/** `services/default/kubernetes`. */
function describeParent(address: KubeObject): string {
  const parent = at(address, 'spec', 'parentRef')
  if (parent === undefined) return '<none>'
  const resource = [text(parent, 'resource'), text(parent, 'group')].filter(Boolean).join('.').toLowerCase()
  const namespace = text(parent, 'namespace')
  return `${resource}${namespace && `/${namespace}`}/${text(parent, 'name')}`
}
