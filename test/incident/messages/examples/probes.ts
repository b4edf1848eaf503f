import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  [
    'probe-status-code',
    'Unhealthy',
    'Liveness probe failed: HTTP probe failed with statuscode: 503',
    { probe: 'Liveness', status: '503' },
  ],
  [
    'probe-connection-refused',
    'Unhealthy',
    'Readiness probe failed: Get "http://10.0.3.7:8080/ready": dial tcp 10.0.3.7:8080: connect: connection refused',
    { probe: 'Readiness', address: '10.0.3.7:8080' },
  ],
  [
    'probe-timed-out',
    'Unhealthy',
    'Liveness probe failed: Get "http://10.0.3.7:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    { probe: 'Liveness', cause: 'context deadline exceeded' },
  ],
  [
    'probe-timed-out',
    'Unhealthy',
    'Liveness probe failed: command timed out: "pg_isready" timed out after 1s',
    { probe: 'Liveness', cause: 'timed out' },
  ],
  [
    'probe-timed-out',
    'Unhealthy',
    'Readiness probe failed: timeout: failed to connect service "10.0.3.7:9090" within 1s',
    { probe: 'Readiness', cause: 'timeout: failed to connect service' },
  ],
  [
    'probe-timed-out',
    'Unhealthy',
    'Readiness probe failed: dial tcp 10.0.3.7:8080: i/o timeout',
    { probe: 'Readiness', cause: 'i/o timeout', unconnected: 'i/o timeout' },
  ],
  [
    'probe-unreachable',
    'Unhealthy',
    'Readiness probe failed: dial tcp 10.0.3.7:8080: connect: no route to host',
    { probe: 'Readiness', cause: 'no route to host' },
  ],
  [
    'probe-connection-broken',
    'Unhealthy',
    'Liveness probe failed: Get "http://10.0.3.7:8080/healthz": read tcp 10.0.3.1:4321->10.0.3.7:8080: read: connection reset by peer',
    { probe: 'Liveness', cause: 'connection reset by peer' },
  ],
  [
    'probe-tls-failed',
    'Unhealthy',
    'Readiness probe failed: Get "https://10.0.3.7:8443/ready": http: server gave HTTP response to HTTPS client',
    { probe: 'Readiness', cause: 'server gave HTTP response to HTTPS client' },
  ],
  [
    'probe-grpc-failed',
    'Unhealthy',
    'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")',
    { probe: 'Readiness', cause: 'service unhealthy (responded with "NOT_SERVING")' },
  ],
  [
    'probe-not-executed',
    'Unhealthy',
    'Readiness probe errored: rpc error: code = NotFound desc = failed to exec in container: failed to load task: no running task found: task a1b2 not found',
    {
      probe: 'Readiness',
      cause:
        'rpc error: code = NotFound desc = failed to exec in container: failed to load task: no running task found: task a1b2 not found',
    },
  ],
  [
    'liveness-probe-failed',
    'Unhealthy',
    'Liveness probe failed: cat: /tmp/healthy: No such file or directory',
    { cause: 'cat: /tmp/healthy: No such file or directory' },
  ],
  [
    'readiness-probe-failed',
    'Unhealthy',
    'Readiness probe failed: /bin/sh: curl: not found',
    { cause: '/bin/sh: curl: not found' },
  ],
  [
    'startup-probe-failed',
    'Unhealthy',
    'Startup probe failed: HTTP probe failed with statuscode: 404',
    { cause: 'HTTP probe failed with statuscode: 404' },
  ],
  [
    'probe-redirect',
    'ProbeWarning',
    'Readiness probe warning: Probe terminated redirects, Response body: ',
    { probe: 'Readiness', cause: 'Probe terminated redirects, Response body: ' },
  ],
  [
    'readiness-gate-unmet',
    'ReadinessGatesNotReady',
    'corresponding condition of pod readiness gate "target-health.elbv2.k8s.aws/k8s-shop-web-1a2b3c" does not exist.',
    { gate: 'target-health.elbv2.k8s.aws/k8s-shop-web-1a2b3c' },
  ],
  [
    'containers-not-ready',
    'ContainersNotReady',
    'containers with unready status: [app sidecar]',
    { state: 'unready', containers: 'app sidecar' },
  ],
]
