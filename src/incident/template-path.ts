import type { KubeObject } from './object.ts'

/** Where an object has the template of its pods: a ControllerRevision holds that of its time in `data`. */
export function templatePathOf({ ref }: KubeObject): readonly string[] {
  return ref.kind === 'ControllerRevision' ? ['data', 'spec', 'template'] : ['spec', 'template']
}
