import { expect, it } from 'vitest'
import { readIncident } from '../../src/incident/incident.ts'
import { bundleOf, type Thing } from './scene.ts'
import { thing } from './things.ts'

const apiService = (group: string): Thing =>
  thing('apiregistration.k8s.io/v1', 'APIService', `v1.${group}`, {
    spec: { group, version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 },
  })

const definition = (resource: string, group: string): Thing =>
  thing('apiextensions.k8s.io/v1', 'CustomResourceDefinition', `${resource}.${group}`, { spec: { group } })

it('a custom resource that nobody serves is known to have no objects, one that was not listed is not', async () => {
  const { coverage } = await readIncident(
    bundleOf({ objects: [apiService('apps'), apiService('karpenter.sh'), definition('nodepools', 'karpenter.sh')] }),
  )
  expect(coverage.of('applications.argoproj.io')).toEqual({ how: 'all', why: '' })
  expect(coverage.isComplete('nodeclaims.karpenter.sh')).toBe(true)
  expect(coverage.of('nodepools.karpenter.sh').how).toBe('none')
  expect(coverage.of('conntrack').how).toBe('none')
})

it('nothing is known of what is served where that was not listed whole', async () => {
  const denied = bundleOf({ objects: [apiService('apps')], denied: ['apiservices.apiregistration.k8s.io'] })
  expect((await readIncident(denied)).coverage.of('applications.argoproj.io').how).toBe('none')
  expect((await readIncident(bundleOf({ objects: [] }))).coverage.of('applications.argoproj.io').how).toBe('none')
})
