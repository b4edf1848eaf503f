import { ago, type Thing } from '../../incident/scene.ts'
import { event, pod, thing } from '../../incident/things.ts'

const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db-0' } }]

/** The claim of `db-0`, bound to `pv-1`. */
export function claim(patch: Record<string, unknown> = {}): Thing {
  return thing('v1', 'PersistentVolumeClaim', 'shop/data-db-0', {
    spec: { storageClassName: 'block', volumeName: 'pv-1', resources: { requests: { storage: '10Gi' } } },
    status: { phase: 'Bound', capacity: { storage: '10Gi' } },
    ...patch,
  })
}

/** The same before it has a volume, so many seconds old. */
export function pendingClaim(seconds = 900, storageClassName: string | undefined = 'block'): Thing {
  return claim({
    metadata: { name: 'data-db-0', namespace: 'shop', creationTimestamp: ago(seconds) },
    spec: { storageClassName, resources: { requests: { storage: '10Gi' } } },
    status: { phase: 'Pending' },
  })
}

/** Its volume. */
export function volume(spec: Record<string, unknown> = {}): Thing {
  return thing('v1', 'PersistentVolume', 'pv-1', {
    spec: { claimRef: { namespace: 'shop', name: 'data-db-0' }, ...spec },
  })
}

/** Where its volume is attached. */
export function attachment(nodeName: string, status: Record<string, unknown> = { attached: true }): Thing {
  return thing('storage.k8s.io/v1', 'VolumeAttachment', 'csi-1', {
    spec: { nodeName, source: { persistentVolumeName: 'pv-1' } },
    status,
  })
}

/** `db-0` with a node, waiting there for its volumes; a pod of a Deployment where `owner` says so. */
export function waits(
  options: { name?: string; owner?: string; node?: string; volumes?: readonly unknown[]; created?: number } = {},
): Thing {
  const { name = 'db-0', owner = 'StatefulSet/db', node = 'node-1', created = 900 } = options
  return pod(`shop/${name}`, {
    owner,
    node,
    created,
    ready: false,
    spec: { volumes: options.volumes ?? volumes },
    status: {
      phase: 'Pending',
      containerStatuses: [
        { name: 'app', ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } },
      ],
    },
  })
}

/** `db-0` without a node. */
export function unplaced(): Thing {
  return pod('shop/db-0', {
    owner: 'StatefulSet/db',
    created: 900,
    ready: false,
    spec: { volumes, nodeName: undefined },
    status: { phase: 'Pending', containerStatuses: undefined, conditions: [] },
  })
}

/** A pod that runs with the volume. */
export function runs(name = 'db-0', node = 'node-1', metadata: Record<string, unknown> = {}): Thing {
  return pod(`shop/${name}`, { owner: 'StatefulSet/db', node, spec: { volumes }, metadata })
}

/** What the kubelet says of mounting. */
export function notMounted(message: string, name = 'db-0', last = 60): Thing {
  return event('shop', `Pod/${name}`, 'FailedMount', message, { first: Math.max(880, last), last, count: 8 })
}

/** What the controller says of attaching. */
export function notAttached(message: string, name = 'db-0', last = 60): Thing {
  return event('shop', `Pod/${name}`, 'FailedAttachVolume', message, {
    component: 'attachdetach-controller',
    first: Math.max(880, last),
    last,
    count: 8,
  })
}

/** What the scheduler says of `db-0`. */
export function notPlaced(message: string, last = 30): Thing {
  return event('shop', 'Pod/db-0', 'FailedScheduling', message, {
    component: 'default-scheduler',
    first: Math.max(890, last),
    last,
  })
}
