import { describe, expect, it } from 'vitest'
import { initContainerStuck } from '../../../src/rules/workload/init-container-stuck.ts'
import { ago } from '../../incident/scene.ts'
import { endpointSlice, pod, service } from '../../incident/things.ts'
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
})
