import { flag, isSet, isTerminating, type KubeObject, text, textOr, texts } from './access.ts'
import { AGE, type Column, column, NAME, nameOf, wide } from './column.ts'
import { quantity } from './quantity.ts'
import { tables } from './table.ts'

const volumeClass = column('VolumeAttributesClass', 'string', (volume) => {
  return textOr('<unset>', volume, 'spec', 'volumeAttributesClassName')
})
const storageClass = column('StorageClass', 'string', storageClassOf)
const volumeMode = wide('VolumeMode', 'string', (volume) => textOr('<unset>', volume, 'spec', 'volumeMode'))
const phase = column('Status', 'string', (volume) => {
  return isTerminating(volume) ? 'Terminating' : text(volume, 'status', 'phase')
})

/** Volumes, claims and their classes. */
export const storage = tables({
  persistentvolumes: [
    NAME,
    column('Capacity', 'string', (volume) => quantity(volume, 'spec', 'capacity', 'storage')),
    column('Access Modes', 'string', (volume) => describeModes(volume, 'spec')),
    column('Reclaim Policy', 'string', (volume) => text(volume, 'spec', 'persistentVolumeReclaimPolicy')),
    phase,
    column('Claim', 'string', describeClaim),
    storageClass,
    volumeClass,
    column('Reason', 'string', (volume) => text(volume, 'status', 'reason')),
    AGE,
    volumeMode,
  ],
  persistentvolumeclaims: [
    NAME,
    phase,
    column('Volume', 'string', (claim) => text(claim, 'spec', 'volumeName')),
    ifBound('Capacity', (claim) => quantity(claim, 'status', 'capacity', 'storage')),
    ifBound('Access Modes', (claim) => describeModes(claim, 'status')),
    storageClass,
    volumeClass,
    AGE,
    volumeMode,
  ],
  'storageclasses.storage.k8s.io': [
    column('Name', 'string', (object) => (isDefault(object) ? `${nameOf(object)} (default)` : nameOf(object)), 'name'),
    column('Provisioner', 'string', (object) => text(object, 'provisioner')),
    column('ReclaimPolicy', 'string', (object) => textOr('Delete', object, 'reclaimPolicy')),
    column('VolumeBindingMode', 'string', (object) => textOr('Immediate', object, 'volumeBindingMode')),
    column('AllowVolumeExpansion', 'string', (object) => flag(object, 'allowVolumeExpansion')),
    AGE,
  ],
  'volumeattributesclasses.storage.k8s.io': [
    NAME,
    column('DriverName', 'string', (object) => text(object, 'driverName')),
    AGE,
  ],
  'volumeattachments.storage.k8s.io': [
    NAME,
    column('Attacher', 'string', (object) => text(object, 'spec', 'attacher'), 'name'),
    column('PV', 'string', (object) => text(object, 'spec', 'source', 'persistentVolumeName')),
    column('Node', 'string', (object) => text(object, 'spec', 'nodeName')),
    column('Attached', 'boolean', (object) => flag(object, 'status', 'attached')),
    AGE,
  ],
})

function ifBound(name: string, describe: (claim: KubeObject) => string): Column {
  return column(name, 'string', (claim) => (text(claim, 'spec', 'volumeName') === '' ? '' : describe(claim)))
}

/** Short words of the access modes, in kubectl's order. */
const ACCESS_MODES = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
] as const

function describeModes(volume: KubeObject, part: 'spec' | 'status'): string {
  const modes = texts(volume, part, 'accessModes')
  return ACCESS_MODES.flatMap(([mode, short]) => (modes.includes(mode) ? [short] : [])).join(',')
}

function describeClaim(volume: KubeObject): string {
  if (!isSet(volume, 'spec', 'claimRef')) return ''
  return `${text(volume, 'spec', 'claimRef', 'namespace')}/${text(volume, 'spec', 'claimRef', 'name')}`
}

/** The annotation from before the field existed still goes first. */
function storageClassOf(volume: KubeObject): string {
  const field = text(volume, 'spec', 'storageClassName')
  return textOr(field, volume, 'metadata', 'annotations', 'volume.beta.kubernetes.io/storage-class')
}

const DEFAULT_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

function isDefault(object: KubeObject): boolean {
  return DEFAULT_CLASS.some((name) => text(object, 'metadata', 'annotations', name) === 'true')
}
