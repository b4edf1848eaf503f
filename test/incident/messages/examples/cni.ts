import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  [
    'flannel-subnet-missing',
    'FailedCreatePodSandBox',
    'plugin type="flannel" failed (add): loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory',
    {},
  ],
  [
    'calico-node-down',
    'FailedCreatePodSandBox',
    'plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory: check that the calico/node container is running and has mounted /var/lib/calico/',
    {},
  ],
  [
    'calico-unauthorized',
    'FailedCreatePodSandBox',
    'plugin type="calico" failed (add): error getting ClusterInformation: connection is unauthorized: Unauthorized',
    { cause: 'connection is unauthorized: Unauthorized' },
  ],
  [
    'calico-datastore-unreachable',
    'Unhealthy',
    'Readiness probe failed: calico/node is not ready: BIRD is not ready: BGP not established with 10.0.0.9',
    { cause: 'BIRD is not ready: BGP not established with 10.0.0.9' },
  ],
  [
    'cilium-agent-down',
    'FailedCreatePodSandBox',
    'plugin type="cilium-cni" failed (add): unable to connect to Cilium agent: failed to create cilium agent client after 30.000000 seconds timeout: Get "http://localhost/v1/config": dial unix /var/run/cilium/cilium.sock: connect: no such file or directory',
    {},
  ],
  [
    'cilium-endpoint-failed',
    'FailedCreatePodSandBox',
    'plugin type="cilium-cni" failed (add): unable to create endpoint: [PUT /endpoint/{id}][429] putEndpointIdTooManyRequests',
    { cause: '[PUT /endpoint/{id}][429] putEndpointIdTooManyRequests' },
  ],
  [
    'pod-range-exhausted',
    'FailedCreatePodSandBox',
    'plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set: 10.244.1.1-10.244.1.254',
    {},
  ],
  [
    'pod-range-exhausted',
    'FailedCreatePodSandBox',
    'plugin type="calico" failed (add): failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; No IPs available in pools: [10.99.9.0/29]',
    { pools: '10.99.9.0/29' },
  ],
  [
    'pod-range-exhausted',
    'FailedCreatePodSandBox',
    'plugin type="calico" failed (add): failed to request 1 IPv4 addresses. IPAM allocated only 0',
    {},
  ],
  [
    'pod-range-exhausted',
    'FailedCreatePodSandBox',
    'failed to setup network for sandbox "ce54c8f8": Failed to allocate pool: Failed to delegate: Failed to allocate address: No available addresses',
    {},
  ],
  [
    'pod-range-exhausted',
    'FailedCreatePodSandBox',
    'plugin type="azure-vnet" failed (add): IPAM Invoker Add failed with error: Failed to get IP address from CNS with error: AllocateIPConfig failed: not enough IPs available for 9c6a7f37, waiting on Azure CNS to allocate more with NC Status: ',
    {},
  ],
  [
    'pod-pool-empty',
    'FailedCreatePodSandBox',
    'plugin type="cilium-cni" name="cilium" failed (add): unable to allocate IP via local cilium agent: [POST /ipam][502] postIpamFailure "No more IPs available"',
    {},
  ],
  [
    'bridge-address-conflict',
    'FailedCreatePodSandBox',
    'failed to set bridge addr: "cni0" already has an IP address different from 10.244.1.1/24',
    { address: '10.244.1.1/24' },
  ],
  [
    'network-attachment-missing',
    'FailedCreatePodSandBox',
    'plugin type="multus" failed (add): Multus: [shop/web-0/0e2f]: error loading k8s delegates k8s args: TryLoadPodDelegates: error in getting k8s network for pod: GetNetworkDelegates: failed getting the delegate: getKubernetesDelegate: cannot find a network-attachment-definition (macvlan) in namespace (shop)',
    { name: 'macvlan', namespace: 'shop' },
  ],
  [
    'cni-plugin-missing',
    'FailedCreatePodSandBox',
    'failed to find plugin "aws-cni" in path [/opt/cni/bin]',
    { plugin: 'aws-cni' },
  ],
  [
    'cni-plugin-failed',
    'FailedCreatePodSandBox',
    'plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container',
    {
      plugin: 'aws-cni',
      network: 'aws-cni',
      step: 'add',
      cause: 'add cmd: failed to assign an IP address to container',
    },
  ],
  [
    'cni-plugin-failed',
    'FailedCreatePodSandBox',
    'Failed create pod sandbox: rpc error: code = Unknown desc = failed to set up sandbox container "a1" network for pod "web-0": networkPlugin cni failed to set up pod "web-0_shop" network: add cmd: failed to assign an IP address to container',
    { plugin: 'cni', step: 'set up', pod: 'web-0_shop', cause: 'add cmd: failed to assign an IP address to container' },
  ],
  [
    'cni-plugin-failed',
    'FailedCreatePodSandBox',
    'failed to setup network for sandbox "a1b2c3": context deadline exceeded',
    { sandbox: 'a1b2c3', cause: 'context deadline exceeded' },
  ],
  ['sandbox-address-missing', '', 'failed to open netns "/proc/123/ns/net": no such file', {}],
  [
    'pod-range-exhausted',
    'FailedCreatePodSandBox',
    'plugin type="calico" failed (add): failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; No more free affine blocks and strict affinity enabled',
    {},
  ],
  [
    'azure-cns-down',
    'FailedCreatePodSandBox',
    'plugin type="azure-vnet" failed (add): IPAM Invoker Add failed with error: Failed to get IP address from CNS: http request failed: Post "http://localhost:10090/network/requestipconfigs": dial tcp 127.0.0.1:10090: connect: connection refused',
    {
      cause:
        'http request failed: Post "http://localhost:10090/network/requestipconfigs": dial tcp 127.0.0.1:10090: connect: connection refused',
    },
  ],
  ['mesh-redirection-missing', '', 'error\tiptables validation failed; workload is not ready for Istio.', {}],
]
