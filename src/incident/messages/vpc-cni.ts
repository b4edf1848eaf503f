import { type Message, speaker } from './message.ts'

const says = speaker('amazon-vpc-cni-k8s')

/** What the network plugin of EKS says: in the events of pods, and in the log of its daemon (ipamd). */
export const vpcCni = {
  'prefix-fragmentation': says('The subnet has addresses and no sixteen of them in a row.', [
    /InsufficientCidrBlocks|There aren't sufficient free Ipv4 (?:addresses or )?prefixes/,
    'EC2 API, docs/troubleshooting.md',
  ]),
  'subnet-ip-exhaustion': says(
    'The subnet has no address left.',
    [/InsufficientFreeAddressesInSubnet/, 'EC2 API, docs/troubleshooting.md'],
    [/subnet doesn't seem to have enough IPs\/Prefixes/, 'pkg/ipamd/ipamd.go'],
    [/The specified subnet does not have enough free addresses/, 'EC2 API'],
    [/have insufficient available IP addresses/, 'aws-load-balancer-controller pkg/networking/subnet_resolver.go'],
    [/\bIP_NOT_AVAILABLE\b|\bInsufficientFreeAddresses\b(?!In)/, 'EKS health issues'],
  ),
  'ipamd-pool-empty': says('The daemon of the node has no address left to give to a pod.', [
    /no available IP\/Prefix addresses/,
    'pkg/ipamd/datastore/data_store.go',
  ]),
  'ip-assignment-failed': says('A pod got no address; the log of the daemon says why.', [
    /add cmd: failed to assign an IP address to container/,
    'cmd/routed-eni-cni-plugin/cni.go',
  ]),
  'cni-ipamd-down': says('The daemon that gives addresses does not answer on its node.', [
    /(?:dial tcp )?127\.0\.0\.1:50051[":\\]{0,4} (?:connect: )?(?<cause>connection refused|i\/o timeout|context deadline exceeded)/,
    'cmd/routed-eni-cni-plugin/cni.go',
  ]),
  'network-policy-agent-unreachable': says(
    'The agent that sets network policies does not answer on its node, so no pod starts.',
    [
      /add cmd: failed to setup network policy|Failed to connect to network policy agent|127\.0\.0\.1:50052/,
      'cmd/routed-eni-cni-plugin/cni.go',
    ],
  ),
  'ipamd-api-unreachable': says('The daemon that gives addresses cannot reach the API server.', [
    /Unable to reach API Server|Failed to check API server connectivity/,
    'pkg/k8sapi/k8sutils.go',
  ]),
  'ipamd-started': says('The daemon that gives addresses started, or was restarted.', [
    /Starting L-IPAMD/,
    'cmd/aws-k8s-agent/main.go',
  ]),
  'eni-attach-failed': says(
    'The node did not get another network interface.',
    [/awsGetFreeDeviceNumber: no available device number/, 'pkg/awsutils/awsutils.go'],
    [/Failed to increase pool size due to not able to allocate ENI(?: (?<cause>[^\n]{1,300}))?/, 'pkg/ipamd/ipamd.go'],
    [/Failed to attach ENI (?<eni>eni-\w{1,40})/, 'pkg/awsutils/awsutils.go'],
    [/Failed to CreateNetworkInterface (?<cause>[^\n]{1,400})/, 'pkg/awsutils/awsutils.go'],
  ),
  'private-ip-limit': says(
    'The cloud says that the interface has all its addresses, and the daemon does not know them: they disagree.',
    [/PrivateIpAddressLimitExceeded/, 'EC2 API, docs/troubleshooting.md'],
  ),
  'ipamd-state-mismatch': says('What the daemon believes of its addresses is not what the machine has.', [
    /Instance metadata does not match data store/,
    'pkg/ipamd/ipamd.go',
  ]),
  'branch-eni-missing': says('The pod needs a network interface of its own and the node has no trunk for it.', [
    /Send AddNetworkReply: (?:No trunk ENI|Failed to get Branch ENI|failed to get Branch ENI resource)|No slot available for a trunk ENI|failed to setup branch ENI network|annotation vpc\.amazonaws\.com\/pod-eni not found/i,
    'pkg/ipamd/rpc_handler.go',
  ]),
  'missing-eni-config': says('Custom networking is on and the node has no configuration for its zone.', [
    /No ENIConfig could be found for this node|eniconfig: eniconfig is not available|Failed to get pod ENI config/,
    'pkg/eniconfig/eniconfig.go',
  ]),
  'imds-unreachable': says(
    'The metadata service of the machine does not answer: the way to it is one hop too long, it is off, or it is throttled.',
    [/no EC2 IMDS role found/, 'aws-sdk-go-v2 credentials/ec2rolecreds'],
    [
      /[Ff]ailed to (?:get|retrieve) region(?: data)? from (?:instance metadata|EC2 Metadata|IMDS|EC2 instance metadata)/,
      'pkg/awsutils/awsutils.go',
    ],
    [/(?:failed to|could not|unable to) get (?:region|instance identity)\b/, 'docs/troubleshooting.md'],
    [/EC2 IMDS|ec2imds|EC2MetadataRequestError|EC2MetadataError/, 'aws-sdk-go feature/ec2/imds'],
    [
      /169\.254\.169\.254[^\n]{0,200}?(?:i\/o timeout|context deadline exceeded|connection refused|no route to host|request canceled)/,
      'docs/troubleshooting.md',
    ],
  ),
  'network-manager-interferes': says('A service of the node rewrites the routes that the plugin set.', [
    /nm-cloud-setup|from all (?:to|lookup) \S{1,40} ?(?:lookup )?30[24]00/,
    'docs/troubleshooting.md',
  ]),
} satisfies Record<string, Message>
