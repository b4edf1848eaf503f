import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readBatch } from '../../../src/sources/node/read-batch.ts'
import { makeFolder } from '../kube/server.ts'

const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'src', 'sources', 'node', 'batch.sh')
const V2 = join(import.meta.dirname, 'constructed-node')

/** Shells that are on this machine; a probe has that of busybox. */
const SHELLS = [['busybox', 'sh'], ['dash'], ['sh']].filter(([one]) => spawnSync('which', [one ?? '']).status === 0)

/** A node of its own: the constructed one, and what a test adds. */
async function nodeOf(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const root = await makeFolder()
  await cp(V2, root, { recursive: true })
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text, { mode: 0o755 })
  }
  return root
}

async function run(root: string, groups: readonly string[], shell: readonly string[] = SHELLS[0] ?? []) {
  const [program = 'sh', ...words] = shell
  const stdout = execFileSync(program, [...words, SCRIPT, '0', ...groups], {
    env: { ...process.env, HOST: root, PROC: join(root, 'proc'), OUT: join(await makeFolder(), 'out') },
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  async function* once() {
    yield stdout
  }
  const { files, truncated } = await readBatch(once())
  expect(truncated).toBeUndefined()
  return Object.fromEntries(
    [...files].flatMap(([group, list]) => list.map(({ path, body }) => [`${group}/${path}`, body.toString()])),
  )
}

describe('the batch of a probe', () => {
  it.each(SHELLS.map((shell) => [shell.join(' '), shell] as const))(
    'reads the cgroups of a node with version 2: %s',
    async (_, shell) => {
      const files = await run(await nodeOf(), ['throttling'], shell)
      const cgroups = files['throttling/cgroups.txt'] ?? ''
      expect(cgroups).toMatch(/==> \S+cri-containerd-c0ffee\.scope\/cpu\.max <==\n50000 100000\n/)
      expect(cgroups).toMatch(/\/cpu\.stat <==\nusage_usec 9000000\n[\s\S]*nr_throttled 70\nthrottled_usec 3500000\n/)
      expect(cgroups).toMatch(/\/memory\.events <==\nlow 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n/)
      expect(files['throttling/pressure.txt']).toContain('full avg10=')
      expect(files['throttling/commands.tsv']).toMatch(/^# boot_id 0b00\S+\ncgroups\.txt\t0\t\d+\t1234\.50\t\n/)
    },
  )

  it('finds the counters of each pod by the first process of its containers', async () => {
    const files = await run(await nodeOf(), ['kernel-network'])
    expect(files['kernel-network/pods.tsv']).toMatch(
      /^4711\t\/kubepods\.slice\/\S+cri-containerd-c0ffee\.scope\/cgroup\.procs\n$/,
    )
    expect(files['kernel-network/pods.txt']).toMatch(/==> \S+\/4711\/net\/sockstat <==\nsockets: used 12\n/)
  })

  it('reads what was asked for and nothing else', async () => {
    const files = await run(await nodeOf(), ['conntrack'])
    expect(Object.keys(files).every((path) => path.startsWith('conntrack/'))).toBe(true)
    expect(files['conntrack/sysctl.txt']).toMatch(/nf_conntrack_count <==\n65530\n[\s\S]*nf_conntrack_max <==\n65536\n/)
  })

  it('says of what a node does not have why it is not there', async () => {
    const files = await run(await nodeOf(), ['ena'])
    expect(files['ena/eth0.statistics.txt']).toBeUndefined()
    expect(files['ena/commands.tsv']).toMatch(/^eth0\.statistics\.txt\t1\d\d\t0\t1234\.50\t\S/m)
    expect(files['ena/eth0.link.txt']).toContain('rx_bytes <==\n1000\n')
  })

  it('keeps the last words of pods that have no cgroup any more, and leaves out those that have', async () => {
    const files = await run(await nodeOf(), ['journal'])
    expect(files['journal/ended-pods.txt']).toContain('the last words')
    expect(files['journal/ended-pods.txt']).not.toContain('still alive')
  })

  it('keeps no more of a file than it may, and says that it was cut off', async () => {
    const line = 'cpu  1 2 3 4\n'
    const files = await run(await nodeOf({ 'proc/stat': line.repeat(11_000) }), ['throttling'])
    expect(files['throttling/stat.txt']).toHaveLength(131_072)
    expect(files['throttling/commands.tsv']).toMatch(/^stat\.txt\tcut\t131072\t/m)
  })

  it('leaves nothing behind', async () => {
    const out = join(await makeFolder(), 'out')
    const root = await nodeOf()
    execFileSync('sh', [SCRIPT, '1', 'disk'], {
      env: { ...process.env, HOST: root, PROC: join(root, 'proc'), OUT: out },
    })
    expect(existsSync(join(out, '1'))).toBe(false)
  })
})
