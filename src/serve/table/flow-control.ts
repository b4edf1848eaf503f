import { at, condition, isSet, type KubeObject, number, text } from './access.ts'
import { AGE, column, NAME, nameOf } from './column.ts'
import { compareText } from './labels.ts'
import { type Tables, table, tables, wordsOf } from './table.ts'

const FLOW_SCHEMAS = 'flowschemas.flowcontrol.apiserver.k8s.io'

const flowSchemas = [
  NAME,
  column('PriorityLevel', 'string', (schema) => text(schema, 'spec', 'priorityLevelConfiguration', 'name')),
  column('MatchingPrecedence', 'string', precedenceOf),
  column('DistinguisherMethod', 'string', (schema) => {
    const method = at(schema, 'spec', 'distinguisherMethod')
    return method === undefined ? '<none>' : text(method, 'type')
  }),
  AGE,
  column('MissingPL', 'string', (schema) => {
    const dangling = condition(schema, 'Dangling')
    return dangling === undefined ? '?' : text(dangling, 'status')
  }),
]

/** Priority and fairness; flow schemas are listed in the order in which they are tried. */
export const flowControl: Tables = {
  [FLOW_SCHEMAS]: { ...table(flowSchemas, wordsOf(FLOW_SCHEMAS)), compare: comparePrecedence },
  ...tables({
    'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': [
      NAME,
      column('Type', 'string', (level) => text(level, 'spec', 'type')),
      column('NominalConcurrencyShares', 'string', sharesOf),
      column('Queues', 'string', (level) => queuing(level, 'queues')),
      column('HandSize', 'string', (level) => queuing(level, 'handSize')),
      column('QueueLengthLimit', 'string', (level) => queuing(level, 'queueLengthLimit')),
      AGE,
    ],
  }),
}

function precedenceOf(schema: KubeObject): number {
  return number(schema, 'spec', 'matchingPrecedence')
}

function comparePrecedence(left: KubeObject, right: KubeObject): number {
  return precedenceOf(left) - precedenceOf(right) || compareText(nameOf(left), nameOf(right))
}

/** Until v1beta2 the shares had another name. */
function sharesOf(level: KubeObject): number | string {
  const limited = at(level, 'spec', 'limited')
  if (limited === undefined) return '<none>'
  return number(limited, 'nominalConcurrencyShares') || number(limited, 'assuredConcurrencyShares')
}

function queuing(level: KubeObject, field: string): number | string {
  const path = ['spec', 'limited', 'limitResponse', 'queuing']
  return isSet(level, ...path) ? number(level, ...path, field) : '<none>'
}
