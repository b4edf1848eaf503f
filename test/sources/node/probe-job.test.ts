import { describe, expect, it } from 'vitest'
import { batchCommand, isLeftBehind, probeJob } from '../../../src/sources/node/probe-job.ts'

const SETTINGS = { name: 'p1', namespace: 'kube-system', node: 'n1', image: 'busybox:1.36', pull: true, lifetime: 210 }

/** The Job as JSON: what the server gets. */
function job(more: Partial<typeof SETTINGS> = {}) {
  const text = JSON.stringify(probeJob({ ...SETTINGS, ...more }))
  const { spec } = JSON.parse(text)
  return { text, spec, pod: spec.template.spec, container: spec.template.spec.containers[0] }
}

describe('the Job of a probe', () => {
  it('ends by itself whoever has gone: by its process, the kubelet and the controller, and is removed then', () => {
    const { spec, pod, container } = job()
    expect(spec).toMatchObject({ backoffLimit: 0, activeDeadlineSeconds: 210, ttlSecondsAfterFinished: 30 })
    expect(pod).toMatchObject({ activeDeadlineSeconds: 210, restartPolicy: 'Never' })
    expect(container.command).toEqual(['sleep', '210'])
  })

  it('is placed by name on a node that nothing else would be placed on, and drives nobody out', () => {
    const { text, pod, container } = job()
    expect(pod).toMatchObject({
      nodeName: 'n1',
      hostNetwork: true,
      hostPID: true,
      tolerations: [{ operator: 'Exists' }],
    })
    expect(text).not.toMatch(/priority/i)
    expect(container.resources).toEqual({
      requests: { cpu: '10m', memory: '32Mi' },
      limits: { cpu: '500m', memory: '128Mi' },
    })
  })

  it('sees all of the node and changes nothing of it, with neither a token nor the rights of a privileged one', () => {
    const { pod, container } = job()
    expect(pod.automountServiceAccountToken).toBe(false)
    expect(container.volumeMounts[0]).toMatchObject({ readOnly: true, recursiveReadOnly: 'IfPossible' })
    expect(container.securityContext).toMatchObject({
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(pod.volumes.filter((one: { hostPath?: object }) => one.hostPath)).toHaveLength(1)
  })

  it('never pulls an image that was found on the node', () => {
    expect([job().container.imagePullPolicy, job({ pull: false }).container.imagePullPolicy]).toEqual([
      'IfNotPresent',
      'Never',
    ])
  })

  it('has the script as a variable in which Kubernetes expands nothing', () => {
    const [batch] = job().container.env
    expect(batch.value).toContain('keep_hosted statistics.txt')
    expect(batch.value).not.toMatch(/\$\$|^\s*#/m)
    expect(batchCommand(1, ['ena']).slice(2)).toEqual(['eval "$FREEZEFRAME_BATCH"', 'batch', '1', 'ena'])
  })

  it('is left behind only when its deadline and its TTL have long passed', () => {
    const metadata = { name: 'p1', uid: 'u1', creationTimestamp: '2026-01-31T08:00:00Z' }
    const old = { metadata, spec: { activeDeadlineSeconds: 210 } }
    expect(isLeftBehind(old, Date.parse('2026-01-31T08:04:29Z'))).toBe(false)
    expect(isLeftBehind(old, Date.parse('2026-01-31T08:04:31Z'))).toBe(true)
    expect(isLeftBehind({ ...old, metadata: { ...metadata, creationTimestamp: 'soon' } }, Date.now())).toBe(false)
  })
})
