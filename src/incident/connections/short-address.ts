/**
 * An address as Kubernetes and conntrack write it. /proc/net/nf_conntrack has all digits of IPv6 (`fd00:0010:…:000a`, %pI6 of the kernel, lib/vsprintf.c),
 * objects have the short form (RFC 5952). What is no address stays as it is.
 */
export function shortAddress(text: string): string {
  if (!text.includes(':') || !/^[0-9a-f:]{2,39}$/i.test(text)) return text
  const url = URL.parse(`http://[${text}]`)
  return url ? url.hostname.slice(1, -1) : text
}
