import { ago, type Thing } from '../../incident/scene.ts'
import { pod } from '../../incident/things.ts'

/** A pod that no node takes, with the scheduler's words, five minutes old. */
export function waiting(
  place: string,
  message: string,
  options: {
    owner?: string
    requests?: Record<string, string>
    spec?: Record<string, unknown>
    container?: Record<string, unknown>
  } = {},
): Thing {
  const { owner = 'ReplicaSet/web-6c8f7d9b5', requests = {}, spec = {}, container = {} } = options
  return pod(place, {
    owner,
    node: '',
    created: 300,
    ready: false,
    containers: [{ spec: { resources: { requests }, ...container } }],
    spec: { nodeName: undefined, ...spec },
    status: {
      phase: 'Pending',
      containerStatuses: [],
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: ago(300) },
      ],
    },
  })
}

/** A running pod that requests so much. */
export function running(
  place: string,
  node: string,
  requests: Record<string, string>,
  owner = 'ReplicaSet/other-7d4f8b9c6',
): Thing {
  return pod(place, { owner, node, containers: [{ spec: { resources: { requests } } }] })
}
