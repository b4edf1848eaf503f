import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ago, bundleOf, type Scene } from '../incident/scene.ts'

/** One pod that does its work and says so. */
export const WELL: Scene = {
  objects: [
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', creationTimestamp: ago(9000) } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop', creationTimestamp: ago(600) },
      spec: { nodeName: 'n1', containers: [{ name: 'web', image: 'registry.example/web:2' }] },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ago(590) }] },
    },
  ],
  logs: { 'shop/web/web': `${ago(300)} listening on 8080\n` },
}

/** A small cluster in which one thing is broken: an image that is not there, and a Service that nobody answers for. */
export const BROKEN: Scene = {
  objects: [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', creationTimestamp: ago(9000) } },
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', creationTimestamp: ago(9000) } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop', generation: 2, creationTimestamp: ago(8000) },
      spec: { replicas: 1, selector: { matchLabels: { app: 'web' } } },
      status: { replicas: 1, unavailableReplicas: 1, observedGeneration: 2 },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' }, creationTimestamp: ago(600) },
      spec: { nodeName: 'n1', containers: [{ name: 'web', image: 'registry.example/web:2' }] },
      status: {
        phase: 'Pending',
        conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(590) }],
        containerStatuses: [
          {
            name: 'web',
            image: 'registry.example/web:2',
            ready: false,
            restartCount: 0,
            state: {
              waiting: {
                reason: 'ImagePullBackOff',
                message:
                  'Back-off pulling image "registry.example/web:2": ErrImagePull: failed to resolve reference "registry.example/web:2": registry.example/web:2: not found',
              },
            },
          },
        ],
      },
    },
  ],
}

/** Saves a scene as an unpacked bundle; in the other order where it is asked for, because no answer may hang on it. */
export async function saveScene(folder: string, scene: Scene, options: { reversed?: boolean } = {}): Promise<string> {
  const bundle = bundleOf(scene)
  const paths = [...bundle.files.keys()]
  await mkdir(folder, { recursive: true })
  for (const path of options.reversed ? paths.reverse() : paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), await bundle.read(path))
  }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(bundle.manifest))
  return folder
}
