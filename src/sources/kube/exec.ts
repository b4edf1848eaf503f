import { type KubeClient, KubeError } from './client.ts'
import type { WebSocket } from './websocket.ts'

/**
 * Newest first (kubernetes/apimachinery, pkg/util/remotecommand/constants.go): v5 can close stdin, v4 ends with a metav1.Status, those before
 * it with a sentence.
 */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io']

/** Those whose last word is a metav1.Status. */
const WITH_STATUS = PROTOCOLS.slice(0, 2)

const CHANNEL = { stdout: 1, stderr: 2, error: 3 } as const

/** What a command says on stderr is kept to explain its failure, and no more of it. */
const STDERR_BYTES = 64 * 1024

/** Characters of the last word: a status is some hundred. */
const LAST_WORD = 64 * 1024

/** A command in a container; no shell stands between. */
export interface ExecTarget {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly command: readonly [string, ...string[]]
}

/** A command that runs. */
export interface Execution {
  /** What it writes to stdout, as it comes. Leaving the loop ends the connection. */
  readonly stdout: AsyncIterable<Buffer>
  /** How it ended; known when stdout has ended. Throws KubeError where it never started, or the connection ended without a last word. */
  ended(): Ended
}

/** How a command ended. */
export interface Ended {
  readonly exitCode: number
  readonly stderr: string
}

/** Runs a command in a container, no longer than the signal allows. Throws KubeError where it is refused, in the words of the API server. */
export async function execute(
  kube: Pick<KubeClient, 'connect'>,
  { namespace, pod, container, command }: ExecTarget,
  options: { readonly signal: AbortSignal; readonly timeout?: number },
): Promise<Execution> {
  const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true' })
  for (const word of command) query.append('command', word)
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query}`
  const socket = await kube.connect(path, { ...options, protocols: PROTOCOLS })
  return follow(socket, `${command[0]} in ${namespace}/${pod}`, options.signal)
}

function follow(socket: WebSocket, what: string, signal: AbortSignal): Execution {
  const stderr: Buffer[] = []
  let length = 0
  let lastWord: string | undefined
  // Not only when somebody reads: what ends before that must close it too.
  const close = () => socket.close()
  signal.addEventListener('abort', close, { once: true })
  if (signal.aborted) close()

  async function* read(): AsyncGenerator<Buffer> {
    try {
      for await (const message of socket.messages) {
        const data = message.subarray(1)
        if (message[0] === CHANNEL.stdout && data.length > 0) yield data
        if (message[0] === CHANNEL.error) lastWord = `${lastWord ?? ''}${data.toString('utf8')}`.slice(0, LAST_WORD)
        if (message[0] === CHANNEL.stderr) hear(data)
      }
    } catch (error) {
      // The connection may break after the last word, and has nothing to add.
      if (!lastWord) throw error
    } finally {
      signal.removeEventListener('abort', close)
    }
  }

  function hear(data: Buffer): void {
    if (length >= STDERR_BYTES) return
    stderr.push(data)
    length += data.length
  }

  return {
    stdout: read(),
    ended() {
      const hasStatus = WITH_STATUS.includes(socket.protocol)
      if (!lastWord && hasStatus) throw failed(`${what} ended without a status`)
      const exitCode = hasStatus ? readStatus(lastWord ?? '', what) : readSentence(lastWord ?? '', what)
      return { exitCode, stderr: Buffer.concat(stderr).toString('utf8').slice(0, STDERR_BYTES) }
    },
  }
}

/** The exit code stands among the causes of the status (kubernetes/kubernetes, pkg/kubelet/... remotecommand: NonZeroExitCode, ExitCode). */
function readStatus(text: string, what: string): number {
  const status = parse(text)
  if (status.status === 'Success') return 0
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message
  if (status.reason !== 'NonZeroExitCode' || code === undefined) throw failed(status.message ?? `${what} failed`)
  return Number(code)
}

interface ExecStatus {
  readonly status?: string
  readonly reason?: string
  readonly message?: string
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] }
}

function parse(text: string): ExecStatus {
  try {
    return JSON.parse(text) as ExecStatus
  } catch {
    return { message: text }
  }
}

/** Before v4: nothing, or "command terminated with exit code 2". */
function readSentence(text: string, what: string): number {
  if (text === '') return 0
  const code = /exit code (\d+)/.exec(text)?.[1]
  if (code === undefined) throw failed(`${what}: ${text.trim().slice(0, 500)}`)
  return Number(code)
}

function failed(message: string): KubeError {
  return new KubeError({ message, status: 0, reason: 'ExecFailed' })
}
