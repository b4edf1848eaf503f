import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildServers } from './cluster/build.ts'
import { KUBECONFIG } from './cluster/cluster.ts'
import { kubectl } from './cluster/kubectl.ts'
import { freezeframe, makeFolder, openOnly } from './run.ts'

let folder: Awaited<ReturnType<typeof makeFolder>>
beforeAll(async () => {
  folder = await makeFolder()
  await removeReaders()
})
afterAll(async () => {
  await removeReaders()
  await folder.remove()
})

/** What these tests make in the cluster; an aborted run may have left it. */
async function removeReaders(): Promise<void> {
  await kubectl(['delete', 'namespace', 'readers', '--ignore-not-found'])
  await kubectl(['delete', 'clusterrole,clusterrolebinding', 'freezeframe', '--ignore-not-found'])
  await kubectl(['delete', 'role,rolebinding', 'freezeframe', '-n', 'kube-system', '--ignore-not-found'])
  await kubectl(['delete', 'role/freezeframe-broken', 'rolebinding/narrow', '-n', 'broken', '--ignore-not-found'])
}

/** A kubeconfig of a fresh service account. */
async function kubeconfigOf(account: string): Promise<string> {
  await kubectl(['create', 'serviceaccount', account, '-n', 'readers'])
  const token = (await kubectl(['create', 'token', account, '-n', 'readers'])).trim()
  const config = JSON.parse(await readFile(KUBECONFIG, 'utf8')) as { users: unknown[] }
  const path = join(folder.path, `${account}.kubeconfig`)
  await writeFile(path, JSON.stringify({ ...config, users: [{ name: 'admin', user: { token } }] }))
  return path
}

async function apply(yaml: string): Promise<void> {
  execFileSync(await buildServers(), ['kubectl', `--kubeconfig=${KUBECONFIG}`, 'apply', '-f', '-'], { input: yaml })
}

describe('with the permissions that are printed', () => {
  beforeAll(async () => {
    await kubectl(['create', 'namespace', 'readers'])
  })

  it('a fresh service account captures everything, and nothing is denied', async () => {
    const kubeconfig = await kubeconfigOf('whole')
    const printed = await freezeframe(['permissions', '--service-account', 'readers/whole'])
    expect(printed.code).toBe(0)
    expect(printed.stdout).not.toMatch(/secrets/)
    await apply(printed.stdout)
    const out = await makeFolder()
    const { code, stderr } = await freezeframe(['capture', '-o', out.path], { kubeconfig })
    const bundle = await openOnly(out.path)
    expect(bundle.manifest.ledger.filter((line) => line.status === 'denied')).toEqual([])
    expect(code, stderr).toBe(0)
    expect(bundle.manifest.identity.username).toBe('system:serviceaccount:readers:whole')
    await bundle.close()
    await out.remove()
  })

  it('in one namespace only, a capture of it is useful, partial, and says what was denied', async () => {
    const kubeconfig = await kubeconfigOf('narrow')
    const printed = await freezeframe(['permissions', '-n', 'broken', '--name', 'freezeframe-broken'])
    await apply(printed.stdout)
    await kubectl([
      'create',
      'rolebinding',
      'narrow',
      '-n',
      'broken',
      '--role=freezeframe-broken',
      '--serviceaccount=readers:narrow',
    ])
    const out = await makeFolder()
    const { code } = await freezeframe(['capture', '-n', 'broken', '-o', out.path], { kubeconfig })
    expect(code).toBe(1)
    const bundle = await openOnly(out.path)
    const status = (collector: string) =>
      bundle.manifest.ledger.filter((line) => line.collector === collector).map((line) => line.status)
    expect(status('pods')).toEqual(['complete'])
    expect(status('nodes')).toEqual(['denied'])
    expect([...bundle.files.keys()].some((path) => path.startsWith('logs/broken/crash-loop/'))).toBe(true)
    await bundle.close()
    await out.remove()
  })

  it('--plan names what is denied and what that costs, and writes nothing', async () => {
    const out = await makeFolder()
    const kubeconfig = join(folder.path, 'narrow.kubeconfig')
    const { code, stdout } = await freezeframe(
      ['capture', '-n', 'broken', '--plan', '--format', 'json', '-o', out.path],
      { kubeconfig },
    )
    expect(code).toBe(0)
    const plan = JSON.parse(stdout) as { sources: { collector: string; access: string; loss?: string }[] }
    const nodes = plan.sources.find((source) => source.collector === 'nodes')
    expect(nodes).toMatchObject({ access: 'denied', loss: expect.stringContaining('nodes') })
    expect(plan.sources.find((source) => source.collector === 'pods')).toMatchObject({ access: 'allowed' })
    await expect(openOnly(out.path)).rejects.toThrow()
    await out.remove()
  })
})
