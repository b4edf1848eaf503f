import { load, loadAll } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FakeCluster, startFakeCluster } from './fake-cluster.ts'
import { runCli } from './run.ts'

interface Role {
  kind: string
  metadata: { name: string; namespace?: string }
  rules: { apiGroups?: string[]; resources?: string[]; nonResourceURLs?: string[]; verbs: string[] }[]
}

let cluster: FakeCluster
beforeAll(async () => {
  cluster = await startFakeCluster()
})
afterAll(() => cluster.close())

async function permissions(...args: string[]): Promise<string> {
  const seen = await runCli(['permissions', ...args], { env: { KUBECONFIG: cluster.kubeconfig } })
  expect({ code: seen.code, stderr: seen.stderr }).toEqual({ code: 0, stderr: '' })
  return seen.stdout.toString()
}

describe('freezeframe permissions', () => {
  it('prints the ClusterRole of what the cluster serves', async () => {
    const yaml = await permissions()
    await expect(yaml).toMatchFileSnapshot('snapshots/cluster-role.yaml')
    const role = load(yaml) as Role
    expect(role).toMatchObject({ kind: 'ClusterRole', metadata: { name: 'freezeframe' } })
    expect(role.rules.flatMap((rule) => rule.resources ?? [])).toEqual(
      expect.arrayContaining(['pods', 'pods/log', 'configmaps', 'deployments']),
    )
  })

  it('never grants Secrets, a whole group, or anything but reading', async () => {
    for (const yaml of [
      await permissions(),
      await permissions('--offline'),
      await permissions('-n', 'shop', '--offline'),
    ]) {
      const { rules } = load(yaml) as Role
      expect(rules.flatMap((rule) => rule.resources ?? [])).not.toContain('secrets')
      expect(
        rules.flatMap((rule) => [...(rule.apiGroups ?? []), ...(rule.resources ?? []), ...rule.verbs]),
      ).not.toContain('*')
      expect(new Set(rules.flatMap((rule) => rule.verbs))).toEqual(new Set(['get', 'list', 'watch']))
    }
  })

  it('prints a Role and its binding for a namespace, and says what a Role cannot grant', async () => {
    const yaml = await permissions('-n', 'shop', '--name', 'eyes', '--service-account', 'ops/freezer')
    expect(yaml.replace(/\n# /g, ' ')).toMatch(/A Role cannot grant these.*namespaces, nodes, .*\/metrics/)
    const [role, binding] = loadAll(yaml) as [Role, object]
    expect(role).toMatchObject({ kind: 'Role', metadata: { name: 'eyes', namespace: 'shop' } })
    expect(binding).toMatchObject({
      kind: 'RoleBinding',
      metadata: { name: 'eyes', namespace: 'shop' },
      roleRef: { kind: 'Role', name: 'eyes' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'ops', name: 'freezer' }],
    })
  })

  it('says the same in JSON', async () => {
    const list = JSON.parse(await permissions('--format', 'json', '--service-account', 'ops/freezer'))
    expect(list).toMatchObject({ kind: 'List', items: [{ kind: 'ClusterRole' }, { kind: 'ClusterRoleBinding' }] })
    expect(list.items[0]).toEqual(load(await permissions()))
  })
})
