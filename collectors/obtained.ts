import type { Obtained } from '../src/bundle/format.ts'
import type { KubeResponse } from '../src/sources/kube/client.ts'

/** How an answer was obtained, for the manifest. */
export function obtainedBy(
  request: string,
  { status, serverDate, at }: Pick<KubeResponse, 'status' | 'serverDate' | 'at'>,
): Obtained {
  return { request, status, ...(serverDate === undefined ? {} : { serverDate }), at: at.toISOString() }
}

/** This moment of the local monotonic clock, to the microsecond: two samples are a rate over the difference. */
export function monotonicNow(): number {
  return Math.round(performance.now() * 1000) / 1000
}
