import { isSet, type KubeObject, list, number, text } from './access.ts'
import { humanDuration } from './age.ts'
import { AGE, column, NAME } from './column.ts'
import { tables } from './table.ts'

/** The group certificates.k8s.io. */
export const certificates = tables({
  'certificatesigningrequests.certificates.k8s.io': [
    NAME,
    AGE,
    column('SignerName', 'string', (request) => text(request, 'spec', 'signerName') || '<none>'),
    column('Requestor', 'string', (request) => text(request, 'spec', 'username')),
    column('RequestedDuration', 'string', (request) => {
      if (!isSet(request, 'spec', 'expirationSeconds')) return '<none>'
      return humanDuration(number(request, 'spec', 'expirationSeconds') * 1000)
    }),
    column('Condition', 'string', describeRequest),
  ],
  'clustertrustbundles.certificates.k8s.io': [
    NAME,
    column('SignerName', 'string', (bundle) => text(bundle, 'spec', 'signerName') || '<none>'),
  ],
  'podcertificaterequests.certificates.k8s.io': [
    NAME,
    column('PodName', 'string', (request) => text(request, 'spec', 'podName')),
    column('ServiceAccountName', 'string', (request) => text(request, 'spec', 'serviceAccountName')),
    column('NodeName', 'string', (request) => text(request, 'spec', 'nodeName')),
    column('SignerName', 'string', (request) => text(request, 'spec', 'signerName')),
    column('State', 'string', (request) => {
      return conditionTypes(request).findLast((type) => ['Issued', 'Denied', 'Failed'].includes(type)) ?? 'Pending'
    }),
  ],
})

function conditionTypes(request: KubeObject): readonly string[] {
  return list(request, 'status', 'conditions').map((one) => text(one, 'type'))
}

function describeRequest(request: KubeObject): string {
  const types = conditionTypes(request)
  const decision = ['Denied', 'Approved'].find((type) => types.includes(type)) ?? 'Pending'
  const failed = types.includes('Failed') ? ',Failed' : ''
  return `${decision}${failed}${text(request, 'status', 'certificate') === '' ? '' : ',Issued'}`
}
