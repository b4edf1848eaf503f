import { describe, expect, it } from 'vitest'
import { healing } from '../../../src/rules/healing/index.ts'
import { workload as rules } from '../../../src/rules/workload/index.ts'
import { ago, type Scene } from '../../incident/scene.ts'
import { endpointSlice, event, node, pod, replicaSet, service, thing, workload, wrote } from '../../incident/things.ts'
import { evaluate } from '../check.ts'

const web = 'ReplicaSet/web-6c8f7d9b5'
const labels = { app: 'web' }
const settings = { 'f:data': { 'f:PORT': {} } }

/** What a cluster that is well looks like on an ordinary day: old warnings, a rollout on its way, jobs that are done, programs that complain. */
const ordinary: Scene = {
  objects: [
    node('node-1'),
    node('node-2'),
    workload(
      'Deployment',
      'shop/web',
      { metadata: { managedFields: [wrote('kubectl-client-side-apply', 120, { 'f:spec': { 'f:template': {} } })] } },
      3,
    ),
    replicaSet('shop/web-6c8f7d9b5', 'web', 1),
    replicaSet('shop/web-7d9f8c6b5', 'web', 2, { metadata: { creationTimestamp: ago(120) } }),
    service('shop/web'),
    endpointSlice('shop/web', [{ pod: 'web-6c8f7d9b5-x7k2p', ready: true }]),
    pod('shop/web-6c8f7d9b5-x7k2p', {
      owner: web,
      labels,
      containers: [{ spec: { envFrom: [{ configMapRef: { name: 'settings' } }] } }],
    }),
    // The next generation starts: it is not ready yet, and its probe has failed twice.
    pod('shop/web-7d9f8c6b5-9q4zt', { owner: 'ReplicaSet/web-7d9f8c6b5', labels, created: 20, ready: false }),
    event(
      'shop',
      'Pod/web-7d9f8c6b5-9q4zt',
      'Unhealthy',
      'Readiness probe failed: Get "http://10.244.0.10:8080/": dial tcp 10.244.0.10:8080: connect: connection refused',
      { count: 2, last: 8, first: 14 },
    ),
    // The one before was stopped.
    event('shop', 'Pod/web-6c8f7d9b5-w2c4d', 'Killing', 'Stopping container app', { type: 'Normal', last: 60 }),
    event(
      'shop',
      'Pod/web-6c8f7d9b5-w2c4d',
      'Unhealthy',
      'Liveness probe failed: HTTP probe failed with statuscode: 500',
      { last: 58 },
    ),
    // Restarted days ago, and again once within the hour: it runs.
    pod('shop/cache-0', {
      owner: 'StatefulSet/cache',
      created: 600_000,
      containers: [
        {
          status: {
            restartCount: 9,
            state: { running: { startedAt: ago(90_000) } },
            lastState: {
              terminated: { reason: 'Error', exitCode: 1, startedAt: ago(95_000), finishedAt: ago(90_005) },
            },
          },
        },
      ],
    }),
    pod('shop/queue-0', {
      owner: 'StatefulSet/queue',
      created: 600_000,
      containers: [
        {
          status: {
            restartCount: 1,
            state: { running: { startedAt: ago(1200) } },
            lastState: {
              terminated: { reason: 'Error', exitCode: 137, startedAt: ago(500_000), finishedAt: ago(1205) },
            },
          },
        },
      ],
    }),
    event('shop', 'Pod/queue-0', 'Killing', 'Container app failed liveness probe, will be restarted', {
      type: 'Normal',
      last: 1210,
    }),
    // Its probe restarted it some minutes ago, and it has run since; and one whose only pod is being replaced.
    pod('shop/search-0', {
      owner: 'StatefulSet/search',
      created: 600_000,
      containers: [
        {
          spec: { livenessProbe: { httpGet: { path: '/', port: 8080 } } },
          status: {
            restartCount: 1,
            state: { running: { startedAt: ago(500) } },
            lastState: {
              terminated: { reason: 'Error', exitCode: 137, startedAt: ago(500_000), finishedAt: ago(505) },
            },
          },
        },
      ],
    }),
    event('shop', 'Pod/search-0', 'Killing', 'Container app failed liveness probe, will be restarted', {
      type: 'Normal',
      last: 510,
    }),
    service('shop/single'),
    pod('shop/single-0', { owner: 'StatefulSet/single', labels: { app: 'single' }, created: 30, ready: false }),
    // Jobs: one that is done, one whose first pod failed and whose second did it.
    pod('shop/report-28931-7hj2k', {
      owner: 'Job/report-28931',
      ready: false,
      status: { phase: 'Succeeded' },
      containers: [{ status: { state: { terminated: { reason: 'Completed', exitCode: 0, finishedAt: ago(400) } } } }],
    }),
    pod('shop/load-4x9pz', {
      owner: 'Job/load',
      ready: false,
      status: { phase: 'Failed' },
      containers: [{ status: { state: { terminated: { reason: 'Error', exitCode: 1, finishedAt: ago(800) } } } }],
    }),
    thing('batch/v1', 'Job', 'shop/load', { status: { succeeded: 1, failed: 1 } }),
    // An image that came after a while, a mount that raced with its Secret.
    event(
      'shop',
      'Pod/web-6c8f7d9b5-x7k2p',
      'Failed',
      'Failed to pull image "registry.example/web:1": rpc error: code = NotFound desc = failed to pull and unpack image "registry.example/web:1": not found',
      { last: 3500 },
    ),
    event(
      'shop',
      'Pod/web-6c8f7d9b5-x7k2p',
      'FailedMount',
      'MountVolume.SetUp failed for volume "certs" : secret "web-tls" not found',
      { last: 3500 },
    ),
    // A quota that once was full.
    event(
      'shop',
      web,
      'FailedCreate',
      'Error creating: pods "web-6c8f7d9b5-x" is forbidden: exceeded quota: team, requested: pods=1, used: pods=10, limited: pods=10',
      { last: 3000 },
    ),
    // A Service of a variant that does not run now, and one of something outside.
    service('shop/web-canary', { spec: { selector: { app: 'web', track: 'canary' } } }),
    thing('v1', 'Service', 'shop/mail', { spec: { type: 'ExternalName', externalName: 'mail.example.com' } }),
    // Settings that were changed after their readers started.
    thing('v1', 'ConfigMap', 'shop/settings', { metadata: { managedFields: [wrote('kubectl-edit', 1800, settings)] } }),
  ],
  logs: {
    'shop/web-6c8f7d9b5-x7k2p/app': `${ago(3590)} ERROR dial tcp db.shop.svc.cluster.local:5432: connect: connection refused\n${ago(600)} WARN slow request\n${ago(20)} ERROR user not found\n`,
    'shop/cache-0/app': `${ago(50)} ERROR open /proc/sys/net: permission denied\n`,
  },
}

describe('a cluster that is well, on an ordinary day', () => {
  for (const rule of [...rules, ...healing])
    it(`gives no cause for ${rule.id}`, async () => {
      const { findings } = await evaluate(rule, ordinary)
      expect(findings.filter(({ kind }) => kind === 'cause' || kind === 'mechanism').map(({ says }) => says)).toEqual(
        [],
      )
    })
})
