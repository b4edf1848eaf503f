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
