import type { Scope } from '../src/bundle/format.ts'
import type { Close, CollectContext, Content, Evidence } from '../src/collector.ts'
import { KubeError, type KubeResponse } from '../src/sources/kube/client.ts'
import { openPodPort, type PodPort } from '../src/sources/kube/pod-port.ts'
import { PORT_FAILED } from '../src/sources/kube/port-forward.ts'
import { ledgerStatus } from '../src/sources/kube/status.ts'
import { monotonicNow, obtainedBy } from './obtained.ts'

/** One question to a port of a pod, or of its node, and where its answer goes. */
export interface PortQuestion {
  readonly port: number
  readonly path: string
  /** Name of the file in the target's folder. */
  readonly file: string
  readonly content: Content
  /** What a failing health check answers is evidence too. */
  readonly anyStatus?: boolean
  /** Its answer does not change while a capture runs: the second sample does without. */
  readonly once?: boolean
  /** Says why a good answer is not what was asked for; undefined for one that is. */
  readonly refuse?: (answer: KubeResponse) => string | undefined
}

/** A running pod. */
export interface Way {
  readonly namespace: string
  readonly pod: string
}

/** Whose ports are asked, and what the lines of the ledger are about. */
export interface PortTarget {
  /** Pods that lead there; one of them is enough. */
  readonly ways: readonly Way[]
  readonly scope: Scope
  readonly folder: string
}

/**
 * Asks ports by port-forward, one question after the other, each a scope of its own. Where nobody may connect, or no pod leads there, one line
 * says so for all.
 */
export async function* askPorts(
  context: CollectContext,
  { ways, scope, folder }: PortTarget,
  questions: readonly PortQuestion[],
): AsyncGenerator<Evidence | Close> {
  const asking = openWays(context, ways)
  try {
    for (const question of questions.filter(({ once }) => !(once && context.sample === 1))) {
      const asked = { ...scope, path: `:${question.port}${question.path}` }
      try {
        yield* keep(await asking.ask(question), question, asked, folder)
      } catch (error) {
        if (!(error instanceof KubeError)) throw error
        const nowhere = !asking.reached()
        yield { type: 'close', scope: nowhere ? scope : asked, ...describeFailure(error, question) }
        if (nowhere) return
      }
    }
  } finally {
    await asking.close()
  }
}

/** An answer, and the pod through which it came. */
interface Answer extends KubeResponse {
  readonly way: Way
}

/** Tries the ways until one leads as far as a pod, and from then on no other. */
function openWays({ kube, signal }: CollectContext, ways: readonly Way[]) {
  const ports = new Map<number, PodPort>()
  let left = [...ways]
  let reached = false

  async function close(): Promise<void> {
    await Promise.all([...ports.values()].map((port) => port.close()))
    ports.clear()
  }

  async function tryOne(way: Way, { port, path }: PortQuestion): Promise<Answer> {
    const opened = ports.get(port) ?? openPodPort(kube, { ...way, port })
    ports.set(port, opened)
    try {
      const answer = await opened.get(path, { signal, anyStatus: true })
      reached = true
      return { ...answer, way }
    } catch (error) {
      reached ||= isOfPort(error)
      throw error
    }
  }

  return {
    close,
    /** Whether any way led as far as a pod: what fails then is the port, and other ports may answer. */
    reached: () => reached,
    async ask(question: PortQuestion): Promise<Answer> {
      for (;;) {
        const [way, ...others] = left
        if (!way) throw new KubeError({ message: 'no running pod leads there', status: 0, reason: 'Unreachable' })
        try {
          return await tryOne(way, question)
        } catch (error) {
          if (reached || others.length === 0 || !isAboutPod(error)) throw error
          left = others
          await close()
        }
      }
    },
  }
}

/** It is gone, or is of a namespace whose pods are not for us; whatever else fails is their node, or the API server. */
function isAboutPod(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 403 || error.status === 404)
}

function isOfPort(error: unknown): boolean {
  return error instanceof KubeError && error.reason === PORT_FAILED
}

function* keep(
  { way, ...answer }: Answer,
  question: PortQuestion,
  scope: Scope,
  folder: string,
): Generator<Evidence | Close> {
  const { port, path } = question
  const refusal = describeRefusal(question, answer)
  if (refusal) return yield { type: 'close', scope, ...refusal }
  // The run takes the body away: what is yielded has no length afterwards.
  const status = answer.body.length > 0 ? 'complete' : 'empty'
  yield {
    type: 'evidence',
    scope,
    path: `${folder}/${question.file}`,
    body: answer.body,
    content: question.content,
    obtained: {
      ...obtainedBy(`GET http://localhost:${port}${path} of ${way.namespace}/${way.pod}`, answer),
      way: 'port-forward',
      monotonicMs: monotonicNow(),
    },
  }
  yield { type: 'close', scope, status }
}

/** Why an answer is no evidence: whoever has the port is somebody else, of another version, or not well. */
function describeRefusal(question: PortQuestion, answer: KubeResponse): Pick<Close, 'status' | 'reason'> | undefined {
  const { port, path, anyStatus } = question
  const said = `:${port}${path} answered ${answer.status}`
  if (answer.status === 401 || answer.status === 403) return { status: 'denied', reason: said }
  if (answer.status >= 400 && answer.status < 500) return { status: 'unsupported', reason: said }
  if ((answer.status < 200 || answer.status > 299) && !anyStatus) return { status: 'failed', reason: said }
  if (answer.contentType.startsWith('text/html')) return { status: 'unsupported', reason: `${said} with a web page` }
  const reason = question.refuse?.(answer)
  return reason === undefined ? undefined : { status: 'unsupported', reason }
}

function describeFailure(error: KubeError, { port }: PortQuestion): Pick<Close, 'status' | 'reason'> {
  if (isOfPort(error) && /connection refused/i.test(error.message)) {
    return { status: 'unsupported', reason: `nobody listens on port ${port}` }
  }
  if (error.reason === 'NotFound') return { status: 'gone', reason: error.message }
  return { status: ledgerStatus(error), reason: withoutPod(error.message) }
}

/** Who may not connect to one pod of a namespace may connect to none: the same words for all, so that they are told once. */
function withoutPod(message: string): string {
  return message.replace(/^pods "[^"]+" is forbidden: /, 'pods/portforward is forbidden: ')
}
