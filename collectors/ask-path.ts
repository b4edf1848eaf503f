import type { Close, CollectContext, Content, Evidence } from '../src/collector.ts'
import { KubeError } from '../src/sources/kube/client.ts'
import { ledgerStatus } from '../src/sources/kube/status.ts'

/** Asks one path and stores the answer; a scope of its own. With `anyStatus` a failing answer is evidence too. */
export async function* askPath(
  context: CollectContext,
  ask: { path: string; file: string; content: Content; anyStatus?: boolean; accept?: string },
): AsyncGenerator<Evidence | Close> {
  const scope = { path: ask.path }
  try {
    const response = await context.kube.get(ask.path, {
      signal: context.signal,
      verb: 'get',
      accept: ask.accept ?? '*/*',
      ...(ask.anyStatus ? { anyStatus: true } : {}),
    })
    if (response.status === 401 || response.status === 403) {
      yield { type: 'close', scope, status: 'denied', reason: `${ask.path} answered ${response.status}` }
      return
    }
    yield {
      type: 'evidence',
      scope,
      path: ask.file,
      body: response.body,
      content: ask.content,
      obtained: {
        request: `GET ${ask.path}`,
        status: response.status,
        ...(response.serverDate === undefined ? {} : { serverDate: response.serverDate }),
        at: response.at.toISOString(),
      },
    }
    yield { type: 'close', scope, status: response.body.length > 0 ? 'complete' : 'empty' }
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    yield { type: 'close', scope, status: ledgerStatus(error), reason: error.message }
  }
}
