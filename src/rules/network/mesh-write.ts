import type { KubeObject } from '../../incident/object.ts'
import { latest } from '../../incident/telling.ts'
import { touches } from '../../incident/writes.ts'

/** When the spec of an object of a mesh was written last, or it was made. */
export function writtenAt({ created, writes }: KubeObject): number | undefined {
  return latest([created, ...writes.filter((write) => touches(write, 'spec')).map(({ at }) => at)])
}
