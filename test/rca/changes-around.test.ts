import { expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import { renderText } from '../../src/report/text.ts'
import { ago, bundleOf } from '../incident/scene.ts'
import { endpointSlice, event, pod, replicaSet, service, thing, workload } from '../incident/things.ts'

const at = (seconds: number) => ({ metadata: { creationTimestamp: ago(seconds) } })
const deployment = (place: string, revisions: readonly number[]) => [
  workload('Deployment', place),
  ...revisions.map((seconds, index) =>
    replicaSet(`${place}-${index}aaa`, place.split('/')[1] ?? '', index + 1, at(seconds)),
  ),
]
const REFUSED =
  'Error creating: Internal error occurred: failed calling webhook "check.policy.example.com": failed to call webhook: Post "https://policy.policy-system.svc:443/validate?timeout=10s": dial tcp 10.1.0.9:8443: connect: connection refused'

/** Four components were updated within minutes; the policy no longer answers, and the edge is what it refuses. */
const report = await analyze(
  bundleOf({
    objects: [
      thing('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'policy-gate', {
        webhooks: [
          {
            name: 'check.policy.example.com',
            failurePolicy: 'Fail',
            clientConfig: { service: { name: 'policy', namespace: 'policy-system', path: '/validate' } },
            rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
          },
        ],
      }),
      service('policy-system/policy'),
      endpointSlice('policy-system/policy', [{ pod: 'policy-1aaa-x', ready: true }]),
      pod('policy-system/policy-1aaa-x', { owner: 'ReplicaSet/policy-1aaa', labels: { app: 'policy' } }),
      ...deployment('policy-system/policy', [600_000, 500]),
      ...deployment('ops/shipper', [600_000, 560]),
      ...deployment('ops/old', [600_000, 5000]),
      ...deployment('edge/edge', [600_000, 400]),
      event('edge', 'ReplicaSet/edge-1aaa', 'FailedCreate', REFUSED, {
        component: 'replicaset-controller',
        count: 15,
        first: 399,
        last: 30,
      }),
    ],
  }),
  { name: 'scene', toolVersion: '0' },
)

it('an update of what answers has set it off, and not the update of what is refused', () => {
  expect(report.causes[0]?.rule).toBe('webhook-down-fail-closed')
  expect(report.causes[0]?.triggers.map(({ subject }) => subject.name)).toEqual(['policy'])
})

it('other updates of the time are told as changes, and those of long before are not', () => {
  const changes = report.timeline.filter(({ kind }) => kind === 'change').map(({ about }) => about.name)
  expect(changes).toEqual(['shipper', 'policy', 'edge'])
  const [, others = ''] = renderText(report).split('Changed at that time too')
  expect(others).toMatch(/ops\/shipper got a new template/)
  expect(others).toMatch(/edge\/edge got a new template/)
  expect(others).not.toMatch(/policy-system\/policy got/)
})
