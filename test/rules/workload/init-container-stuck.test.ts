import { describe, expect, it } from 'vitest'
import { initContainerStuck } from '../../../src/rules/workload/init-container-stuck.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { endpointSlice, pod, service, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const NAME = 'web-6c8f7d9b5-abcde'
const waiting = (seconds: number, spec: Record<string, unknown> = {}) =>
  pod(`shop/${NAME}`, {
    owner: 'ReplicaSet/web-6c8f7d9b5',
    ready: false,
    spec: { initContainers: [{ name: 'wait', image: 'busybox', ...spec }] },
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        { name: 'wait', restartCount: 0, ready: false, state: { running: { startedAt: ago(seconds) } } },
      ],
    },
  })

describe('init-container-stuck', () => {
  it('says for how long, and what it waits for', async () => {
    const logs = { [`shop/${NAME}/wait`]: `${ago(20)} waiting for the database to accept connections\n` }
    const outcome = await evaluate(initContainerStuck, { objects: [waiting(1800)], logs })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain('30 min')
    expect(outcome.findings[0]?.says).toContain('waiting for the database')
  })

  it('is quiet about one that began lately, and about a sidecar', async () => {
    for (const objects of [[waiting(120)], [waiting(1800, { restartPolicy: 'Always' })]])
      expect((await evaluate(initContainerStuck, { objects })).status).toBe('clear')
  })

  it('leads to the Service that it waits for in its own words', async () => {
    const logs = { [`shop/${NAME}/wait`]: `${ago(20)} waiting for db\n` }
    const services = [service('shop/db'), endpointSlice('shop/db', [])]
    const awaited = await evaluate(initContainerStuck, { objects: [waiting(1800), ...services], logs })
    expect(awaited.findings[0]).toMatchObject({ kind: 'mechanism' })
    expect(awaited.findings[0]?.says).toContain('Service shop/db')
    const nobody = await evaluate(initContainerStuck, { objects: [waiting(1800)], logs })
    expect(nobody.findings[0]).toMatchObject({ kind: 'cause' })
  })

  const job = (status: Record<string, unknown>, image = 'registry.example/web:2', created = 1000) =>
    thing('batch/v1', 'Job', 'shop/migrate', {
      metadata: { creationTimestamp: ago(created) },
      spec: { template: { spec: { containers: [{ name: 'app', image }] } } },
      status,
    })

  it.each([
    [['kubectl', 'wait', '--for=condition=complete', '--timeout=1h', 'job/migrate']],
    [['k8s-wait-for', 'job-wr', 'migrate']],
    [['sh', '-c', "until kubectl get jobs.batch/migrate -o jsonpath='{.status.succeeded}' | grep 1; do sleep 5; done"]],
  ])('leads to the failed Job that its command names: %s', async (command) => {
    const { findings } = await evaluate(initContainerStuck, {
      objects: [waiting(1800, { command }), job({ failed: 4 })],
    })
    expect(findings[0]).toMatchObject({ kind: 'mechanism' })
    expect(findings[0]?.says).toContain('it waits for the Job migrate, which failed')
    for (const status of [{ active: 1 }, { failed: 1, succeeded: 1 }]) {
      const well = await evaluate(initContainerStuck, { objects: [waiting(1800, { command }), job(status)] })
      expect(well.findings[0]?.kind).toBe('cause')
    }
  })

  it('only suggests a failed Job of the same image that it may wait for', async () => {
    const command = ['python', 'manage.py', 'wait_for_migrations']
    const kindWith = async (other: Thing, spec: Record<string, unknown> = { command }) =>
      (
        await evaluate(initContainerStuck, {
          objects: [waiting(1800, { image: 'registry.example/web:2', ...spec }), other],
        })
      ).findings[0]
    const found = await kindWith(job({ failed: 4 }))
    expect(found?.kind).toBe('mechanism')
    expect(found?.says).toContain('of the same image or release, failed at the same time')
    expect((await kindWith(job({ failed: 4 }, 'registry.example/report:1')))?.kind).toBe('cause')
    expect((await kindWith(job({ failed: 4 }, undefined, 90_000)))?.kind).toBe('cause')
    expect((await kindWith(job({ failed: 4 }), { command: ['sleep', '9999'] }))?.kind).toBe('cause')
  })
})
