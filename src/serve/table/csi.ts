import { at, flag, isSet, list, size, text, texts } from './access.ts'
import { AGE, column, NAME } from './column.ts'
import { tables } from './table.ts'

/** Drivers of the Container Storage Interface; the API server prints CSIStorageCapacities by default, though it has columns for them. */
export const csi = tables({
  'csidrivers.storage.k8s.io': [
    NAME,
    column('AttachRequired', 'boolean', (driver) => at(driver, 'spec', 'attachRequired') !== false),
    column('PodInfoOnMount', 'boolean', (driver) => flag(driver, 'spec', 'podInfoOnMount')),
    column('StorageCapacity', 'boolean', (driver) => flag(driver, 'spec', 'storageCapacity')),
    column('TokenRequests', 'string', (driver) => {
      if (!isSet(driver, 'spec', 'tokenRequests')) return '<unset>'
      const audiences = list(driver, 'spec', 'tokenRequests').map((request) => text(request, 'audience'))
      return audiences.join(',')
    }),
    column('RequiresRepublish', 'boolean', (driver) => flag(driver, 'spec', 'requiresRepublish')),
    column('Modes', 'string', (driver) => texts(driver, 'spec', 'volumeLifecycleModes').join(',') || '<none>'),
    AGE,
  ],
  'csinodes.storage.k8s.io': [NAME, column('Drivers', 'integer', (node) => size(node, 'spec', 'drivers')), AGE],
})
