import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { CniNode } from '../../../src/incident/cni/cni.ts'
import { citeReading } from '../../../src/incident/counters/reading.ts'
import { citeFigure } from '../../../src/incident/counters/summary.ts'
import { checkCitations } from '../../../src/rca/check-citations.ts'
import { ipamd } from '../node-answers.ts'
import { bundleOf, incidentOf, type Scene } from '../scene.ts'
import { node } from '../things.ts'

const FIXTURES = 'fixtures/cni-and-kube-proxy'

function constructed(): Scene {
  const paths = readdirSync(`${FIXTURES}/nodes/constructed-1`, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(txt|json)$/.test(path))
    .map((path) => `nodes/constructed-1/${path}`)
  return {
    objects: [node('constructed-1')],
    files: Object.fromEntries(paths.map((path) => [path, readFileSync(`${FIXTURES}/${path}`, 'utf8')])),
  }
}

const ENIS = 'nodes/n1/0/cni/enis.json'

async function cniOf(files: Record<string, string>): Promise<CniNode | undefined> {
  return (await incidentOf({ objects: [node('n1')], files })).cni.of('n1')
}

describe('what ipamd answers', () => {
  it('is its addresses and what it counts, and every figure stands where it is cited', async () => {
    const scene = constructed()
    const { cni } = await incidentOf(scene)
    const { pools = [], counters } = cni.of('constructed-1') ?? {}
    expect(pools.map(({ total, assigned }) => [total.value, assigned.value])).toEqual([[5, 5]])
    const refused = counters?.series('awscni_aws_api_error_count') ?? []
    expect(refused.map(({ labels, growth }) => [labels.api, labels.error, growth?.delta])).toEqual([
      ['AssignPrivateIpAddresses', 'InsufficientFreeAddressesInSubnet', 1],
      ['CreateTags', 'UnauthorizedOperation', 0],
    ])
    const cites = [
      ...pools.flatMap(({ total, assigned }) => [citeFigure(total), citeFigure(assigned)]),
      ...refused.map(({ last }) => citeReading(last)),
    ]
    expect(cites.length).toBe(4)
    expect(await checkCitations(bundleOf(scene), cites)).toEqual([])
  })

  it('is of one card before v1.20, and of each card since', async () => {
    const flat = await cniOf({ [ENIS]: '{"TotalIPs":28,"AssignedIPs":3,"ENIs":{"eni-1":{}}}' })
    expect(flat?.pools).toMatchObject([{ total: { value: 28, pointer: '/TotalIPs' } }])
    const cards = '{"0":{"TotalIPs":28,"AssignedIPs":3,"ENIs":null},"1":{"TotalIPs":14,"AssignedIPs":14,"ENIs":{}}}'
    const several = await cniOf({ [ENIS]: cards })
    expect(several?.pools.map(({ assigned }) => assigned.pointer)).toEqual(['/0/AssignedIPs', '/1/AssignedIPs'])
  })

  it('is unknown, not nought, where it is none, of one sample, or of another life', async () => {
    expect((await cniOf({}))?.pools).toBeUndefined()
    const counted = ipamd('n1', { sentAway: [3, 9] })
    const grown = async (files: Record<string, string>) =>
      (await cniOf(files))?.counters.series('awscni_no_available_ip_addresses')[0]?.growth?.delta
    expect(await grown(counted)).toBe(6)
    expect(await grown(ipamd('n1', { sentAway: [3, 9], started: [1.7e9, 1.71e9] }))).toBeUndefined()
    expect(await grown(ipamd('n1', { sentAway: [9, 3] }))).toBeUndefined()
    const [path = ''] = Object.keys(counted)
    expect(await grown({ [path]: counted[path] ?? '' })).toBeUndefined()
  })

  it('tells what it is set to keep, addresses before interfaces', async () => {
    const reserveOf = async (text: string) => (await cniOf({ 'nodes/n1/0/cni/ipamd-env.json': text }))?.reserve
    expect(await reserveOf('{"WARM_IP_TARGET":0,"WARM_ENI_TARGET":1}')).toMatchObject({
      name: 'WARM_ENI_TARGET',
      value: { value: 1, pointer: '/WARM_ENI_TARGET' },
    })
    expect((await reserveOf('{"WARM_IP_TARGET":5,"WARM_ENI_TARGET":1}'))?.name).toBe('WARM_IP_TARGET')
    for (const text of ['{}', '[', 'null', '{"WARM_IP_TARGET":"5"}', '{"WARM_ENI_TARGET":0}'])
      expect(await reserveOf(text)).toBeUndefined()
  })

  it('counts from nought what only appeared between the samples', async () => {
    const counted = await cniOf(ipamd('n1', { refused: { 'CreateNetworkInterface Throttling': [0, 2] } }))
    expect(counted?.counters.series('awscni_aws_api_error_count')[0]?.growth?.delta).toBe(2)
  })

  it('does not take for nought what stood in a part of the first answer that is not here', async () => {
    const files = ipamd('n1', { refused: { 'CreateNetworkInterface Throttling': [0, 400] } })
    const file = 'nodes/n1/0/cni/metrics.txt'
    const scope = { node: 'n1', sample: 0 as const, path: '/metrics' }
    const asked = [{ collector: 'cni', scope, status: 'partial' as const, requests: 1, bytes: 1, files: [file] }]
    const { cni } = await incidentOf({ objects: [node('n1')], files, asked })
    expect(cni.of('n1')?.counters.series('awscni_aws_api_error_count')[0]?.growth).toBeUndefined()
  })

  it.each([
    '{',
    'null',
    '[]',
    '7',
    '{"TotalIPs":"5","AssignedIPs":5}',
    '{"TotalIPs":-1,"AssignedIPs":5}',
    '{"AvailableCommands":["/v1/enis"]}',
    '{"0":{"TotalIPs":5}}',
    '{"card":{"TotalIPs":5,"AssignedIPs":5}}',
  ])('is no pool in another layout: %s', async (text) => {
    expect((await cniOf({ [ENIS]: text }))?.pools).toEqual([])
  })

  it('is read of any bytes without harm, and what is read can be cited', async () => {
    const { files = {} } = constructed()
    for (let seed = 1; seed <= 60; seed++) {
      const spoilt = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, spoil(text, seed)]))
      const scene = { objects: [node('constructed-1')], files: spoilt }
      const { pools = [], counters } = (await incidentOf(scene)).cni.of('constructed-1') ?? {}
      const cites = [
        ...pools.flatMap(({ total, assigned }) => [citeFigure(total), citeFigure(assigned)]),
        ...(counters?.series('awscni_aws_api_error_count') ?? []).map(({ last }) => citeReading(last)),
      ]
      expect(await checkCitations(bundleOf(scene), cites)).toEqual([])
    }
  })

  it('is no pool of numbers that nobody has', async () => {
    for (const number of ['1e400', '-5', '1.5', '1e30'])
      expect((await cniOf({ [ENIS]: `{"TotalIPs":${number},"AssignedIPs":3}` }))?.pools).toEqual([])
  })

  it('is never misread where it is cut off', async () => {
    const { files = {} } = constructed()
    const text = files['nodes/constructed-1/1/cni/enis.json'] ?? ''
    for (let length = 0; length < text.length; length += 97)
      expect((await cniOf({ [ENIS]: text.slice(0, length) }))?.pools).toEqual([])
    const counted = Object.values(ipamd('n1', { sentAway: 7 }))[0] ?? ''
    for (let length = 0; length < counted.length; length += 13) {
      const cut = await cniOf({ 'nodes/n1/0/cni/metrics.txt': counted.slice(0, length) })
      expect([undefined, 7]).toContain(cut?.counters.series('awscni_no_available_ip_addresses')[0]?.last.value)
    }
  })
})

/** Overwrites some characters, always the same ones for a seed. */
function spoil(text: string, seed: number): string {
  const characters = [...text]
  for (let turn = 0, place = seed * 7919; turn < 12; turn++, place = (place * 48_271) % 2_147_483_647)
    characters[place % characters.length] = '{}[]",:\\9e\u0000é\n'.charAt(place % 13)
  return characters.join('')
}
