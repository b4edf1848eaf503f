import { expect, it } from 'vitest'
import { crashesOf } from '../../src/incident/crash.ts'
import type { Pod } from '../../src/incident/pod.ts'
import { ago, incidentOf } from './scene.ts'
import { crashed, pod } from './things.ts'

const HOURS = 5 * 3600

async function since(status: Readonly<Record<string, unknown>>, sidecar = true): Promise<number | undefined> {
  const made = pod('shop/web-1', {
    created: 90_000,
    ready: false,
    containers: [{ status: { ...crashed({ at: 100 }), ...status } }, { name: 'proxy', status: { ready: sidecar } }],
    status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(HOURS) }] },
  })
  const incident = await incidentOf({ objects: [made] })
  return crashesOf(incident, incident.pods[0] as Pod)[0]?.since
}

const at = (seconds: number) => Date.parse(ago(seconds))

it('a crash loop is as old as its pod is not ready', async () => {
  expect(await since({})).toBe(at(HOURS))
})

it('a crash loop is no older than its last end where another container is not ready, or the last run was long', async () => {
  expect(await since({}, false)).toBe(at(100))
  const long = { terminated: { reason: 'Error', exitCode: 1, startedAt: ago(4000), finishedAt: ago(100) } }
  expect(await since({ lastState: long })).toBe(at(100))
})

it('a program that runs well for much longer than before has left its loop, and one that was killed has not', async () => {
  const crashes = async (runs: number, life: number, end: { reason: string; exitCode: number }) => {
    const ended = { ...end, startedAt: ago(runs + 10 + life), finishedAt: ago(runs + 10) }
    const status = { restartCount: 3, state: { running: { startedAt: ago(runs) } }, lastState: { terminated: ended } }
    const incident = await incidentOf({ objects: [pod('shop/web-1', { containers: [{ status }] })] })
    return crashesOf(incident, incident.pods[0] as Pod).length
  }
  const error = { reason: 'Error', exitCode: 1 }
  expect(await crashes(390, 2, error)).toBe(0)
  expect(await crashes(240, 2, error)).toBe(1)
  expect(await crashes(390, 180, error)).toBe(1)
  expect(await crashes(390, 2, { reason: 'OOMKilled', exitCode: 137 })).toBe(1)
})
