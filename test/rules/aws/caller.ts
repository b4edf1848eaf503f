import { pod } from '../../incident/things.ts'

const PLACE = 'ops/driver-6c8f7d9b5-abcde'

/** A workload that calls AWS; not well unless said otherwise. */
export function driver(ready = false) {
  return pod(PLACE, { owner: 'ReplicaSet/driver-6c8f7d9b5', ready, spec: { serviceAccountName: 'driver' } })
}

/** Its log of two minutes ago. */
export function log(line: string) {
  return { [`${PLACE}/app`]: `2026-02-01T11:58:00Z ${line}` }
}
