import { describe, expect, it } from 'vitest'
import type { BundleReader } from '../../src/bundle/reader.ts'
import { analyze } from '../../src/rca/analyze.ts'
import type { Report } from '../../src/rca/report.ts'
import { ago, bundleOf, resourceOf, type Scene, type Thing } from '../incident/scene.ts'
import { crashed, event, node, pod, replicaSet, thing, workload } from '../incident/things.ts'
import { cases, neighbour, withNeighbour } from './cases.ts'

function explain(bundle: BundleReader): Promise<Report> {
  return analyze(bundle, { name: 'scene', toolVersion: '0' })
}

describe.each(cases)('$name', ({ scene, rules, subject }) => {
  const whole = withNeighbour(scene)
  const kinds = [...new Set(whole.objects.map(resourceOf)), 'logs']

  it('never gets a wrong confirmed cause by evidence that is missing', async () => {
    for (const kind of kinds) {
      const { causes } = await explain(bundleOf({ ...whole, denied: [kind] }))
      const wrong = causes.filter(({ confidence, rule }) => confidence === 'confirmed' && !rules.includes(rule))
      // What stands behind the cause in its chain is true as well.
      const chains = (await explain(bundleOf(whole))).causes.flatMap((cause) => [cause, ...cause.chain])
      const known = chains.map(({ rule, subject: { name } }) => `${rule} ${name}`)
      const names = wrong.map((cause) => `${cause.rule} ${cause.subject.name}`).filter((name) => !known.includes(name))
      expect(names, `without ${kind}`).toEqual([])
    }
  })

  it('gets the same bytes whatever the order of its files', async () => {
    const bundle = bundleOf(whole)
    const turned = { ...bundle, files: new Map([...bundle.files].reverse()) }
    expect(JSON.stringify(await explain(turned))).toBe(JSON.stringify(await explain(bundle)))
  })

  it('gets the same cause from nodes whose clocks are two minutes ahead', async () => {
    const { causes } = await explain(bundleOf({ ...whole, objects: ahead(whole.objects, 120) }))
    expect(rules).toContain(causes[0]?.rule)
    expect(`${causes[0]?.subject.kind} ${causes[0]?.subject.name}`).toMatch(subject)
  })
})

it('gives the same bytes a hundred times', async () => {
  const scene = withNeighbour(cases[11]?.scene as Scene)
  const first = JSON.stringify(await explain(bundleOf(scene)))
  for (let run = 1; run < 100; run++) expect(JSON.stringify(await explain(bundleOf(scene)))).toBe(first)
})

/** What kubelets write by their own clocks, with the lease that gives the clock away. */
function ahead(objects: readonly Thing[], seconds: number): readonly Thing[] {
  const shift = (text: string): string =>
    new Date(Date.parse(text) + seconds * 1000).toISOString().replace('.000Z', 'Z')
  const shifted = objects.map((object): Thing => {
    if (object.kind !== 'Pod') return object
    const text = JSON.stringify(object).replace(
      /"(startedAt|finishedAt)":"([^"]+)"/g,
      (_, key, at) => `"${key}":"${shift(at)}"`,
    )
    return JSON.parse(text)
  })
  const leases = objects
    .filter(({ kind }) => kind === 'Node')
    .map((one) => {
      const { name } = one.metadata as { name: string }
      const managedFields = [
        { manager: 'kubelet', operation: 'Update', time: ago(10), fieldsV1: { 'f:spec': { 'f:renewTime': {} } } },
      ]
      return thing('coordination.k8s.io/v1', 'Lease', `kube-node-lease/${name}`, {
        metadata: { managedFields },
        spec: { holderIdentity: name, renewTime: shift(ago(10)) },
      })
    })
  return [...shifted, ...leases]
}

