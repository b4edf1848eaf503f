import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  [
    'coredns-loop',
    '',
    '[FATAL] plugin/loop: Loop (127.0.0.1:55953 -> :53) detected for zone ".", see https://coredns.io/plugins/loop#troubleshooting.',
    { path: '127.0.0.1:55953 -> :53', zone: '.' },
  ],
  [
    'corefile-invalid',
    '',
    "/etc/coredns/Corefile:12 - Error during parsing: Unknown directive 'forwrd'",
    { cause: "Unknown directive 'forwrd'" },
  ],
  [
    'corefile-invalid',
    '',
    'plugin/forward: not an IP address or file: "10.0.0.x"',
    { cause: 'not an IP address or file: "10.0.0.x"' },
  ],
  [
    'coredns-overloaded',
    '',
    '[ERROR] plugin/errors: 2 example.com. A: concurrent queries exceeded maximum 1000',
    { limit: '1000' },
  ],
  [
    'coredns-upstream-timeout',
    '',
    '[ERROR] plugin/errors: 2 api.example.com. A: read udp 10.0.3.7:41234->169.254.169.253:53: i/o timeout',
    { name: 'api.example.com.', type: 'A', upstream: '169.254.169.253:53', cause: 'i/o timeout' },
  ],
  [
    'coredns-upstream-timeout',
    '',
    '[ERROR] plugin/errors: 2 api.example.com. AAAA: unreachable backend: no upstream host',
    { name: 'api.example.com.', type: 'AAAA', cause: 'unreachable backend' },
  ],
  ['coredns-apiserver-watch-stale', '', '[INFO] plugin/ready: Still waiting on: "kubernetes"', {}],
  [
    'coredns-apiserver-watch-stale',
    '',
    '[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API',
    {},
  ],
  [
    'coredns-apiserver-watch-stale',
    '',
    '[ERROR] plugin/kubernetes: pkg/mod/k8s.io/client-go/tools/cache/reflector.go:229: Failed to watch *v1.Service: unknown',
    { kind: 'Service' },
  ],
  ['coredns-ending', '', '[INFO] plugin/health: Going into lameduck mode for 5s', { time: '5s' }],
  [
    'coredns-overloaded-health',
    '',
    '[WARNING] plugin/health: Local health request to "http://:8080/health" took more than 1s: 1.5s',
    {},
  ],
  [
    'coredns-query',
    '',
    '[INFO] 10.244.1.5:43210 - 12345 "A IN api.example.com.shop.svc.cluster.local. udp 60 false 512" NXDOMAIN qr,aa,rd 153 0.000123s',
    { client: '10.244.1.5', type: 'A', name: 'api.example.com.shop.svc.cluster.local.', code: 'NXDOMAIN' },
  ],
]
