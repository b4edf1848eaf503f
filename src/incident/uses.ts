import { isTrueAt, listAt, recordAt, textAt } from './kubernetes.ts'

/** A ConfigMap, Secret, claim or account that a pod's spec names, and how: what it can never notice a change of is `fixed`. */
export interface Use {
  readonly kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim' | 'ServiceAccount'
  readonly name: string
  readonly how: 'env' | 'envFrom' | 'volume' | 'subPath' | 'claim' | 'imagePullSecret' | 'account'
  /** The one key that is asked for; absent where the whole object is. */
  readonly key?: string
  readonly optional: boolean
  readonly container?: string
  /** Where it is named, from the root of the pod. */
  readonly path: readonly (string | number)[]
}

/** Everything that a pod spec refers to. `root` is the path of the spec: `['spec']`, or `['spec', 'template', 'spec']` of a workload. */
export function readUses(spec: unknown, root: readonly (string | number)[] = ['spec']): readonly Use[] {
  const account = textAt(spec, 'serviceAccountName')
  return [
    ...readVolumes(spec, root),
    ...['initContainers', 'containers'].flatMap((group) =>
      listAt(spec, group).flatMap((container, index) => readContainerUses(container, [...root, group, index])),
    ),
    ...listAt(spec, 'imagePullSecrets').map(
      (secret, index): Use => ({
        kind: 'Secret',
        name: textAt(secret, 'name'),
        how: 'imagePullSecret',
        optional: true,
        path: [...root, 'imagePullSecrets', index],
      }),
    ),
    ...(account === ''
      ? []
      : [
          {
            kind: 'ServiceAccount',
            name: account,
            how: 'account',
            optional: false,
            path: [...root, 'serviceAccountName'],
          } as const,
        ]),
  ]
}

function readVolumes(spec: unknown, root: readonly (string | number)[]): Use[] {
  const subPaths = new Set(
    ['initContainers', 'containers'].flatMap((group) =>
      listAt(spec, group).flatMap((container) =>
        listAt(container, 'volumeMounts')
          .filter((mount) => textAt(mount, 'subPath') !== '' || textAt(mount, 'subPathExpr') !== '')
          .map((mount) => textAt(mount, 'name')),
      ),
    ),
  )
  return listAt(spec, 'volumes').flatMap((volume, index) => {
    const how = subPaths.has(textAt(volume, 'name')) ? 'subPath' : 'volume'
    const path = [...root, 'volumes', index]
    return [
      volumeUse('ConfigMap', recordAt(volume, 'configMap'), 'name', how, path),
      volumeUse('Secret', recordAt(volume, 'secret'), 'secretName', how, path),
      volumeUse('PersistentVolumeClaim', recordAt(volume, 'persistentVolumeClaim'), 'claimName', 'claim', path),
      ...listAt(volume, 'projected', 'sources').flatMap((source) => [
        volumeUse('ConfigMap', recordAt(source, 'configMap'), 'name', how, path),
        volumeUse('Secret', recordAt(source, 'secret'), 'name', how, path),
      ]),
    ].filter((use) => use !== undefined)
  })
}

function volumeUse(
  kind: Use['kind'],
  source: unknown,
  field: string,
  how: Use['how'],
  path: Use['path'],
): Use | undefined {
  const name = textAt(source, field)
  return name === '' ? undefined : { kind, name, how, optional: isTrueAt(source, 'optional'), path }
}

function readContainerUses(container: unknown, path: readonly (string | number)[]): Use[] {
  const name = textAt(container, 'name')
  const fromKeys = listAt(container, 'env').flatMap((variable, index) =>
    (
      [
        ['ConfigMap', 'configMapKeyRef'],
        ['Secret', 'secretKeyRef'],
      ] as const
    ).flatMap(([kind, field]): Use[] => {
      const source = recordAt(variable, 'valueFrom', field)
      const object = textAt(source, 'name')
      if (object === '') return []
      const optional = isTrueAt(source, 'optional')
      return [
        {
          kind,
          name: object,
          how: 'env',
          key: textAt(source, 'key'),
          optional,
          container: name,
          path: [...path, 'env', index],
        },
      ]
    }),
  )
  const whole = listAt(container, 'envFrom').flatMap((source, index) =>
    (
      [
        ['ConfigMap', 'configMapRef'],
        ['Secret', 'secretRef'],
      ] as const
    ).flatMap(([kind, field]): Use[] => {
      const object = textAt(source, field, 'name')
      if (object === '') return []
      const optional = isTrueAt(source, field, 'optional')
      return [{ kind, name: object, how: 'envFrom', optional, container: name, path: [...path, 'envFrom', index] }]
    }),
  )
  return [...fromKeys, ...whole]
}
