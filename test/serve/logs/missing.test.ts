import { describe, expect, it } from 'vitest'
import type { LedgerLine } from '../../../src/bundle/format.ts'
import { bundleOf, POD, show } from './bundle.ts'

const SCOPE = { resource: 'pods/log', namespace: 'shop', name: 'web-1', container: 'app' }

/** What a client is told of a log of which the ledger has this line, and those about others. */
async function ask(line: Partial<LedgerLine>, query = 'container=app') {
  const others = [
    { scope: { ...SCOPE, container: 'proxy' }, status: 'failed', reason: 'of another container' },
    { scope: { ...SCOPE, name: 'web-2' }, status: 'failed', reason: 'of another pod' },
    { scope: { ...SCOPE, previous: true }, status: 'failed', reason: 'of another instance' },
  ] as const
  return show(await bundleOf({}, [...others, { scope: SCOPE, ...line }]), query)
}

describe('a log that is not in the bundle', () => {
  it.each([
    ['container "app" in pod "web-1" is waiting to start: ContainerCreating', 'empty'],
    ['previous terminated container "app" in pod "web-1" not found', 'empty'],
    ['container "app" in pod "web-1" is terminated', 'gone'],
  ] as const)('is answered as the server did: %s', async (reason, status) => {
    await expect(ask({ status, reason })).rejects.toMatchObject({ code: 400, reason: 'BadRequest', message: reason })
  })

  it('was empty where the ledger says so, and only then', async () => {
    expect(await ask({ status: 'empty' })).toHaveLength(0)
    await expect(ask({ status: 'complete' })).rejects.toMatchObject({ code: 404 })
  })

  it.each([
    [403, 'Forbidden', 'denied', 'pods "web-1" is forbidden: User "ops" cannot get resource "pods/log"'],
    [404, 'NotFound', 'gone', 'the kubelet answered: unable to retrieve container logs for containerd://0123'],
    [404, 'NotFound', 'failed', 'the kubelet of node n1 did not answer for another log'],
    [404, 'NotFound', 'skipped', 'the deadline came first'],
  ] as const)('answers %d %s, and quotes the ledger: %s', async (code, reason, status, words) => {
    const message = `not in this bundle: the log of container "app" in pod "web-1": ${status}: ${words}`
    await expect(ask({ status, reason: words })).rejects.toMatchObject({ code, reason, message })
  })

  it('may be that of another pod of the same name', async () => {
    const files = ['logs/shop/web-1/u0/app.log']
    await expect(ask({ status: 'complete', files })).rejects.toMatchObject({
      message: expect.stringMatching(/complete; it accounts for \S+u0\/app.log, which may be of another pod/),
    })
  })

  it('was never asked for by policy', async () => {
    const reason = '12 of 30 pods are not suspect, not in kube-system and no control (--logs all reads them too)'
    const bundle = await bundleOf({}, [{ scope: { resource: 'pods/log' }, status: 'not-asked', reason }])
    await expect(show(bundle, 'container=proxy')).rejects.toMatchObject({
      code: 404,
      message: `not in this bundle: the log of container "proxy" in pod "web-1": it was never asked for (--logs suspects): not-asked: ${reason}`,
    })
    await expect(show(bundle, 'container=app&previous=true')).rejects.toMatchObject({
      code: 404,
      message: expect.stringContaining('the previous log of container "app" in pod "web-1": it was never asked for'),
    })
  })

  it('was never asked for because logs were left out', async () => {
    const ledger = [{ scope: {}, status: 'not-asked', reason: 'left out by --skip' }] as const
    const bundle = await bundleOf({}, ledger, { arguments: { logs: 'all', since: '2026-01-31T07:00:00.000Z' } })
    await expect(show(bundle, 'container=app')).rejects.toMatchObject({
      message: expect.stringContaining('(--logs all --since 2026-01-31T07:00:00.000Z): not-asked: left out by --skip'),
    })
  })

  it('of an instance that never was is not found, as the kubelet says', async () => {
    await expect(show(await bundleOf({}), 'container=proxy&previous=1')).rejects.toMatchObject({
      code: 400,
      message: 'previous terminated container "proxy" in pod "web-1" not found',
    })
  })

  it('of a container that its pod did not report yet was never asked for', async () => {
    await expect(show(await bundleOf({}), 'container=setup')).rejects.toMatchObject({
      code: 404,
      message: expect.stringMatching(/never asked for .*: its pod did not report this container yet$/),
    })
  })

  it('of a pod without a node is nothing, as the API server says', async () => {
    const pending = { metadata: POD.metadata, spec: { containers: [{ name: 'app' }] } }
    expect(await show(await bundleOf({}), '', pending)).toHaveLength(0)
  })

  it('is not there in what a stranger wrote, and nothing breaks', async () => {
    const ledger = [{ scope: null }, { scope: 'pods/log' }, { scope: SCOPE, files: null, reason: 7 }, { collector: 1 }]
    const bundle = await bundleOf({}, ledger as unknown as Partial<LedgerLine>[])
    for (const container of ['app', 'proxy'])
      await expect(show(bundle, `container=${container}`, POD)).rejects.toMatchObject({ code: 404 })
  })

  it('quotes a bounded part of the ledger', async () => {
    const lines = Array.from({ length: 1000 }, (_, n) => ({
      scope: SCOPE,
      reason: `${n} and on ${'and on '.repeat(1000)}`,
    }))
    const message = await show(await bundleOf({}, lines), 'container=app').catch((error: Error) => error.message)
    expect(String(message).length).toBeLessThan(6000)
  })
})
