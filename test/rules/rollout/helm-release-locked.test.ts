import { expect, it } from 'vitest'
import { analyze } from '../../../src/rca/analyze.ts'
import { helmReleaseLocked } from '../../../src/rules/rollout/helm-release-locked.ts'
import { ago, bundleOf } from '../../incident/scene.ts'
import { crashed, pod, thing } from '../../incident/things.ts'
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

it('names the release, and the Secret of the operation where it is there', async () => {
  const outcome = await evaluate(helmReleaseLocked, { objects: [release(3000)] })
  expect(subjectsOf(outcome)).toEqual(['HelmRelease shop/api'])
  expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  const noted = await evaluate(helmReleaseLocked, { objects: [release(3000), note(3600, 'pending-upgrade')] })
  expect(noted.findings[0]).toMatchObject({ strength: 'strong', from: Date.parse(ago(3600)) })
  expect(noted.findings[0]?.says).toContain('sh.helm.release.v1.api.v5 is pending-upgrade')
  const done = await evaluate(helmReleaseLocked, { objects: [release(3000), note(3600, 'deployed')] })
  expect(done.findings[0]?.says).not.toContain('pending')
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

it('is not sure of a refusal that was said once, some time ago', async () => {
  const outcome = await evaluate(helmReleaseLocked, {
    objects: [pod('ci/deploy-0', { owner: 'StatefulSet/deploy' })],
    logs: { 'ci/deploy-0/app': `${ago(1100)} Error: UPGRADE FAILED: ${LOCKED}\n` },
  })
  for (const { strength } of outcome.findings) expect(strength).toBe('weak')
})

it.each([
  ['its own namespace', 'shop', {}, 'prod-web', 'helm rollback prod-web -n shop'],
  [
    'another, with its notes there',
    'flux-system',
    { storageNamespace: 'shop' },
    'prod-web',
    'helm rollback prod-web -n shop',
  ],
  ['another, with its notes beside the HelmRelease', 'flux-system', {}, 'prod-web', undefined],
])('gives commands for the release that is named, of %s', async (_, namespace, spec, name, expected) => {
  const message = `Helm upgrade failed for release shop/prod-web with chart web@1.4.2: ${LOCKED}`
  const conditions = [
    { type: 'Ready', status: 'False', reason: 'UpgradeFailed', message, lastTransitionTime: ago(5400) },
  ]
  const release = thing('helm.toolkit.fluxcd.io/v2', 'HelmRelease', `${namespace}/web`, {
    spec: { targetNamespace: 'shop', releaseName: name, ...spec },
    status: { conditions },
  })
  const [finding] = (await evaluate(helmReleaseLocked, { objects: [release] })).findings
  const commands = finding?.advice?.mitigate.map(({ command }) => command)
  expect(commands?.[0]).toBe('kubectl get secrets -A -l owner=helm,name=prod-web --show-labels')
  expect(commands?.find((one) => one?.startsWith('helm rollback'))).toBe(expected)
})

it('names the release as Flux does where no words do, and none for a pipeline', async () => {
  const conditions = [{ type: 'Ready', status: 'False', message: LOCKED, lastTransitionTime: ago(5400) }]
  const flux = thing('helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'flux-system/web', {
    spec: { targetNamespace: 'shop' },
    status: { conditions },
  })
  expect((await evaluate(helmReleaseLocked, { objects: [flux] })).findings[0]?.says).toContain('the release shop-web (')
  const outcome = await evaluate(helmReleaseLocked, {
    objects: [pod('ci/deploy-0', { owner: 'StatefulSet/deploy' })],
    logs: {
      'ci/deploy-0/app': `${ago(2000)} Error: UPGRADE FAILED: ${LOCKED}\n${ago(60)} Error: UPGRADE FAILED: ${LOCKED}\n`,
    },
  })
  expect(outcome.findings).toMatchObject([{ strength: 'strong' }])
  expect(outcome.findings[0]?.advice).toBeUndefined()
})

it('is not sure of a controller whose log names the release of somebody else', async () => {
  const line = `Error: Helm upgrade failed for release shop/web with chart web@1.4.2: ${LOCKED}`
  const objects = [pod('ci/helm-controller-0', { owner: 'StatefulSet/helm-controller' })]
  const logs = { 'ci/helm-controller-0/app': `${ago(2000)} ${line}\n${ago(60)} ${line}\n` }
  expect((await evaluate(helmReleaseLocked, { objects, logs })).findings).toMatchObject([{ strength: 'weak' }])
})

const controller = pod('flux-system/helm-controller-0', { owner: 'StatefulSet/helm-controller', created: 90_000 })
const reconcilerError = (words: string) =>
  `{"level":"error","msg":"Reconciler error","controllerKind":"HelmRelease","HelmRelease":{"name":"web","namespace":"flux-system"},"namespace":"flux-system","name":"web","error":"Helm upgrade failed for release shop/web with chart web@1.4.2: ${words}"}`
const controllerLog = (line: string, ...seconds: number[]) => ({
  'flux-system/helm-controller-0/app': seconds.map((at) => `${ago(at)} ${line}\n`).join(''),
})

it('names the HelmRelease that the log of the controller alone tells of', async () => {
  const logs = controllerLog(reconcilerError(LOCKED), 3000, 1800, 60)
  const outcome = await evaluate(helmReleaseLocked, { objects: [controller], logs })
  expect(subjectsOf(outcome)).toEqual(['HelmRelease flux-system/web'])
  expect(outcome.findings).toMatchObject([{ kind: 'cause', strength: 'strong', from: Date.parse(ago(3000)) }])
  expect(outcome.findings[0]?.affects).toContainEqual({
    kind: 'StatefulSet',
    namespace: 'flux-system',
    name: 'helm-controller',
  })
  const { causes } = await analyze(bundleOf({ objects: [controller], logs }), { name: 'scene', toolVersion: '0' })
  expect(causes[0]).toMatchObject({ rule: 'helm-release-locked', subject: { kind: 'HelmRelease', name: 'web' } })
})

it('finds the HelmRelease of a release that a log names, and is quiet of what the log says of another failure', async () => {
  const line = `Error: Helm upgrade failed for release shop/web with chart web@1.4.2: ${LOCKED}`
  const flux = (name: string) =>
    thing('helm.toolkit.fluxcd.io/v2', 'HelmRelease', `flux-system/${name}`, {
      spec: { targetNamespace: 'shop', releaseName: 'web' },
    })
  const scene = (...releases: string[]) => ({
    objects: [controller, ...releases.map(flux)],
    logs: controllerLog(line, 3000, 60),
  })
  expect(subjectsOf(await evaluate(helmReleaseLocked, scene('front')))).toEqual(['HelmRelease flux-system/front'])
  expect(subjectsOf(await evaluate(helmReleaseLocked, scene('front', 'back')))).toEqual([
    'StatefulSet flux-system/helm-controller',
  ])
  const other = controllerLog(reconcilerError('timed out waiting for the condition'), 3000, 60)
  expect((await evaluate(helmReleaseLocked, { objects: [controller], logs: other })).findings).toEqual([])
})

it.each([
  ['a Job that has failed of it for long', 9, ['helm-release-locked']],
  ['a Job that failed of it just now', 2, []],
])('knows %s by its crash loop', async (_, restarts, rules) => {
  const installer = pod('kube-system/helm-install-web-x7k2p', {
    owner: 'Job/helm-install-web',
    created: 4000,
    ready: false,
    containers: [{ name: 'helm', status: crashed({ restarts, at: 99 }) }],
  })
  const logs = { 'kube-system/helm-install-web-x7k2p/helm': `${ago(100)} Error: INSTALLATION FAILED: ${LOCKED}\n` }
  const { causes } = await analyze(bundleOf({ objects: [installer], logs }), { name: 'scene', toolVersion: '0' })
  expect(causes.map(({ rule }) => rule as string).filter((rule) => rule === 'helm-release-locked')).toEqual(rules)
  if (rules.length > 0) expect(causes[0]).toMatchObject({ rule: 'helm-release-locked' })
})
