import { ago, type Thing } from '../../incident/scene.ts'
import { served, thing, wrote } from '../../incident/things.ts'

/** A workload with its Service, with the proxy of a mesh beside it unless it is told to have none. */
export function runs(name: string, env: readonly Thing['spec'][] = [], hasProxy = true): readonly Thing[] {
  return served(name, {
    labels: { app: name, version: 'v1' },
    containers: [{ spec: { env } }, ...(hasProxy ? [{ name: 'istio-proxy' }] : [])],
  })
}

/** `web` calls `pay`. */
export const shop = (hasProxy = true): readonly Thing[] => [
  ...runs('web', [{ name: 'PAY_ADDR', value: 'pay:80' }], hasProxy),
  ...runs('pay'),
]

/** What `web` logs of its calls since so many seconds. */
export const failing = (first = 600): Record<string, string> => ({
  'shop/web-6c8f7d9b5-abcde/app': `${ago(3600)} started\n${[first, first / 2, 20]
    .map((seconds) => `${ago(Math.round(seconds))} ERROR GET "http://pay:80/": connection reset by peer\n`)
    .join('')}`,
})

/** An object of Istio that was written so many seconds ago. */
export function istio(api: string, kind: string, name: string, spec: unknown, written = 640): Thing {
  const managedFields = [wrote('kubectl-edit', written, { 'f:spec': { 'f:http': {} } })]
  return thing(`${api}.istio.io/v1`, kind, `shop/${name}`, { metadata: { managedFields }, spec })
}
