import { expect, it } from 'vitest'
import { createLedger } from '../../src/capture/ledger.ts'
import type { Focus } from '../../src/capture/options.ts'
import { createSuspects } from '../../src/capture/suspects.ts'
import { closeUnreadLogs } from '../../src/capture/unread-logs.ts'
import type { ObservedPod } from '../../src/collector.ts'

const web: ObservedPod = { kind: 'Pod', namespace: 'aa', name: 'web-1', uid: 'web-1', ready: true, containers: [] }

/** The lines of a run that asked for these namespaces, listed the pods of `aa` only and saw one healthy pod. */
function close(namespaces: readonly string[], focus: readonly Focus[] = [], logs: 'all' | 'suspects' | 'none' = 'all') {
  const ledger = createLedger(() => {})
  const cost = { requests: 1, bytes: 1 }
  const scope = (namespace: string) => ({ resource: 'pods', namespace })
  ledger.close({ collector: 'pods', scope: scope('aa'), status: 'complete', files: ['1.json'], ...cost })
  ledger.close({ collector: 'pods', scope: scope('bb'), status: 'denied', files: [], ...cost })
  ledger.close({ collector: 'pods', scope: scope('cc'), status: 'empty', files: [], ...cost })
  const suspects = createSuspects(logs, focus)
  suspects.see(web)
  closeUnreadLogs({ logs, namespaces }, ledger, suspects)
  return ledger.lines.slice(3)
}

it('the logs of a namespace whose pods are not known have a line, whatever the others gave', () => {
  expect(close(['aa', 'cc'])).toEqual([])
  expect(close(['aa', 'bb', 'cc'])).toMatchObject([
    { collector: 'logs', scope: { resource: 'pods/log', namespace: 'bb' }, status: 'skipped' },
  ])
})

it('a focus that no pod belongs to has a line, and makes the capture partial', () => {
  const focus = [
    { kind: 'pod', namespace: 'aa', name: 'web-1' },
    { kind: 'deployment', namespace: 'aa', name: 'wbe' },
    { kind: 'node', name: 'n1' },
  ]
  expect(close(['aa'], focus)).toMatchObject([
    {
      scope: { resource: 'pods/log', namespace: 'aa' },
      status: 'failed',
      reason: '--focus deployment/aa/wbe matches no pod that was seen',
    },
    { scope: { resource: 'pods/log' }, status: 'failed', reason: '--focus node/n1 matches no pod that was seen' },
  ])
})

it('what the policy left out is one line', () => {
  expect(close(['aa'], [], 'suspects')).toMatchObject([
    { status: 'not-asked', reason: expect.stringContaining('1 of 1') },
  ])
  expect(close(['aa', 'bb'], [], 'none')).toMatchObject([{ status: 'not-asked', reason: 'left out by --logs none' }])
})
