import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  [
    'api-kind-not-served',
    '',
    'E0110 12:00:00.000000 1 reflector.go:147] k8s.io/client-go/informers/factory.go:159: Failed to watch *v1.EndpointSlice: failed to list *v1.EndpointSlice: the server could not find the requested resource',
    {},
  ],
  [
    'watch-failed',
    '',
    'Failed to watch *v1.Service: Get "https://10.0.0.1/api/v1/services": dial tcp 10.0.0.1:443: connect: connection refused',
    {
      kind: 'v1.Service',
      cause: 'Get "https://10.0.0.1/api/v1/services": dial tcp 10.0.0.1:443: connect: connection refused',
    },
  ],
  ['watch-failed', '', 'failed to list *v1.Node: nodes is forbidden', { kind: 'v1.Node', cause: 'nodes is forbidden' }],
  [
    'watch-failed',
    '',
    'E0110 12:00:00.000000 1 reflector.go:200] "Failed to watch" err="Get \\"https://10.0.0.1/api/v1/pods\\": connection refused" logger="x" reflector="factory.go:160" type="*v1.Pod"',
    { kind: 'v1.Pod' },
  ],
  [
    'iptables-lock-held',
    '',
    'Another app is currently holding the xtables lock. Perhaps you want to use the -w option?',
    {},
  ],
  [
    'iptables-sync-failed',
    '',
    'E0110 12:00:00.000000 1 proxier.go:1564] "Failed to execute iptables-restore" err="exit status 4"',
    {},
  ],
  ['iptables-sync-failed', '', 'I0110 12:00:00.000000 1 proxier.go:858] "Sync failed" retryingTime="30s"', {}],
  ['iptables-sync-failed', '', 'iptables-restore: line 12 failed', {}],
  [
    'kube-proxy-conntrack-failed',
    '',
    'error running ProxyServer: open /proc/sys/net/netfilter/nf_conntrack_max: permission denied',
    { cause: 'permission denied' },
  ],
  ['ipvs-unavailable', '', "Can't use the IPVS proxier: kernel modules missing", {}],
]
