import { expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import { renderMarkdown } from '../../src/report/markdown.ts'
import { renderText } from '../../src/report/text.ts'
import { ago, bundleOf, type Thing } from '../incident/scene.ts'
import { node, thing } from '../incident/things.ts'

const sick = (name: string, labels: Record<string, string>, seconds: number) =>
  node(name, {
    metadata: { labels },
    status: { conditions: [{ type: 'Ready', status: 'Unknown', lastTransitionTime: ago(seconds) }] },
  })
const AUTO = { 'eks.amazonaws.com/compute-type': 'auto' }
const POOL = { 'eks.amazonaws.com/nodegroup': 'general' }

async function report(objects: readonly Thing[]) {
  const found = await analyze(bundleOf({ objects }), { name: 'scene', toolVersion: '0' })
  return { found, text: renderText(found), markdown: renderMarkdown(found) }
}

it('A report says which nodes are replaced, when and by whom, the soonest first', async () => {
  const { found, text, markdown } = await report([
    sick('later', POOL, 300),
    sick('sooner', AUTO, 1200),
    sick('nobody', {}, 1200),
  ])
  expect(found.deadlines).toMatchObject([
    { node: 'sooner', at: '2026-02-01T12:10:00.000Z', certain: true, says: 'its condition Ready is Unknown' },
    { node: 'later', at: '2026-02-01T12:25:00.000Z', certain: false },
  ])
  const says = 'Node sooner is replaced or rebooted at 2026-02-01 12:10:00 UTC by EKS Auto Mode'
  expect(text.replace(/\s+/g, ' ')).toContain(`Soon ${says}`)
  expect(markdown).toContain(`- Soon: ${says}`)
})

it('A NodeClaim tells when the grace of its node ends', async () => {
  const claim = thing('karpenter.sh/v1', 'NodeClaim', 'general-abc', {
    metadata: { annotations: { 'karpenter.sh/nodeclaim-termination-timestamp': ago(-120) } },
    status: { nodeName: 'n1' },
  })
  const { found } = await report([node('n1'), claim])
  expect(found.deadlines).toMatchObject([{ node: 'n1', by: 'Karpenter', says: 'its NodeClaim is being terminated' }])
})

it('A report of nodes that nobody touches, or that go in a month, says nothing of it', async () => {
  const claim = thing('karpenter.sh/v1', 'NodeClaim', 'general-abc', {
    metadata: { creationTimestamp: ago(3600) },
    spec: { expireAfter: '720h' },
    status: { nodeName: 'n1' },
  })
  const { found, text } = await report([node('n1'), claim])
  expect(found).not.toHaveProperty('deadlines')
  expect(text).not.toContain('Soon')
})
