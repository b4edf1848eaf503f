import { at, type KubeObject, list, text } from './access.ts'
import { type Column, type Heading, NAME } from './column.ts'
import { quantity, sumQuantities } from './quantity.ts'
import { tables } from './table.ts'

/** Usage, as metrics-server prints it (pkg/api/table.go): cpu and memory are what it measures. */
export const metrics = tables({
  'nodes.metrics.k8s.io': usage((node, resource) => quantity(node, 'usage', resource)),
  'pods.metrics.k8s.io': usage((pod, resource) => {
    const containers = list(pod, 'containers').filter((one) => at(one, 'usage', resource) !== undefined)
    return sumQuantities(containers.map((container) => quantity(container, 'usage', resource)))
  }),
})

function usage(measure: (object: KubeObject, resource: string) => string): readonly Column[] {
  return [
    NAME,
    { heading: headingOf('cpu', 'quantity'), cell: (object) => measure(object, 'cpu') },
    { heading: headingOf('memory', 'quantity'), cell: (object) => measure(object, 'memory') },
    { heading: headingOf('Window', 'duration'), cell: (object) => text(object, 'window') || '0s' },
  ]
}

function headingOf(name: string, format: string): Heading {
  return { name, type: 'string', format, priority: 0 }
}
