import { at, condition, type KubeObject, list, text, textOr } from './access.ts'
import { AGE, column, NAME, nameOf } from './column.ts'
import { shorten } from './shorten.ts'
import { tables } from './table.ts'

/** What API servers say about the APIs that they serve. */
export const apiServer = tables({
  'apiservices.apiregistration.k8s.io': [
    NAME,
    column('Service', 'string', (object) => {
      const service = at(object, 'spec', 'service')
      return service === undefined ? 'Local' : `${text(service, 'namespace')}/${text(service, 'name')}`
    }),
    column('Available', 'string', describeAvailability),
    AGE,
  ],
  'storageversions.internal.apiserver.k8s.io': [
    NAME,
    column('CommonEncodingVersion', 'string', (object) => textOr('<unset>', object, 'status', 'commonEncodingVersion')),
    column('StorageVersions', 'string', (object) => {
      const versions = list(object, 'status', 'storageVersions').map(
        (one) => `${text(one, 'apiServerID')}=${text(one, 'encodingVersion')}`,
      )
      return shorten(versions, 3) || '<unset>'
    }),
    AGE,
  ],
  'storageversionmigrations.storagemigration.k8s.io': [
    column('Name', 'string', nameOf),
    column('Resource', 'string', (object) => {
      const resource = at(object, 'spec', 'resource')
      return `${text(resource, 'resource')}.${text(resource, 'version')}.${text(resource, 'group')}`
    }),
  ],
})

function describeAvailability(object: KubeObject): string {
  const available = condition(object, 'Available')
  const status = available === undefined ? 'Unknown' : text(available, 'status')
  const reason = text(available, 'reason')
  return status === 'True' || reason === '' ? status : `${status} (${reason})`
}
