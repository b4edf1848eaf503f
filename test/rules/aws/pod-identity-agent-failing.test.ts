import { describe, expect, it } from 'vitest'
import { podIdentityAgentFailing } from '../../../src/rules/aws/pod-identity-agent-failing.ts'
import type { Thing } from '../../incident/scene.ts'
import { pod } from '../../incident/things.ts'
import { evaluate } from '../check.ts'
import { driver, log } from './caller.ts'

const LINE =
  'ERROR failed to load credentials, Get "http://169.254.170.23/v1/credentials": dial tcp 169.254.170.23:80: connect: connection refused'

describe('pod-identity-agent-failing', () => {
  it('names the workload that gets no credentials', async () => {
    const outcome = await evaluate(podIdentityAgentFailing, { objects: [driver()], logs: log(LINE) })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong', subject: { name: 'driver' } })
    expect(outcome.findings[0]?.says).toContain('does not run on its node')
  })

  it('looks at the agent of its own node alone, and blames it only where it is not well', async () => {
    const agent = (node: string, ready: boolean) =>
      pod(`kube-system/eks-pod-identity-agent-${node}`, { owner: 'DaemonSet/eks-pod-identity-agent', node, ready })
    const saysWith = async (...agents: Thing[]) =>
      (await evaluate(podIdentityAgentFailing, { objects: [driver(), ...agents], logs: log(LINE) })).findings[0]?.says
    expect(await saysWith(agent('node-1', false))).toContain('which is not well on node-1')
    expect(await saysWith(agent('node-1', true))).toMatch(/from the Pod Identity agent\.$/)
    expect(await saysWith(agent('node-2', false))).toContain('which does not run on its node')
  })

  it('is quiet of a program that is well', async () => {
    expect(await evaluate(podIdentityAgentFailing, { objects: [driver(true)], logs: log(LINE) })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
  })
})
