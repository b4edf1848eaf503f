import type { Collector } from '../src/collector.ts'
import { listResource } from './list-resource.ts'

/** Leases: the last heartbeat of each kubelet to 10 s, and who leads each control-plane component. A node's lease is deleted with it. */
export const leases: Collector = {
  id: 'leases',
  title: 'Leases',
  volatility: 3,
  scope: 'cluster',
  reads: [{ group: 'coordination.k8s.io', resources: ['leases'], verbs: ['list'] }],
  collect: (context) =>
    listResource(context, { group: 'coordination.k8s.io', version: 'v1', resource: 'leases', namespaced: true }),
}
