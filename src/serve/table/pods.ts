import { at, type KubeObject, list, text } from './access.ts'
import { AGE, column, NAME, wide } from './column.ts'
import { containers } from './containers.ts'
import { formatLabels } from './labels.ts'
import { describeGates, describePod, type PodStatus } from './pod-status.ts'
import { tables } from './table.ts'

const statusOf = rememberLast(describePod)

/** Pods and their templates. */
export const pods = tables({
  pods: [
    NAME,
    column('Ready', 'string', (pod, now) => statusOf(pod, now).ready),
    column('Status', 'string', (pod, now) => statusOf(pod, now).status),
    column('Restarts', 'string', (pod, now) => statusOf(pod, now).restarts),
    AGE,
    wide('IP', 'string', (pod) => text(list(pod, 'status', 'podIPs')[0], 'ip') || '<none>'),
    wide('Node', 'string', (pod) => text(pod, 'spec', 'nodeName') || '<none>'),
    wide('Nominated Node', 'string', (pod) => text(pod, 'status', 'nominatedNodeName') || '<none>'),
    wide('Readiness Gates', 'string', describeGates),
  ],
  podtemplates: [
    NAME,
    ...containers('template'),
    column('Pod Labels', 'string', (object) => formatLabels(at(object, 'template', 'metadata', 'labels'))),
  ],
})

/** Three cells of a row ask about the same pod, one after the other. */
function rememberLast(describe: (pod: KubeObject, now: Date) => PodStatus): typeof describe {
  let last: { pod: KubeObject; now: Date; status: PodStatus } | undefined
  return (pod, now) => {
    if (last?.pod !== pod || last.now !== now) last = { pod, now, status: describe(pod, now) }
    return last.status
  }
}
