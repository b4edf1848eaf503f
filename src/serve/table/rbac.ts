import { type KubeObject, list, text } from './access.ts'
import { AGE, type Column, column, NAME, wide } from './column.ts'
import { tables } from './table.ts'

const columns = [
  NAME,
  column('Role', 'string', (binding) => `${text(binding, 'roleRef', 'kind')}/${text(binding, 'roleRef', 'name')}`),
  AGE,
  subjects('Users', 'User', (subject) => text(subject, 'name')),
  subjects('Groups', 'Group', (subject) => text(subject, 'name')),
  subjects('ServiceAccounts', 'ServiceAccount', (subject) => `${text(subject, 'namespace')}/${text(subject, 'name')}`),
]

/** Who has which role; the roles themselves have no columns of their own. */
export const rbac = tables({
  'rolebindings.rbac.authorization.k8s.io': columns,
  'clusterrolebindings.rbac.authorization.k8s.io': columns,
})

function subjects(name: string, kind: string, describe: (subject: unknown) => string): Column {
  return wide(name, 'string', (binding: KubeObject) => {
    const found = list(binding, 'subjects').filter((subject) => text(subject, 'kind') === kind)
    return found.map(describe).join(', ')
  })
}
