import { expect, it } from 'vitest'
import { aws } from '../../../src/rules/aws/index.ts'
import { controlPlane } from '../../../src/rules/control-plane/index.ts'
import { dns } from '../../../src/rules/dns/index.ts'
import { evaluateRules } from '../../../src/rules/evaluate.ts'
import { incidentOf, type Scene } from '../../incident/scene.ts'
import { endpointSlice, event, node, pod, service, thing, workload } from '../../incident/things.ts'
import { COREFILE, LOG_OF_DNS, nameServer } from './cluster.ts'

const PLACE = 'shop/web-6c8f7d9b5-abcde'
const CALL =
  'Error creating: Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: Post "https://guard.guard.svc:443/check?timeout=10s": '

/** A cluster that is well, and whose components complain as they always do. */
const noisy: Scene = {
  objects: [
    node('node-1'),
    ...nameServer({ corefile: COREFILE }),
    workload('Deployment', 'shop/web'),
    pod(PLACE, { owner: 'ReplicaSet/web-6c8f7d9b5', labels: { app: 'web' } }),
    service('shop/web'),
    endpointSlice('shop/web', [{ pod: 'web-6c8f7d9b5-abcde', ready: true }]),
    workload('Deployment', 'guard/guard'),
    service('guard/guard'),
    pod('guard/guard-7b9c5d4f6-abcde', { owner: 'ReplicaSet/guard-7b9c5d4f6', labels: { app: 'guard' } }),
    endpointSlice('guard/guard', [{ pod: 'guard-7b9c5d4f6-abcde', ready: true }]),
    thing('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'guard', {
      webhooks: [
        {
          name: 'check.example.com',
          failurePolicy: 'Fail',
          clientConfig: { service: { namespace: 'guard', name: 'guard' } },
        },
      ],
    }),
    event('shop', 'ReplicaSet/web-6c8f7d9b5', 'FailedCreate', `${CALL}context deadline exceeded`, {
      first: 900,
      last: 840,
    }),
    event(
      'shop',
      `Pod/${PLACE.split('/')[1]}`,
      'Failed',
      'Failed to pull image "registry.example/web:1": 403 Forbidden',
      { last: 2000 },
    ),
    pod('kube-system/etcd-node-1'),
    pod('ops/backup-29000000-abcde', { owner: 'Job/backup-29000000', status: { phase: 'Succeeded' } }),
  ],
  logs: {
    [LOG_OF_DNS]: [
      '2026-02-01T11:00:01Z [INFO] plugin/ready: Still waiting on: "kubernetes"',
      '2026-02-01T11:00:02Z [ERROR] plugin/errors: 2 4547991504243258144.3688648895315093531. HINFO: read udp 10.244.0.2:41234->10.0.0.2:53: i/o timeout',
      '2026-02-01T11:57:00Z [ERROR] plugin/errors: 2 telemetry.example.com. A: read udp 10.244.0.2:41234->10.0.0.2:53: i/o timeout',
      '2026-02-01T11:57:30Z [WARNING] plugin/health: Local health request to "http://:8080/health" took more than 1s: 1.1s',
    ].join('\n'),
    [`${PLACE}/app`]: [
      '2026-02-01T11:00:10Z ERROR dial tcp: lookup db on 10.96.0.10:53: no such host',
      '2026-02-01T11:57:00Z ERROR traces export: dial tcp: lookup jaeger-agent on 10.96.0.10:53: no such host',
      '2026-02-01T11:57:10Z WARN events is forbidden: User "system:serviceaccount:shop:default" cannot list resource "events" in API group "" at the cluster scope',
      '2026-02-01T11:57:20Z ERROR api error ThrottlingException: Rate exceeded',
      '2026-02-01T11:57:30Z W0201 Waited for 1.1s due to client-side throttling, not priority and fairness, request: GET:https://10.96.0.1:443/api',
      '2026-02-01T11:57:40Z ERROR Get "https://partner.example.com/": x509: certificate has expired or is not yet valid',
      '2026-02-01T11:57:50Z ERROR user login refused: token is expired',
      '2026-02-01T11:57:55Z ERROR error retrieving resource lock: etcdserver: leader changed',
    ].join('\n'),
    'kube-system/etcd-node-1/etcd':
      '2026-02-01T11:57:00Z {"level":"warn","msg":"apply request took too long","took":"150ms"}',
    'ops/backup-29000000-abcde/app':
      '2026-02-01T11:50:00Z ERROR AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity, retrying',
  },
  files: {
    'apiserver/readyz.txt': '[+]ping ok\n[+]etcd ok\nreadyz check passed\n',
    'apiserver/metrics.txt':
      'apiserver_flowcontrol_rejected_requests_total{flow_schema="global-default",priority_level="global-default",reason="time-out"} 3\n',
  },
}

it('a cluster that is well has no cause, whatever its components say', async () => {
  const outcomes = evaluateRules(await incidentOf(noisy), [...controlPlane, ...dns, ...aws])
  expect(outcomes.filter(({ status }) => status === 'crashed')).toEqual([])
  const causes = outcomes.flatMap(({ rule, findings }) =>
    findings.map(({ kind, says }) => `${rule.id} ${kind} ${says}`),
  )
  expect(causes).toEqual([])
})
