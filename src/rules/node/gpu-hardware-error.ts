import type { Incident } from '../../incident/incident.ts'
import { is } from '../../incident/messages/index.ts'
import type { Said } from '../../incident/statement.ts'
import { countOrNo } from '../../incident/telling.ts'
import { findingOf, groupByNode, isOngoing, type NodeGroup, sufferersOfGroup } from '../group-by-node.ts'
import { groupNotBefore } from '../not-before.ts'
import { type Finding, type Rejection, type Rule, reject } from '../rule.ts'

/** A graphics processor, or another accelerator, of a node that fails. */
export const gpuHardwareError: Rule<'gpu-hardware-error'> = {
  id: 'gpu-hardware-error',
  title: 'An accelerator of a node fails',
  domain: 'node',
  needs: ['nodes'],
  helps: ['events', 'kernel-log', 'pods'],
  explains: ['node-unhealthy', 'crashing', 'job-failing', 'not-ready', 'not-starting', 'unscheduled', 'errors'],
  explain: {
    mechanism:
      'The memory, a link or the driver of an accelerator fails. Jobs on the node crash or hang, and those on other nodes that work with them wait for it.',
    proof: [
      'AcceleratedHardwareReady=False with NvidiaXID…Error, NvidiaDoubleBitError, NvidiaNVLinkError, FabricManagerNotRunning, NvidiaDeviceCountMismatch, DCGM… or Neuron….',
      'Kernel: `NVRM: Xid`, with a number that is not one of the application’s own (13, 31, 43, 45).',
    ],
    lookAlikes: ['Xid 13, 31, 43 or 45 on several nodes: the program does something wrong.'],
    mitigate: [
      { says: 'Keep new jobs away; keep nvidia-bug-report.', command: 'kubectl cordon {node}', changes: true },
      {
        says: 'Replace the node.',
        command: 'kubectl drain {node} --ignore-daemonsets --delete-emptydir-data',
        changes: true,
      },
    ],
    fix: ['Return the machine; pin driver and image versions that work.'],
    links: ['https://docs.nvidia.com/deploy/xid-errors/'],
  },
  *evaluate(incident) {
    for (const group of groupByNode(incident, ...SAID)) yield judge(incident, group)
  },
}

const SAID = [
  'nma-dcgm-diagnostic',
  'nma-dcgm-unreachable',
  'nma-dcgm-health',
  'nma-fabric-manager',
  'nma-gpu-missing',
  'nma-gpu-double-bit',
  'nma-gpu-fabric',
  'nma-gpu-nvlink',
  'nma-gpu-xid-error',
  'nma-gpu-xid-warning',
  'nma-gpu-nccl',
  'nma-gpu-pcie',
  'nma-gpu-page-retirement',
  'nma-gpu-power',
  'nma-gpu-thermal',
  'nma-dcgm-field',
  'nma-neuron-error',
  'gpu-fault',
] as const

function judge(incident: Incident, group: NodeGroup): Finding | Rejection {
  const { ref, said } = group
  const sufferers = sufferersOfGroup(incident, group)
  const isFatal = said.some(({ source }) => source === 'condition')
  const isProgram = !isFatal && said.every(isOfProgram)
  if (isProgram) return reject(ref, 'Its accelerators reported only faults that programs bring about.')
  if (!isFatal && sufferers.length === 0)
    return isOngoing(incident, group)
      ? describe(incident, group, 'risk')
      : reject(ref, 'An accelerator of it complained once; nothing suffers.')
  return describe(incident, group, 'cause')
}

function isOfProgram({ text, reason }: Said): boolean {
  return Boolean(is(text, 'gpu-fault-of-program') ?? is(text, 'nma-gpu-xid-of-program', reason))
}

function describe(incident: Incident, group: NodeGroup, kind: Finding['kind']): Finding {
  const sufferers = sufferersOfGroup(incident, group)
  const [first] = group.said as [Said]
  return findingOf(incident, group, kind === 'cause' ? sufferers : [], {
    notBefore: groupNotBefore(incident, group),
    kind,
    strength: group.said.some(({ source }) => source === 'condition') ? 'proof' : 'strong',
    says: `An accelerator of node ${group.ref.name} fails (${first.reason}): ${first.text.slice(0, 160)}; ${countOrNo(sufferers.length, 'pod')} on it suffer.`,
  })
}
