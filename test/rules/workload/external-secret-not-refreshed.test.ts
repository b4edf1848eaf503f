import { describe, expect, it } from 'vitest'
import { externalSecretNotRefreshed } from '../../../src/rules/workload/external-secret-not-refreshed.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { event, pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const external = (status: string) =>
  thing('external-secrets.io/v1', 'ExternalSecret', 'shop/db', {
    spec: { target: { name: 'db-login' } },
    status: {
      refreshTime: ago(9000),
      conditions: [
        {
          type: 'Ready',
          status,
          reason: 'SecretSyncedError',
          message: 'could not get secret data from provider',
          lastTransitionTime: ago(1800),
        },
      ],
    },
  })
const NAME = 'web-6c8f7d9b5-abcde'
const user = pod(`shop/${NAME}`, {
  owner: 'ReplicaSet/web-6c8f7d9b5',
  ready: false,
  containers: [{ spec: { envFrom: [{ secretRef: { name: 'db-login' } }] } }],
})

describe('external-secret-not-refreshed', () => {
  it('names the ExternalSecret and whom it hurts', async () => {
    const outcome = await evaluate(externalSecretNotRefreshed, { objects: [external('False'), user] })
    expect(subjectsOf(outcome)).toEqual(['ExternalSecret shop/db'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain('could not get secret data')
  })

  it('is not behind pods for which the kubelet misses something else', async () => {
    const missing = (words: string) => event('shop', `Pod/${NAME}`, 'Failed', `Error: ${words}`, { last: 20 })
    const strengthWith = async (words: string) =>
      (await evaluate(externalSecretNotRefreshed, { objects: [external('False'), user, missing(words)] })).findings[0]
        ?.strength
    expect(await strengthWith('secret "db-login" not found')).toBe('strong')
    expect(await strengthWith('configmap "settings" not found')).toBe('weak')
  })

  it('reads the driver that mounts secrets', async () => {
    const said =
      'MountVolume.SetUp failed for volume "secrets" : rpc error: code = Unknown desc = failed to mount secrets store objects for pod shop/web, err: rpc error: AccessDenied'
    const status = { state: { waiting: { reason: 'ContainerCreating' } } }
    const waiting = pod(`shop/${NAME}`, { owner: 'ReplicaSet/web-6c8f7d9b5', ready: false, containers: [{ status }] })
    const outcome = await evaluate(externalSecretNotRefreshed, {
      objects: [waiting, event('shop', `Pod/${NAME}`, 'FailedMount', said)],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
  })

  it('says why in the words of its store, where that is not well, and of no other', async () => {
    const store = (kind: string, place: string, status: string) =>
      thing('external-secrets.io/v1', kind, place, {
        status: { conditions: [{ type: 'Ready', status, reason: 'InvalidProviderConfig', message: 'Code: 403' }] },
      })
    const base = external('False')
    const db = {
      ...base,
      spec: { target: { name: 'db-login' }, secretStoreRef: { name: 'vault', kind: 'ClusterSecretStore' } },
    }
    const of = async (one: Thing) =>
      (await evaluate(externalSecretNotRefreshed, { objects: [db, user, one] })).findings[0]
    const found = await of(store('ClusterSecretStore', 'vault', 'False'))
    expect(found?.says).toContain('its ClusterSecretStore vault says why: "Code: 403"')
    expect(found?.affects).toContainEqual(expect.objectContaining({ kind: 'ClusterSecretStore', name: 'vault' }))
    for (const other of [store('ClusterSecretStore', 'vault', 'True'), store('SecretStore', 'shop/vault', 'False')])
      expect((await of(other))?.says).not.toContain('says why')
  })

  it('is quiet about one that is ready', async () => {
    expect((await evaluate(externalSecretNotRefreshed, { objects: [external('True'), user] })).status).toBe('clear')
  })

  it('is quiet once the driver has mounted them, and about what it said hours ago', async () => {
    const said =
      'MountVolume.SetUp failed for volume "secrets" : rpc error: code = Unknown desc = failed to mount secrets store objects for pod shop/web, err: rpc error: AccessDenied'
    const status = { state: { waiting: { reason: 'ContainerCreating' } } }
    const options = { owner: 'ReplicaSet/web-6c8f7d9b5', created: 9000 }
    const waiting = pod(`shop/${NAME}`, { ...options, ready: false, containers: [{ status }] })
    for (const objects of [
      [pod(`shop/${NAME}`, options), event('shop', `Pod/${NAME}`, 'FailedMount', said)],
      [waiting, event('shop', `Pod/${NAME}`, 'FailedMount', said, { last: 7200 })],
    ])
      expect((await evaluate(externalSecretNotRefreshed, { objects })).status).toBe('clear')
  })
})
