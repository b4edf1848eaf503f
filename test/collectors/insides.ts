import { KubeError } from '../../src/sources/kube/client.ts'
import type { BatchFile, Insides, InsideWay, Running } from '../../src/sources/node/inside.ts'

/** What the inside of a node gives in a test. */
export interface GivenInside {
  readonly ways: readonly InsideWay[]
  /** Files of the batch by path; a KubeError is thrown. */
  readonly batch?: Readonly<Record<string, string>> | KubeError
  readonly truncated?: string
  /** What a program prints, by its words; what is not given fails. */
  readonly programs?: (command: string) => string | KubeError | undefined
  readonly shell?: string | KubeError
}

/** A node that is read from inside without one. */
export function insidesOf({ ways, batch = {}, truncated, programs, shell = '' }: GivenInside): Insides {
  const run = async (command: string, way: InsideWay, output: string | KubeError | undefined): Promise<Running> => {
    if (output instanceof KubeError) throw output
    return {
      stdout: chunksOf(output ?? ''),
      ended: () => ({
        exitCode: output === undefined ? 1 : 0,
        stderr: output === undefined ? 'it is not there\n' : '',
      }),
      request: `exec ${command}`,
      way,
    }
  }
  return {
    ways,
    close: async () => {},
    of: () => ({
      async batch() {
        if (batch instanceof KubeError) throw batch
        return {
          take: (collector) => filesOf(batch, collector),
          cost: () => ({ requests: 1, bytes: 0 }),
          truncated,
          request: 'exec the batch',
          at: new Date(0),
          monotonicMs: 1,
        }
      },
      run: (command) => run(command.join(' '), 'exec', programs?.(command.join(' '))),
      shell: () => run('a shell', 'probe', shell),
    }),
  }
}

function filesOf(batch: Readonly<Record<string, string>>, collector: string): BatchFile[] {
  return Object.entries(batch)
    .filter(([path]) => path.startsWith(`${collector}/`))
    .map(([path, text]) => ({ path: path.slice(collector.length + 1), body: Buffer.from(text) }))
}

async function* chunksOf(text: string): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += 100) yield Buffer.from(text.slice(at, at + 100))
}

/** A refusal in the words of the API server. */
export const DENIED = new KubeError({ message: 'pods "x" is forbidden', status: 403, reason: 'Forbidden' })

/** Lines of commands.tsv. */
export function commands(
  ...lines: readonly (readonly [file: string, code: string, bytes: number, complaint?: string])[]
) {
  const rows = lines.map(([file, code, bytes, complaint = '']) => `${file}\t${code}\t${bytes}\t12.3\t${complaint}\n`)
  return `# boot_id b1\n${rows.join('')}`
}
