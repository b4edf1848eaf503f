import { type Message, speaker } from './message.ts'

const says = speaker('kubelet')
const warns = speaker('kubelet', ['ProbeWarning'])

/** What the kubelet says of probes: first what the answer was, then which probe it was. */
export const probes = {
  'probe-status-code': says('The probed path answered, with a status that is no success.', [
    /(?<probe>Liveness|Readiness|Startup) probe failed: HTTP probe failed with statuscode: (?<status>\d{3})/,
    'pkg/probe/http/http.go',
  ]),
  'probe-connection-refused': says('Nothing listens on the probed port.', [
    /(?<probe>Liveness|Readiness|Startup) probe (?:failed|errored)[^\n]{0,400}?(?:dial tcp (?<address>\S{1,80}): )?connect: connection refused/,
    'pkg/probe/http/http.go',
  ]),
  'probe-timed-out': says(
    'The probe got no answer in its time, or no connection: the application is busy, throttled or stuck, or packets are lost.',
    [
      /(?<probe>Liveness|Readiness|Startup) probe (?:failed|errored)[^\n]{0,400}?(?<cause>context deadline exceeded|Client\.Timeout exceeded while awaiting headers|(?<unconnected>i\/o timeout)|timed out after \S{1,20}|timeout: failed to connect service|timed out)/,
      'pkg/probe/http/http.go',
    ],
  ),
  'probe-unreachable': says(
    'The probed address cannot be reached: the pod has no network, or no longer this address.',
    [
      /(?<probe>Liveness|Readiness|Startup) probe (?:failed|errored)[^\n]{0,400}?(?<cause>no route to host|network is unreachable|host is unreachable)/,
      'pkg/probe/tcp/tcp.go',
    ],
  ),
  'probe-connection-broken': says('The probed port closed the connection without an answer.', [
    /(?<probe>Liveness|Readiness|Startup) probe (?:failed|errored)[^\n]{0,400}?(?<cause>connection reset by peer|\bEOF\b|server closed idle connection|malformed HTTP (?:response|status))/,
    'pkg/probe/http/http.go',
  ]),
  'probe-tls-failed': says('The probed port does not speak TLS as the probe does.', [
    /(?<probe>Liveness|Readiness|Startup) probe (?:failed|errored)[^\n]{0,400}?(?<cause>tls: [^\n]{1,120}|server gave HTTP response to HTTPS client|x509: [^\n]{1,120})/,
    'pkg/probe/http/http.go',
  ]),
  'probe-grpc-failed': says('The probed gRPC health service is missing, or says that it does not serve.', [
    /(?<probe>Liveness|Readiness|Startup) probe (?:failed|errored)[^\n]{0,200}?(?<cause>service unhealthy \(responded with "[A-Z_]{1,40}"\)|this server does not implement the grpc health protocol[^\n]{0,60}|grpc probe failed[^\n]{0,100})/,
    'pkg/probe/grpc/grpc.go',
  ]),
  'probe-not-executed': says('The command of the probe could not be run, which says nothing about the application.', [
    /(?<probe>Liveness|Readiness|Startup) probe errored(?: and resulted in unknown state)?: (?<cause>[^\n]{1,300})/,
    'pkg/kubelet/prober/prober.go',
  ]),
  'liveness-probe-failed': says('A liveness probe failed; after enough failures the container is restarted.', [
    /Liveness probe failed: (?<cause>[^\n]{0,300})/,
    'pkg/kubelet/prober/prober.go',
  ]),
  'readiness-probe-failed': says('A readiness probe failed; the pod gets no requests until it succeeds.', [
    /Readiness probe failed: (?<cause>[^\n]{0,300})/,
    'pkg/kubelet/prober/prober.go',
  ]),
  'startup-probe-failed': says('A startup probe failed; after enough failures the container is restarted.', [
    /Startup probe failed: (?<cause>[^\n]{0,300})/,
    'pkg/kubelet/prober/prober.go',
  ]),
  'probe-redirect': warns('The probed path redirects elsewhere, which counts as success.', [
    /(?<probe>Liveness|Readiness|Startup) probe warning: (?<cause>[^\n]{0,300})/,
    'pkg/kubelet/prober/prober.go',
  ]),
  'readiness-gate-unmet': says('The pod waits for a condition that another controller has to set.', [
    /corresponding condition of pod readiness gate "(?<gate>[^"]{1,300})" (?:does not exist|is not (?<wanted>\w{1,10}))/,
    'pkg/kubelet/status/generate.go',
  ]),
  'containers-not-ready': says('Containers of the pod do not run, or fail their readiness probe.', [
    /containers with (?<state>unready|incomplete|unknown) status: \[(?<containers>[^\]]{1,1000})\]/,
    'pkg/kubelet/status/generate.go',
  ]),
} satisfies Record<string, Message>
