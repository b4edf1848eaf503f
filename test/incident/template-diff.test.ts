import { describe, expect, it } from 'vitest'
import { diffPods, diffTemplates } from '../../src/incident/template-diff.ts'
import { incidentOf } from './scene.ts'
import { pod, replicaSet } from './things.ts'

const template = (container: Record<string, unknown>, metadata = {}) => ({
  spec: {
    template: { metadata, spec: { containers: [{ name: 'app', image: 'registry.example/web:1', ...container }] } },
  },
})

async function differences(before: Parameters<typeof template>, after: Parameters<typeof template>) {
  const incident = await incidentOf({
    objects: [
      replicaSet('shop/web-7d4f8b9c6', 'web', 1, template(...before)),
      replicaSet('shop/web-6c8f7d9b5', 'web', 2, template(...after)),
    ],
  })
  const [newer, older] = incident.objects('replicasets.apps')
  if (!older || !newer) throw new Error('no ReplicaSets')
  return diffTemplates(older, newer).map(({ what, says }) => `${what}: ${says}`)
}

describe('template differences', () => {
  it('are told by container and field', async () => {
    const before = { env: [{ name: 'MODE', value: 'a' }], resources: { limits: { memory: '512Mi' } } }
    const after = {
      image: 'registry.example/web:2',
      env: [{ name: 'MODE', value: 'b' }],
      resources: { limits: { memory: '128Mi' } },
    }
    expect(await differences([before], [after])).toEqual([
      'image: app image from registry.example/web:1 to registry.example/web:2',
      'env: app env MODE value from a to b',
      'limits: app limits memory from 512Mi to 128Mi',
    ])
  })

  it('are none where only the hash and the time of a restart differ, or a pseudonym stays', async () => {
    const env = [{ name: 'PASSWORD', value: '<redacted:1f3a>' }]
    const restarted = {
      annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-02-01T11:00:00Z' },
      labels: { 'pod-template-hash': 'x' },
    }
    expect(await differences([{ env }, { annotations: {}, labels: {} }], [{ env }, restarted])).toEqual([])
  })

  it('of two pods leave out what the API server mounts into each', async () => {
    const mount = (name: string) => ({
      volumeMounts: [{ name, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }],
    })
    const incident = await incidentOf({
      objects: [
        pod('shop/db-0', { containers: [{ spec: mount('kube-api-access-abcde') }] }),
        pod('shop/db-1', { containers: [{ image: 'registry.example/db:2', spec: mount('kube-api-access-fghij') }] }),
      ],
    })
    const [older, newer] = incident.pods
    if (!older || !newer) throw new Error('no pods')
    expect(diffPods(older, newer).map(({ what }) => what)).toEqual(['image'])
  })
})
