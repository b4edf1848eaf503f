import { describe, expect, it } from 'vitest'
import type { Incident } from '../../src/incident/incident.ts'
import { isFailing } from '../../src/incident/pod.ts'
import { sharedTraits } from '../../src/incident/shared-trait.ts'
import { incidentOf, type Thing } from './scene.ts'
import { node, pod } from './things.ts'

async function traitsOf(...objects: Thing[]): Promise<string[]> {
  const incident: Incident = await incidentOf({ objects })
  const failing = incident.pods.filter(isFailing)
  const healthy = incident.pods.filter((one) => !isFailing(one))
  return sharedTraits(incident, failing, healthy).map(({ trait, value, lift }) => `${trait} ${value} ×${lift}`)
}

const zoned = (name: string, zone: string): Thing =>
  node(name, { metadata: { labels: { 'topology.kubernetes.io/zone': zone } } })
const sick = (name: string, on: string): Thing => pod(`shop/${name}`, { node: on, ready: false })
const well = (name: string, on: string): Thing => pod(`shop/${name}`, { node: on })
const many = (on: string): Thing[] => [1, 2, 3, 4].map((number) => well(`well-${on}-${number}`, on))

describe('shared traits', () => {
  it('names the zone that failing pods of several nodes share', async () => {
    const nodes = [zoned('n1', 'a'), zoned('n2', 'a'), zoned('n3', 'b'), zoned('n4', 'c')]
    const pods = [sick('s1', 'n1'), sick('s2', 'n2'), sick('s3', 'n1'), ...many('n3'), ...many('n4')]
    expect((await traitsOf(...nodes, ...pods))[0]).toBe('zone a ×8')
  })

  it('is silent where healthy pods share it too, and about a single failing pod', async () => {
    const nodes = [zoned('n1', 'a'), zoned('n3', 'a')]
    expect(await traitsOf(...nodes, sick('s1', 'n1'), sick('s2', 'n1'), ...many('n1'), ...many('n3'))).toEqual([])
    expect(await traitsOf(...nodes, sick('s1', 'n1'), ...many('n3'))).toEqual([])
  })

  it('takes what one of several failing pods has for a coincidence', async () => {
    const nodes = ['n1', 'n2', 'n3'].map((name) => zoned(name, name))
    const pods = [sick('s1', 'n1'), sick('s2', 'n2'), ...many('n3')]
    expect((await traitsOf(...nodes, ...pods)).filter((one) => /^(?:node|zone) /.test(one))).toEqual([])
  })

  it('sees that only pods of after a moment fail', async () => {
    const late = ['s1', 's2'].map((name) => pod(`shop/${name}`, { ready: false, created: 600 }))
    expect(await traitsOf(...late, ...many('n1'))).toEqual(['started at or after 2026-02-01T11:50:00.000Z ×4'])
  })

  it('cites where it stands, in a label too where the node tells nothing of its machine', async () => {
    const virtual = node('vk', {
      metadata: { labels: { 'kubernetes.io/arch': 'arm64' } },
      status: { nodeInfo: { architecture: '' } },
    })
    const incident = await incidentOf({
      objects: [virtual, node('n3'), sick('s1', 'vk'), sick('s2', 'vk'), ...many('n3')],
    })
    const failing = incident.pods.filter(isFailing)
    const traits = sharedTraits(
      incident,
      failing,
      incident.pods.filter((one) => !isFailing(one)),
    )
    expect(traits.find(({ trait }) => trait === 'architecture')?.cites[0]).toMatchObject({
      pointer: '/items/0/metadata/labels',
      words: 'arm64',
    })
  })
})
