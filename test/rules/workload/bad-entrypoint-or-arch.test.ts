import { describe, expect, it } from 'vitest'
import { badEntrypointOrArch } from '../../../src/rules/workload/bad-entrypoint-or-arch.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, event, node, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const NAME = 'web-6c8f7d9b5-abcde'
const owner = 'ReplicaSet/web-6c8f7d9b5'
const MISSING =
  'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/bin/serve": stat /bin/serve: no such file or directory: unknown'
const sick = (status: Record<string, unknown>, where = 'node-1') =>
  pod(`shop/${NAME}`, { owner, node: where, ready: false, containers: [{ status }] })

describe('bad-entrypoint-or-arch', () => {
  it('names the command that is not in the image', async () => {
    const outcome = await evaluate(badEntrypointOrArch, {
      objects: [sick(crashed({ reason: 'StartError', exitCode: 128, message: MISSING }))],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ strength: 'proof' })
    expect(outcome.findings[0]?.says).toContain('/bin/serve')
  })

  it('tells of the processors where it runs on others', async () => {
    const arm = node('node-2', { status: { nodeInfo: { architecture: 'arm64' } } })
    const outcome = await evaluate(badEntrypointOrArch, {
      objects: [
        sick(crashed({ exitCode: 1 }), 'node-2'),
        pod('shop/web-6c8f7d9b5-fghij', { owner }),
        node('node-1'),
        arm,
      ],
      logs: { [`shop/${NAME}/app.previous`]: `${ago(61)} exec /app/server: exec format error\n` },
    })
    expect(outcome.findings[0]?.says).toContain('on arm64 nodes, while it runs on amd64')
  })

  it.each([
    'failed to create containerd container: cannot load seccomp profile "/var/lib/kubelet/seccomp/audit.json": open /var/lib/kubelet/seccomp/audit.json: no such file or directory',
    'failed to generate container "a1" spec: failed to inject CDI devices: unresolvable CDI devices nvidia.com/gpu=0',
    'failed to create containerd container: get apparmor_parser version: exec: "apparmor_parser": executable file not found in $PATH',
    'OCI runtime create failed: runc create failed: unable to start container process: error during container init: open /proc/sys/net/ipv4/x: no such file or directory: unknown',
  ])('tells of what the node lacks for the container: %s', async (message) => {
    const waiting = { ready: false, state: { waiting: { reason: 'CreateContainerError', message } } }
    const { findings } = await evaluate(badEntrypointOrArch, { objects: [sick(waiting)] })
    expect(findings[0]).toMatchObject({ strength: 'proof', subject: { kind: 'Deployment', name: 'web' } })
    expect(findings[0]?.says).toContain(
      'The container in 1 pod of web cannot be started, for its node lacks what it is to run with: ',
    )
    expect(findings[0]?.advice?.fix[0]).toContain('to every node')
    expect(badEntrypointOrArch.title).toMatch(/profile or driver/)
  })

  it('blames neither command nor node for a mount that fails, nor a parameter of which the program itself complains', async () => {
    const mount =
      'OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting "/a" to rootfs at "/b": not a directory'
    const judge = async (message: string, reason: string) => {
      const objects = [sick(crashed({ reason, exitCode: reason === 'Error' ? 1 : 128, message }))]
      return (await evaluate(badEntrypointOrArch, { objects })).findings
    }
    const [found] = await judge(mount, 'StartError')
    expect(found?.says).toMatch(/^The container in 1 pod of web cannot be started: /)
    expect(found?.advice).toBeUndefined()
    expect(await judge('open /proc/sys/net/core/somaxconn: permission denied', 'Error')).toEqual([])
  })

  it('knows 127 of a shell', async () => {
    const outcome = await evaluate(badEntrypointOrArch, {
      objects: [sick(crashed({ exitCode: 127 }))],
      logs: { [`shop/${NAME}/app.previous`]: `${ago(61)} sh: 1: serve: not found\n` },
    })
    expect(outcome.findings[0]?.strength).toBe('strong')
  })

  it('is quiet about the missing command of a probe, and about an error of the program', async () => {
    const probe =
      'Readiness probe errored: rpc error: code = Unknown desc = failed to exec in container: exec: "curl": executable file not found in $PATH'
    const scenes = [
      { objects: [pod(`shop/${NAME}`, { owner, ready: false }), event('shop', `Pod/${NAME}`, 'Unhealthy', probe)] },
      { objects: [sick(crashed({ exitCode: 1 }))] },
    ]
    for (const scene of scenes) expect((await evaluate(badEntrypointOrArch, scene)).status).toBe('clear')
  })

  it.each([
    ['sh: 1: serve: not found', 127, 'strong'],
    ['/bin/sh: /start.sh: Permission denied', 126, 'strong'],
    ['error iptables validation failed; workload is not ready for Istio.', 126, undefined],
    ['INFO deployment check: 3 of 4 hosts answer', 127, undefined],
  ])('asks for the words of a shell beside its exit code: %s', async (line, exitCode, strength) => {
    const logs = { [`shop/${NAME}/app.previous`]: `${ago(61)} ${line}\n` }
    const { findings } = await evaluate(badEntrypointOrArch, { objects: [sick(crashed({ exitCode }))], logs })
    expect(findings[0]?.strength).toBe(strength)
  })

  it('believes the exit code less where the log is not in the bundle', async () => {
    const { findings } = await evaluate(badEntrypointOrArch, { objects: [sick(crashed({ exitCode: 127 }))] })
    expect(findings[0]?.strength).toBe('weak')
  })
})
