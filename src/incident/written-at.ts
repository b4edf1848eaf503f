import type { KubeObject } from './object.ts'
import { latest } from './telling.ts'
import { touches } from './writes.ts'

/** When fields of an object, its spec unless others are named, were written last, or it was made. */
export function writtenAt({ created, writes }: KubeObject, ...fields: readonly string[]): number | undefined {
  const meant = fields.length === 0 ? ['spec'] : fields
  return latest([
    created,
    ...writes.filter((write) => meant.some((field) => touches(write, field))).map(({ at }) => at),
  ])
}
