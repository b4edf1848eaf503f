import type { Close, CollectContext, Content, Evidence } from '../src/collector.ts'
import { KubeError } from '../src/sources/kube/client.ts'
import { ledgerStatus } from '../src/sources/kube/status.ts'
import { obtainedBy } from './obtained.ts'

/**
 * Asks one path and stores the answer; a scope of its own. With `anyStatus` a failure of the server (5xx) is evidence too: a failing
 * health check says why in its body. Any other answer that is not 2xx is about the question, and never evidence.
 */
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
    if (response.status >= 300 && response.status < 500) throw refused(ask.path, response.status)
    // The run takes the body away: what is yielded has no length afterwards.
    const status = response.body.length > 0 ? 'complete' : 'empty'
    yield {
      type: 'evidence',
      scope,
      path: ask.file,
      body: response.body,
      content: ask.content,
      obtained: obtainedBy(`GET ${ask.path}`, response),
    }
    yield { type: 'close', scope, status }
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    yield { type: 'close', scope, status: ledgerStatus(error), reason: error.message }
  }
}

function refused(path: string, status: number): KubeError {
  return new KubeError({ message: `${path} answered ${status}.`, status, reason: `HTTP ${status}` })
}
