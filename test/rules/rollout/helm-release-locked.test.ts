import { expect, it } from 'vitest'
import { helmReleaseLocked } from '../../../src/rules/rollout/helm-release-locked.ts'
import { ago } from '../../incident/scene.ts'
import { pod, thing } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const LOCKED = 'another operation (install/upgrade/rollback) is in progress'
const release = (
  seconds: number,
  message = `Helm upgrade failed for release shop/api with chart api@2.1.0: ${LOCKED}`,
) =>
  thing('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'shop/api', {
    status: {
      conditions: [
        { type: 'Ready', status: 'False', reason: 'UpgradeFailed', message, lastTransitionTime: ago(seconds) },
      ],
    },
  })
const note = (seconds: number, status: string) =>
  thing('v1', 'Secret', 'shop/sh.helm.release.v1.api.v5', {
    type: 'helm.sh/release.v1',
    metadata: { creationTimestamp: ago(seconds), labels: { owner: 'helm', name: 'api', status, version: '5' } },
  })

it('names the release, surely where the Secret of the operation is there', async () => {
  const outcome = await evaluate(helmReleaseLocked, { objects: [release(3000)] })
  expect(subjectsOf(outcome)).toEqual(['HelmRelease shop/api'])
  expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'weak' })
  const noted = await evaluate(helmReleaseLocked, { objects: [release(3000), note(3600, 'pending-upgrade')] })
  expect(noted.findings[0]).toMatchObject({ strength: 'strong', from: Date.parse(ago(3600)) })
  expect(noted.findings[0]?.says).toContain('sh.helm.release.v1.api.v5 is pending-upgrade')
  const done = await evaluate(helmReleaseLocked, { objects: [release(3000), note(3600, 'deployed')] })
  expect(done.findings[0]?.strength).toBe('weak')
})

it('reads it in the log of a pipeline', async () => {
  const outcome = await evaluate(helmReleaseLocked, {
    objects: [pod('ci/deploy-0', { owner: 'StatefulSet/deploy' })],
    logs: {
      'ci/deploy-0/app': `${ago(2000)} Error: UPGRADE FAILED: ${LOCKED}\n${ago(60)} Error: UPGRADE FAILED: ${LOCKED}\n`,
    },
  })
  expect(subjectsOf(outcome)).toEqual(['StatefulSet ci/deploy'])
})

it('gives an operation time, and is quiet about other failures of Helm', async () => {
  expect(await evaluate(helmReleaseLocked, { objects: [release(120)] })).toMatchObject({
    findings: [],
    rejections: [{}],
  })
  const young = await evaluate(helmReleaseLocked, { objects: [release(3000), note(200, 'pending-upgrade')] })
  expect(young.findings).toEqual([])
  const other = release(
    3000,
    'Helm upgrade failed for release shop/api with chart api@2.1.0: timed out waiting for the condition',
  )
  expect((await evaluate(helmReleaseLocked, { objects: [other] })).findings).toEqual([])
})
