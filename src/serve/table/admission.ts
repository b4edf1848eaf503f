import { at, type KubeObject, list, record, size, text, texts } from './access.ts'
import { AGE, type Column, column, NAME } from './column.ts'
import { compareText } from './labels.ts'
import { tables } from './table.ts'

const webhooks = [NAME, column('Webhooks', 'integer', (object) => size(object, 'webhooks')), AGE]

const bindings = [
  NAME,
  column('PolicyName', 'string', (binding) => text(binding, 'spec', 'policyName')),
  column('ParamRef', 'string', describeParameter),
  AGE,
]

/** What may refuse or change a request: why an object was never created. */
export const admission = tables({
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': webhooks,
  'validatingadmissionpolicies.admissionregistration.k8s.io': policies('Validations', 'validations'),
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': bindings,
  'mutatingadmissionpolicies.admissionregistration.k8s.io': policies('Mutations', 'mutations'),
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': bindings,
})

function policies(name: string, field: string): readonly Column[] {
  return [
    NAME,
    column(name, 'integer', (policy) => size(policy, 'spec', field)),
    column('ParamKind', 'string', (policy) => {
      const kind = at(policy, 'spec', 'paramKind')
      return kind === undefined ? '<unset>' : `${text(kind, 'apiVersion')}/${text(kind, 'kind')}`
    }),
    AGE,
  ]
}

/** Without a namespace it may be of the cluster or of any namespace, which only the kind could tell. */
function describeParameter(binding: KubeObject): string {
  const parameter = at(binding, 'spec', 'paramRef')
  const name = text(parameter, 'name')
  if (name !== '') return `${text(parameter, 'namespace') || '*'}/${name}`
  const selector = at(parameter, 'selector')
  return selector === undefined ? '<unset>' : writeSelector(selector)
}

/** The API server lets a selector through as Go prints its type. */
function writeSelector(selector: unknown): string {
  const labels = Object.entries(record(selector, 'matchLabels')).sort(([left], [right]) => compareText(left, right))
  const pairs = labels.map(([key, value]) => `${key}: ${String(value)},`).join('')
  const expressions = list(selector, 'matchExpressions').map((one) => {
    const values = texts(one, 'values').join(' ')
    return `LabelSelectorRequirement{Key:${text(one, 'key')},Operator:${text(one, 'operator')},Values:[${values}],},`
  })
  const requirements = `[]LabelSelectorRequirement{${expressions.join('')}}`
  return `&LabelSelector{MatchLabels:map[string]string{${pairs}},MatchExpressions:${requirements},}`
}
