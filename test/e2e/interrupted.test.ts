import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { kubectl } from './cluster/kubectl.ts'

const run = promisify(execFile)

/** A cluster of its own, because these tests break it: see cluster/place.ts. */
const ENV = { ...process.env, FREEZEFRAME_CLUSTER: 'trial' }
const FOLDER = join(tmpdir(), 'freezeframe-trial')
const PROGRAM = join(import.meta.dirname, 'cluster', 'cli.ts')

afterAll(() => cluster('down'))

describe('a cluster that was interrupted', () => {
  it('is no cluster while its nodes are missing, and is started anew', async () => {
    await killUp('admin.kubeconfig')
    expect(await cluster('status')).toBe('down')
    await cluster('up')
    expect(await readyNodes()).toBe(2)
  })

  it('is started anew when a node has lost its servers', async () => {
    const pid = Number(readFileSync(join(FOLDER, 'node2', 'containerd.pid'), 'utf8'))
    process.kill(pid, 'SIGKILL')
    await sleep(500)
    expect(await cluster('status')).toBe('down')
    await cluster('up')
    expect(await readyNodes()).toBe(2)
  })

  it('is taken down although its folder was removed under it', async () => {
    await rm(FOLDER, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    await cluster('down')
    expect(leftovers()).toEqual([])
  })

  it('is taken down although it was killed while its nodes started', async () => {
    await killUp('node2/start.sh')
    await cluster('down')
    expect(leftovers()).toEqual([])
  })

  it('says who is starting it, and leaves that one alone', async () => {
    const starter = spawn(process.execPath, [PROGRAM, 'up'], { env: ENV, stdio: 'ignore' })
    await fileAppears('starting')
    await expect(cluster('down')).rejects.toThrow(`Process ${starter.pid} is starting the cluster`)
    expect(await once(starter, 'exit')).toEqual([0, null])
    expect(await readyNodes()).toBe(2)
  })
})

async function cluster(command: string): Promise<string> {
  const { stdout } = await run(process.execPath, [PROGRAM, command], { env: ENV })
  return stdout.trim()
}

/** Starts the cluster and kills the one who starts it as soon as this file is there. */
async function killUp(file: string): Promise<void> {
  await cluster('down')
  const starter = spawn(process.execPath, [PROGRAM, 'up'], { env: ENV, stdio: 'ignore' })
  await fileAppears(file)
  starter.kill('SIGKILL')
  await once(starter, 'exit')
}

async function fileAppears(file: string): Promise<void> {
  while (!existsSync(join(FOLDER, file))) await sleep(20)
}

async function readyNodes(): Promise<number> {
  const nodes = await kubectl(['get', 'nodes', '--no-headers'], join(FOLDER, 'admin.kubeconfig'))
  return nodes.split('\n').filter((line) => / Ready /.test(line)).length
}

/** What a look around the machine finds of it: its folder, processes, network and cgroups. */
function leftovers(): string[] {
  const named = (folder: string, beginning: string) =>
    (existsSync(folder) ? readdirSync(folder) : [])
      .filter((name) => name.startsWith(beginning))
      .map((name) => join(folder, name))
  const processes = readdirSync('/proc').filter(
    (entry) => /^\d+$/.test(entry) && commandOf(entry).includes(`${FOLDER}/`),
  )
  return [
    ...(existsSync(FOLDER) ? [FOLDER] : []),
    ...processes.map(commandOf),
    ...named('/sys/class/net', 'ft'),
    ...named('/run/netns', 'ft-'),
    ...['', 'cpu', 'memory', 'pids', 'unified'].flatMap((controller) =>
      named(join('/sys/fs/cgroup', controller), 'ft-node'),
    ),
    ...named('/var/lib/cni/results', 'fttest'),
  ]
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