describe('a cluster that is well', () => {
  const noisy: Readonly<Record<string, readonly Thing[]>> = {
    'with nothing to tell of': [],
    'with a pod that restarted long ago': [
      pod('shop/web-6b7c8d9f5-abcde', {
        owner: 'ReplicaSet/web-6b7c8d9f5',
        created: 400_000,
        containers: [
          {
            status: {
              restartCount: 3,
              lastState: {
                terminated: { reason: 'OOMKilled', exitCode: 137, startedAt: ago(300_000), finishedAt: ago(200_000) },
              },
            },
          },
        ],
      }),
    ],
    'with warnings that are over': [
      pod('shop/web-6b7c8d9f5-abcde', { owner: 'ReplicaSet/web-6b7c8d9f5', created: 3000 }),
      event(
        'shop',
        'Pod/web-6b7c8d9f5-abcde',
        'Unhealthy',
        'Readiness probe failed: HTTP probe failed with statuscode: 503',
        { count: 3, first: 2990, last: 2970 },
      ),
      event(
        'shop',
        'Pod/web-6b7c8d9f5-abcde',
        'FailedScheduling',
        '0/2 nodes are available: 2 Insufficient cpu. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
        { first: 2999, last: 2999, component: 'default-scheduler' },
      ),
      event('', 'Node/node-1', 'InvalidDiskCapacity', 'invalid capacity 0 on image filesystem', {
        first: 3500,
        last: 3500,
      }),
    ],
    'in the middle of a rollout': [
      workload(
        'Deployment',
        'shop/web',
        {
          status: {
            readyReplicas: 3,
            updatedReplicas: 1,
            replicas: 4,
            unavailableReplicas: 1,
            conditions: [
              {
                type: 'Progressing',
                status: 'True',
                reason: 'ReplicaSetUpdated',
                message: 'ReplicaSet "web-7b7c8d9f5" is progressing.',
                lastTransitionTime: ago(20),
              },
            ],
          },
        },
        3,
      ),
      replicaSet('shop/web-6b7c8d9f5', 'web', 1, { spec: { replicas: 3 }, status: { readyReplicas: 3 } }),
      replicaSet('shop/web-7b7c8d9f5', 'web', 2, {
        metadata: { creationTimestamp: ago(20) },
        spec: { replicas: 1, template: { spec: { containers: [{ name: 'app', image: 'registry.example/web:2' }] } } },
        status: { readyReplicas: 0 },
      }),
      pod('shop/web-6b7c8d9f5-aaaaa', { owner: 'ReplicaSet/web-6b7c8d9f5' }),
      pod('shop/web-6b7c8d9f5-bbbbb', { owner: 'ReplicaSet/web-6b7c8d9f5', node: 'node-2' }),
      pod('shop/web-7b7c8d9f5-ccccc', {
        owner: 'ReplicaSet/web-7b7c8d9f5',
        created: 15,
        ready: false,
        status: {
          phase: 'Pending',
          containerStatuses: [
            { name: 'app', ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } },
          ],
        },
      }),
      pod('shop/web-6b7c8d9f5-ddddd', {
        owner: 'ReplicaSet/web-6b7c8d9f5',
        metadata: { deletionTimestamp: ago(-20), deletionGracePeriodSeconds: 30 },
      }),
    ],
    'with finished jobs, one of which failed once yesterday': [
      thing('batch/v1', 'Job', 'ops/report-1', {
        status: { succeeded: 1, conditions: [{ type: 'Complete', status: 'True', lastTransitionTime: ago(2000) }] },
      }),
      thing('batch/v1', 'Job', 'ops/report-0', {
        status: {
          failed: 1,
          conditions: [
            { type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', lastTransitionTime: ago(90_000) },
          ],
        },
      }),
      pod('ops/report-1-abcde', {
        owner: 'Job/report-1',
        ready: false,
        status: {
          phase: 'Succeeded',
          containerStatuses: [
            {
              name: 'app',
              ready: false,
              restartCount: 0,
              state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: ago(2000) } },
            },
          ],
          conditions: [{ type: 'Ready', status: 'False', reason: 'PodCompleted', lastTransitionTime: ago(2000) }],
        },
      }),
      pod('ops/report-0-abcde', {
        owner: 'Job/report-0',
        ready: false,
        status: {
          phase: 'Failed',
          containerStatuses: [
            {
              name: 'app',
              ready: false,
              restartCount: 0,
              state: { terminated: { exitCode: 1, reason: 'Error', finishedAt: ago(90_000) } },
            },
          ],
        },
      }),
    ],
    'with one restart half an hour ago': [
      pod('shop/web-6b7c8d9f5-abcde', {
        owner: 'ReplicaSet/web-6b7c8d9f5',
        containers: [
          {
            status: {
              ...crashed({ restarts: 1, at: 1800 }),
              ready: true,
              state: { running: { startedAt: ago(1790) } },
            },
          },
        ],
      }),
    ],
    'with a node that is drained for maintenance': [
      node('node-3', {
        spec: {
          unschedulable: true,
          taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', timeAdded: ago(600) }],
        },
      }),
    ],
  }

  it.each(Object.entries(noisy))('%s has no cause', async (_, objects) => {
    const { causes, verdict } = await explain(bundleOf({ objects: [...neighbour, ...objects] }))
    const sure = causes.filter(({ confidence }) => confidence === 'confirmed' || confidence === 'probable')
    expect(sure.map(({ rule, subject, says }) => `${rule} ${subject.name}: ${says}`)).toEqual([])
    expect(verdict.status).not.toBe('explained')
  })
})
