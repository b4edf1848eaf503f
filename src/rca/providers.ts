import { requestsOf, untoleratedTaints } from '../incident/fit.ts'
import type { Incident } from '../incident/incident.ts'
import { type Pod, waitsForNode } from '../incident/pod.ts'
import { keyOf, type Ref } from '../incident/reference.ts'
import type { Workload } from '../incident/workload.ts'

/** The workloads that should give the waiting pods of another one their node or their device: autoscalers, the cloud's controller, device plugins. */
export function findProviders(incident: Incident, subject: Ref): ReadonlySet<string> {
  const waiting = (incident.workloadOf(subject)?.pods ?? []).filter(waitsForNode)
  const wanted = PROVIDERS.filter(({ isWanted }) => waiting.some((pod) => isWanted(incident, pod)))
  const devices = new Set(waiting.flatMap((pod) => devicesOf(incident, pod)))
  const found = incident.workloads.filter(
    (workload) => wanted.some(({ names }) => isCalled(workload, names)) || offers(workload, devices),
  )
  return new Set(found.map(({ ref }) => keyOf(ref)))
}

/** What a new node has until the controller of the cloud has looked at it (cloud-provider/api/well_known_taints.go). */
const UNINITIALIZED = 'node.cloudprovider.kubernetes.io/uninitialized'

const PROVIDERS = [
  { names: /(?:^|[-/])(?:cluster-autoscaler|karpenter)(?:$|[-/])/, isWanted: () => true },
  {
    names: /(?:^|[-/])cloud-controller-manager(?:$|[-/])|(?:^|[-/])cloud-node-manager(?:$|[-/])/,
    isWanted: (incident: Incident, pod: Pod) =>
      incident.nodes.some((node) => untoleratedTaints(pod, node).some(({ key }) => key === UNINITIALIZED)),
  },
]

function isCalled({ ref, pods }: Workload, names: RegExp): boolean {
  return (
    names.test(ref.name) || pods.some(({ containers }) => containers.some(({ image }) => names.test(pathOf(image))))
  )
}

function pathOf(image: string): string {
  return image.split('@')[0]?.replace(/:[^/]*$/, '') ?? ''
}

/** Resources that a plugin on the node has to offer, `nvidia.com/gpu`: those with the domain of somebody else than Kubernetes. */
function devicesOf(incident: Incident, pod: Pod): readonly string[] {
  return Object.keys(requestsOf(incident, pod)).filter((name) => /^(?!(?:.*\.)?kubernetes\.io\/)[^/]+\/./.test(name))
}

/** Plugins are called by their maker or by the device: `nvidia-device-plugin`, `neuron-device-plugin`, `sriov-device-plugin`. */
function offers(workload: Workload, devices: ReadonlySet<string>): boolean {
  if (devices.size === 0 || !isCalled(workload, /device-?plugin/)) return false
  const words = [...devices].flatMap((device) => device.split(/[./_-]/)).filter((word) => !ANYBODY.has(word))
  return words.some((word) => isCalled(workload, new RegExp(`(?:^|[^a-z])${word.replace(/\W/g, '')}(?:[^a-z]|$)`)))
}

/** Parts of names of devices that tell nothing of who offers them. */
const ANYBODY: ReadonlySet<string> = new Set([
  'com',
  'io',
  'org',
  'net',
  'dev',
  'amazonaws',
  'aws',
  'device',
  'plugin',
  '',
])
