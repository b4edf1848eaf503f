import { down, isUp, up } from './cluster/cluster.ts'
import { applyWorkloads } from './cluster/workloads.ts'

/** Brings the cluster up with its broken workloads; takes it down only if it was not up before. */
export default async function setup(): Promise<() => Promise<void>> {
  const wasUp = isUp()
  await up()
  await applyWorkloads()
  return async () => {
    if (!wasUp) await down()
  }
}
