import { BlockList, isIP } from 'node:net'
import { FreezeframeError } from '../../error.ts'

/**
 * The proxy for a server, or undefined: the cluster's `proxy-url`, else HTTPS_PROXY or HTTP_PROXY by the scheme unless NO_PROXY names
 * the host, by the rules of Go's golang.org/x/net/http/httpproxy (what kubectl does): localhost and loopback never go through a proxy;
 * entries are hosts (with their subdomains), `.suffix` (subdomains only), `host:port`, addresses, CIDR blocks or `*`. Throws
 * KUBECONFIG_INVALID for what is no proxy URL.
 */
export function proxyFor(
  server: URL,
  proxyUrl: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (proxyUrl) return checkProxy(proxyUrl, 'proxy-url')
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = env[name] || env[name.toLowerCase()]
  if (!proxy || isExempt(server, env.NO_PROXY || env.no_proxy || '')) return undefined
  return checkProxy(proxy.includes('://') ? proxy : `http://${proxy}`, name)
}

/** Refuses what is no proxy without quoting it: it may hold a password. */
function checkProxy(proxy: string, source: string): string {
  if (/^(https?|socks5h?):\/\//i.test(proxy) && URL.canParse(proxy)) return proxy
  throw new FreezeframeError(
    'KUBECONFIG_INVALID',
    `The proxy that ${source} names is not an http, https or socks5 URL.`,
    {
      remedy: 'Write it as http://host:port.',
    },
  )
}

function isExempt(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return true
  const port = server.port || (server.protocol === 'https:' ? '443' : '80')
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(entry, host, port))
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isInBlock(entry, host)
  const [name = '', onlyPort] = isIP(entry) ? [entry] : splitPort(entry)
  if (onlyPort !== undefined && onlyPort !== port) return false
  const suffix = name.replace(/^\*?\./, '.')
  if (suffix.startsWith('.')) return host.endsWith(suffix)
  return host === suffix || (isIP(host) === 0 && host.endsWith(`.${suffix}`))
}

function splitPort(entry: string): [string, string?] {
  const at = /^(.*):(\d+)$/.exec(entry)
  return at ? [at[1]?.replace(/^\[|\]$/g, '') ?? '', at[2] ?? ''] : [entry]
}

function isInBlock(block: string, host: string): boolean {
  const family = isIP(host)
  const [address = '', length = ''] = block.split('/')
  if (family === 0 || isIP(address) !== family) return false
  const list = new BlockList()
  list.addSubnet(address, Number(length), family === 4 ? 'ipv4' : 'ipv6')
  return list.check(host, family === 4 ? 'ipv4' : 'ipv6')
}
