import { type Message, speaker } from './message.ts'

const says = speaker('kubelet')
const calico = speaker('calico')
const cilium = speaker('cilium')
const flannel = speaker('flannel')

/** What any network plugin says when a pod gets no network; those of EKS are in `vpc-cni.ts`. */
export const cni = {
  'flannel-subnet-missing': flannel('The daemon of flannel has not given the node its range of addresses.', [
    /open \/run\/flannel\/subnet\.env: no such file or directory|loadFlannelSubnetEnv failed/,
    'plugins/meta/flannel/flannel.go',
  ]),
  'calico-node-down': calico('The daemon of calico does not run on the node, or has not.', [
    /stat \/var\/lib\/calico\/nodename: no such file or directory/,
    'cni-plugin/internal/pkg/utils/utils.go',
  ]),
  'calico-unauthorized': calico('The token with which calico asks the API server is no longer valid.', [
    /error getting ClusterInformation: (?<cause>[^\n]{1,300})/,
    'cni-plugin/pkg/plugin/plugin.go',
  ]),
  'calico-datastore-unreachable': calico('A calico node is not ready.', [
    /calico\/node is not ready: (?<cause>[^\n]{1,300})/,
    'node/pkg/health/health.go',
  ]),
  'cilium-agent-down': cilium('The agent of cilium does not answer on the node.', [
    /(?:unable to connect to Cilium (?:agent|daemon)|Cilium API client timeout exceeded|cilium\.sock: connect: (?:connection refused|no such file or directory)|Is the agent running\?)/,
    'plugins/cilium-cni/cmd/cmd.go',
  ]),
  'cilium-endpoint-failed': cilium('The agent of cilium did not set up a pod.', [
    /[Uu]nable to create endpoint: (?<cause>[^\n]{1,300})/,
    'plugins/cilium-cni/cmd/cmd.go',
  ]),
  'pod-range-exhausted': speaker('IPAM plugins')(
    'The range or pool that pods of the node get addresses from is used up.',
    [
      /no IP addresses available in range set: (?<range>[\w.:/-]{1,120})|failed to allocate for range \d+: no IP addresses available|range is full/,
      'host-local plugins/ipam/host-local/backend/allocator/allocator.go',
    ],
    [
      /No IPs available in pools: \[(?<pools>[\w.:/, -]{1,300})\]|cannot allocate new block due to per host block limit/,
      'calico libcalico-go/lib/ipam/ipam.go',
    ],
    [
      /No more free affine blocks and strict affinity enabled|[Nn]o configured Calico pools(?: for node (?<node>[\w.-]{1,253}))?/,
      'calico libcalico-go/lib/ipam/ipam.go',
    ],
    [/IPAM allocated only 0/, 'calico cni-plugin/pkg/ipamplugin/ipam_plugin.go'],
    [/[Ff]ailed to allocate (?:address|pool): No available address(?:es| pools)/, 'azure-vnet-ipam ipam/api.go'],
    [/AllocateIPConfig failed: not enough IPs available/, 'azure-cns cns/restserver/ipam.go'],
  ),
  'azure-cns-down': speaker('azure-vnet')('The service that gives pods of the node their addresses does not answer.', [
    /Failed to get IP address from CNS: (?<cause>http request failed[^\n]{0,200}?connect: connection refused|[^\n]{0,200}?(?:connection refused|context deadline exceeded))/,
    'azure-container-networking cni/network/invoker_cns.go',
  ]),
  'pod-pool-empty': cilium(
    'The agent of cilium has no address left at the moment; its operator asks the cloud for more.',
    [/postIpamFailure[\s"\\]{1,6}No more IPs available/, 'pkg/ipam/crd.go'],
  ),
  'bridge-address-conflict': speaker('bridge plugin')('The bridge of the node has an address of another range.', [
    /"?cni0"? already has an IP address different from (?<address>[\w.:/]{1,60})/,
    'plugins/main/bridge/bridge.go',
  ]),
  'network-attachment-missing': speaker('multus')(
    'The additional network of the pod is not defined, or multus may not read it.',
    [
      /cannot find a network-attachment-definition \((?<name>[^)]{1,253})\) in namespace \((?<namespace>[^)]{1,63})\)|cannot find get a network-attachment-definition/,
      'pkg/k8sclient/k8sclient.go',
    ],
  ),
  'mesh-redirection-missing': speaker('istio')(
    'The traffic of the pod is not led to its proxy, which the agent of Istio on its node should have seen to.',
    [/iptables validation failed; workload is not ready for Istio/, 'tools/istio-iptables/pkg/cmd/root.go'],
  ),
  'cni-plugin-missing': speaker('libcni')('The program of the network plugin is not on the node.', [
    /failed to find plugin "(?<plugin>[^"]{1,100})" in path/,
    'pkg/invoke/find.go',
  ]),
  'cni-plugin-failed': says(
    'The network plugin of the node failed; its own words follow.',
    [
      /plugin type="(?<plugin>[^"]{1,100})"(?: name="(?<network>[^"]{1,100})")? failed \((?<step>add|delete|check)\)(?:: (?<cause>[^\n]{1,600}))?/,
      'libcni pkg/invoke/exec.go',
      { since: 'v1.24' },
    ],
    [
      /networkPlugin (?<plugin>\w{1,20}) failed to (?<step>set up|teardown) pod "(?<pod>[^"]{1,320})" network: (?<cause>[^\n]{1,600})/,
      'dockershim pkg/kubelet/dockershim/network/plugins.go',
      { until: 'v1.23' },
    ],
    [
      /failed to (?:setup|set up|destroy) network for sandbox "?(?<sandbox>\w{1,80})"?(?:: (?<cause>[^\n]{1,600}))?/,
      'containerd internal/cri/server/sandbox_run.go',
    ],
  ),
  'sandbox-address-missing': says('A sandbox has no address, or its network namespace is gone.', [
    /failed to (?:get|open) (?:network namespace|netns|sandbox ip)|Cannot find (?:the )?network namespace for the terminated container/,
    'pkg/kubelet/kuberuntime/kuberuntime_sandbox.go',
  ]),
} satisfies Record<string, Message>
