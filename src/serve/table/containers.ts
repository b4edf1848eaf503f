import { type KubeObject, list, text } from './access.ts'
import { type Column, column, wide } from './column.ts'

const names = (object: KubeObject, path: readonly string[]) => join(object, path, 'name')
const images = (object: KubeObject, path: readonly string[]) => join(object, path, 'image')

/** Names and images of the containers of the pod template at a path, shown with `-o wide`. */
export function wideContainers(...path: readonly string[]): readonly Column[] {
  return [
    wide('Containers', 'string', (object) => names(object, path)),
    wide('Images', 'string', (object) => images(object, path)),
  ]
}

/** The same, always shown. */
export function containers(...path: readonly string[]): readonly Column[] {
  return [
    column('Containers', 'string', (object) => names(object, path)),
    column('Images', 'string', (object) => images(object, path)),
  ]
}

function join(object: KubeObject, path: readonly string[], field: string): string {
  return list(object, ...path, 'spec', 'containers')
    .map((container) => text(container, field))
    .join(',')
}
