import { type KubeObject, list, text } from './access.ts'
import { type Column, column, wide } from './column.ts'

/** Names and images of the containers of the pod template at a path, always shown. */
export function containers(...path: readonly string[]): readonly Column[] {
  return columnsOf(path, column)
}

/** The same, shown with `-o wide`. */
export function wideContainers(...path: readonly string[]): readonly Column[] {
  return columnsOf(path, wide)
}

function columnsOf(path: readonly string[], make: typeof column): readonly Column[] {
  return [
    make('Containers', 'string', (object) => join(object, path, 'name')),
    make('Images', 'string', (object) => join(object, path, 'image')),
  ]
}

function join(object: KubeObject, path: readonly string[], field: string): string {
  return list(object, ...path, 'spec', 'containers')
    .map((container) => text(container, field))
    .join(',')
}
