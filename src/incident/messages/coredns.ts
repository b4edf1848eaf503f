import { type Message, speaker } from './message.ts'

const says = speaker('coredns')

/** What CoreDNS says in its log. */
export const coredns = {
  'coredns-loop': says('CoreDNS asks itself: its upstream is the node, and the node asks CoreDNS.', [
    /plugin\/loop: Loop \((?<path>[^)]{1,160})\) detected for zone "(?<zone>[^"]{1,253})"/,
    'plugin/loop/loop.go',
  ]),
  'corefile-invalid': says(
    'CoreDNS cannot read its configuration.',
    [/(?:Corefile|\/etc\/coredns\/\S{1,100}):\d+ - Error during parsing: (?<cause>[^\n]{1,300})/, 'core/dnsserver'],
    [
      /plugin\/\w{1,40}: (?<cause>(?:unknown property|Wrong argument count|not an IP address or file)[^\n]{1,200})/,
      'plugin',
    ],
  ),
  'coredns-overloaded': says('CoreDNS has as many questions open at its upstream as it may.', [
    /concurrent queries exceeded maximum (?<limit>\d+)/,
    'plugin/forward/forward.go',
  ]),
  'coredns-upstream-timeout': says(
    'The upstream of CoreDNS does not answer, or is told that too many ask.',
    [
      /\[ERROR\] plugin\/errors: \d+ (?<name>[^\s]{1,253}) (?<type>[A-Z]{1,10}): (?:read|write|dial) (?:udp|tcp) (?:\S{1,60}->)?(?<upstream>[\w.:[\]]{1,60}): (?<cause>i\/o timeout|[^\n]{1,120})/,
      'plugin/errors/errors.go',
    ],
    [
      /\[ERROR\] plugin\/errors: \d+ (?<name>[^\s]{1,253}) (?<type>[A-Z]{1,10}): (?<cause>unreachable backend|no healthy upstreams|dial tcp[^\n]{1,120})/,
      'plugin/errors/errors.go',
    ],
  ),
  'coredns-apiserver-watch-stale': says(
    'CoreDNS has no connection to the API server and answers from what it knew.',
    [/plugin\/ready: (?:Still waiting on|Plugins not ready): "?kubernetes"?/, 'plugin/ready/ready.go'],
    [
      /plugin\/kubernetes: (?:waiting for Kubernetes API before starting server|starting server with unsynced Kubernetes API|Kubernetes API connection failure)/,
      'plugin/kubernetes/kubernetes.go',
    ],
    [/plugin\/kubernetes: [^\n]{0,200}?[Ff]ailed to (?:watch|list) \*?v1\.(?<kind>\w{1,40})/, 'plugin/kubernetes'],
  ),
  'coredns-ending': says('CoreDNS was told to end, and waits so that others can notice.', [
    /plugin\/health: Going into lameduck mode for (?<time>[\w.]{1,20})/,
    'plugin/health/health.go',
  ]),
  'coredns-overloaded-health': says('CoreDNS cannot answer its own health check in time.', [
    /plugin\/health: Local health request to "[^"]{1,100}" (?:failed|took more than 1s)/,
    'plugin/health/overloaded.go',
  ]),
  'coredns-query': says('A question to CoreDNS, with the code of its answer.', [
    /\[INFO\] (?<client>[\da-fA-F.:[\]]{2,45}):\d{1,5} - \d{1,5} "(?<type>[A-Z\d]{1,10}) IN (?<name>\S{1,253}) (?:udp|tcp) [^"\n]{1,40}" (?<code>[A-Z]{1,12}) /,
    'plugin/log, CommonLogFormat',
  ]),
} satisfies Record<string, Message>
