import { type Message, speaker } from './message.ts'

const says = speaker('kube-proxy')

/** What kube-proxy and other clients of the API server say in their logs when they lose it. */
export const kubeProxy = {
  'api-kind-not-served': speaker('client-go')(
    'A client asks for a kind that the API server does not serve: its version is too old, or too new.',
    [
      /[Ff]ailed to (?:watch|list) [^\n]{0,300}?the server could not find the requested resource/,
      'tools/cache/reflector.go',
    ],
  ),
  'watch-failed': speaker('client-go')(
    'A client cannot follow a kind of object, so what it knows grows old.',
    [/[Ff]ailed to watch \*(?<kind>[\w./]{1,120}): (?<cause>[^\n]{1,400})/, 'tools/cache/reflector.go'],
    [/[Ff]ailed to list \*(?<kind>[\w./]{1,120}): (?<cause>[^\n]{1,400})/, 'tools/cache/reflector.go'],
    [
      /"?Failed to watch"? (?:err|logger)=[^\n]{0,400}?type="?\*?(?<kind>[\w./]{1,120})/,
      'tools/cache/reflector.go',
      { since: 'v1.33' },
    ],
  ),
  'iptables-lock-held': says('Another program holds the lock of iptables, so rules are late.', [
    /Another app is currently holding the xtables lock/,
    'iptables xshared.c',
  ]),
  'iptables-sync-failed': says(
    'The rules for services were not written to the kernel.',
    [/Failed to execute (?:iptables|ip6tables)-restore/i, 'pkg/proxy/iptables/proxier.go'],
    [/[Ss]ync failed(?:" |; )(?:retryingTime|ipFamily|retrying)/, 'pkg/proxy/iptables/proxier.go'],
    [/iptables-restore[^\n]{0,60}(?:failed|line \d+ failed)/, 'pkg/util/iptables/iptables.go'],
  ),
  'kube-proxy-conntrack-failed': says('The size of the connection table could not be set.', [
    /nf_conntrack_max: (?<cause>permission denied|read-only file system|no such file or directory)/,
    'cmd/kube-proxy/app/conntrack.go',
  ]),
  'ipvs-unavailable': says('The kernel of the node lacks what kube-proxy is set to use.', [
    /[Cc]an'?t use the IPVS proxier|IPVS proxier (?:will not be used|not supported)|ipset\(?s?\)? (?:is|are) not (?:available|supported)/,
    'pkg/proxy/ipvs/proxier.go',
  ]),
} satisfies Record<string, Message>
