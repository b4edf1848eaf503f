import { loadAll } from 'js-yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FakeCluster, startFakeCluster } from './fake-cluster.ts'
import { runCli } from './run.ts'

interface Role {
  kind: string
  metadata: { name: string; namespace?: string }
  rules: { apiGroups?: string[]; resources?: string[]; nonResourceURLs?: string[]; verbs: string[] }[]
}

/** It has a verb that sounds like more than reading, and a Role of its own. */
function isForwarding({ resources }: Role['rules'][number]): boolean {
  return resources?.join() === 'pods/portforward'
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
    const [role, forwarding] = loadAll(yaml) as [Role, Role]
    expect(role).toMatchObject({ kind: 'ClusterRole', metadata: { name: 'freezeframe' } })
    expect(role.rules.flatMap((rule) => rule.resources ?? [])).not.toContain('pods/portforward')
    expect(forwarding).toMatchObject({
      kind: 'Role',
      metadata: { name: 'freezeframe', namespace: 'kube-system' },
      rules: [{ resources: ['pods/portforward'], verbs: ['get', 'create'] }],
    })
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
      const rules = (loadAll(yaml) as Role[]).flatMap((role) => role.rules).filter((rule) => !isForwarding(rule))
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
    const items = ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'].map((kind) => ({ kind }))
    expect(list).toMatchObject({ kind: 'List', items })
    const withoutComments = (list.items as Role[]).filter(({ kind }) => kind.endsWith('Role'))
    expect(withoutComments).toEqual(loadAll(await permissions()))
  })

  it('prints each tier alone, under a name of its own, and together they are all of it', async () => {
    const tiers = async (...names: string[]) =>
      loadAll(await permissions(...names.flatMap((one) => ['--tier', one]))) as Role[]
    const [base, ...more] = await tiers('base')
    expect(more).toEqual([])
    expect(base).toMatchObject({ kind: 'ClusterRole', metadata: { name: 'freezeframe-base' } })
    expect(JSON.stringify(base)).not.toMatch(/nodes\/|portforward/)
    const [kubelet] = await tiers('kubelet')
    expect(kubelet?.rules.flatMap((rule) => rule.resources ?? []).every((one) => one.startsWith('nodes/'))).toBe(true)
    const [forwarding, ...rest] = await tiers('port-forward')
    expect([forwarding?.kind, forwarding?.metadata.namespace, rest]).toEqual(['Role', 'kube-system', []])
    const [proxy] = await tiers('nodes-proxy')
    expect(proxy?.rules).toEqual([{ apiGroups: [''], resources: ['nodes/proxy'], verbs: ['get'] }])
    const [agents] = await tiers('node-diagnostic')
    expect(agents?.rules).toEqual([
      {
        apiGroups: ['eks.amazonaws.com'],
        resources: ['nodediagnostics'],
        verbs: ['get', 'list', 'create', 'delete'],
      },
    ])
    const [exec] = await tiers('exec')
    expect(exec?.rules.map(({ resources, verbs }) => [resources, verbs])).toEqual([
      [['pods'], ['list']],
      [['pods/exec'], ['get', 'create']],
    ])
    const [probe] = await tiers('probe')
    expect([probe?.kind, probe?.metadata.namespace]).toEqual(['Role', 'kube-system'])
    expect(probe?.rules[0]).toEqual({ apiGroups: ['batch'], resources: ['jobs'], verbs: ['list', 'create', 'delete'] })
    // One Role has what several tiers grant in a namespace: two of one name would be one.
    expect(await tiers('port-forward', 'exec', 'probe')).toHaveLength(1)
    const all = await tiers('base', 'kubelet', 'port-forward')
    expect(all.map(({ rules }) => rules)).toEqual((loadAll(await permissions()) as Role[]).map(({ rules }) => rules))
  })

  it('knows no other tier', async () => {
    const seen = await runCli(['permissions', '--offline', '--tier', 'root'], { env: {} })
    expect(seen).toMatchObject({ code: 2 })
    expect(seen.stderr).toContain('Tiers: base, kubelet, port-forward, node-diagnostic, exec, nodes-proxy, probe.')
  })
})
