import { expect, it } from 'vitest'
import { nodeGroupOf } from '../src/node-group.ts'
import { redactList } from './capture/redact/redactor.ts'
import { incidentOf } from './incident/scene.ts'
import { node } from './incident/things.ts'

it.each([
  [{ agentpool: 'system' }, 'system'],
  [{ 'node.kubernetes.io/instancegroup': 'spot' }, 'spot'],
  [{ 'worker.gardener.cloud/pool': 'cpu' }, 'cpu'],
  [{ 'eks.amazonaws.com/nodegroup': 'managed', 'alpha.eksctl.io/nodegroup-name': 'written' }, 'managed'],
  [{ 'eks.amazonaws.com/nodegroup': '', 'karpenter.sh/nodepool': 'general' }, 'general'],
  [{ 'kubernetes.io/hostname': 'n1' }, ''],
])('a node is of the same group to whoever captures and to whoever analyses: %o', async (labels, group) => {
  expect(nodeGroupOf(labels)).toBe(group)
  const { observed } = redactList('nodes', [{ metadata: { name: 'n1', uid: 'u1', labels }, status: {} }])
  expect(observed).toMatchObject([{ pool: group }])
  const { nodes } = await incidentOf({ objects: [node('n1', { metadata: { labels } })] })
  expect(nodes).toMatchObject([{ group }])
})
