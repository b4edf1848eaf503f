import { describe, expect, it, onTestFinished } from 'vitest'
import type { LedgerLine, LedgerStatus, Scope } from '../../src/bundle/format.ts'
import { announceGaps } from '../../src/cli/serve/announce.ts'
import { nameGaps } from '../../src/serve/gaps.ts'
import { bundleOf, CORE_PODS, discoveryOf } from './make-bundle.ts'
import { serveBundle } from './replay-server.ts'

const LONG = 'is forbidden: User "system:serviceaccount:shop:reader" cannot list it at the cluster scope, '.repeat(5)

function line(scope: Scope, status: LedgerStatus = 'denied', collector = 'objects'): LedgerLine {
  return { collector, scope, status, reason: LONG, requests: 1, bytes: 0, files: [] }
}

describe('what is missing', () => {
  it('is named by its status, whatever the reasons', () => {
    const ledger = [
      line({ resource: 'pods' }, 'complete'),
      line({ resource: 'secrets' }, 'not-asked'),
      line({ resource: 'nodes' }),
      line({ resource: 'pods/log', namespace: 'shop', name: 'web-1' }, 'failed'),
      line({ resource: 'pods/log', namespace: 'shop', name: 'web-2' }, 'failed'),
      line({ resource: 'events', namespace: 'shop' }),
      line({ path: '/metrics' }),
      line({}, 'timed-out', 'identity'),
    ]
    expect(nameGaps(ledger)).toBe('denied: nodes, events in shop, /metrics; failed: pods/log (2); timed-out: identity')
  })

  it('is nothing in a complete capture', () => {
    expect(nameGaps([line({ resource: 'pods' }, 'complete')])).toBeUndefined()
  })

  it('is counted where there is too much of it', () => {
    const ledger = Array.from({ length: 40 }, (_, n) => line({ resource: `things${n}.example.com` }))
    expect(nameGaps(ledger)).toMatch(/^denied: things0\.example\.com, .*, things11\.example\.com and 28 more$/)
  })

  it('is named when serve begins, behind reasons of any length', async () => {
    const ledger = ['nodes', 'events', 'configmaps'].map((resource) => line({ resource }))
    const { replay, url, kubeconfig, folder, close } = await serveBundle(
      await bundleOf(discoveryOf([CORE_PODS]), ledger),
    )
    onTestFinished(close)
    const served = { replay, url, kubeconfig, folder, close, address: '127.0.0.1' }
    expect(announceGaps(served, (_, text) => text)).toBe(
      'Not in this bundle, or not all of it: denied: nodes, events, configmaps.\n',
    )
  })
})
