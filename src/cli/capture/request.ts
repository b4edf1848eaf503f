import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { CaptureOptions } from '../../capture/options.ts'
import type { ConnectionFlags } from '../connection.ts'
import { parseDuration } from '../parse/duration.ts'
import { parseFocus } from '../parse/focus.ts'
import { invalidOption } from '../parse/invalid.ts'
import { parseKey } from '../parse/key.ts'
import { parseNamespace } from '../parse/namespace.ts'
import { parseSize } from '../parse/size.ts'
import { parseTime } from '../parse/time.ts'
import type { ProgressMode } from '../progress/progress.ts'
import { suggest } from '../suggest.ts'
import { VERSION } from '../version.ts'

/** The command line of `capture` as commander hands it over. */
export interface CaptureFlags extends ConnectionFlags {
  readonly output?: readonly string[]
  readonly force?: boolean
  readonly plan?: boolean
  readonly format: 'text' | 'json'
  readonly progress: ProgressMode
  readonly deadline: string
  readonly maxSize?: string
  readonly namespace?: readonly string[]
  readonly focus?: readonly string[]
  readonly only?: readonly string[]
  readonly skip?: readonly string[]
  readonly logs: 'all' | 'suspects' | 'none'
  readonly since?: string
  readonly nodes?: readonly string[]
  readonly samples: '1' | '2'
  readonly interval?: string
  readonly allowExec?: boolean
  readonly probePods?: boolean
  readonly nodeDiagnostic?: boolean
  readonly probeImage?: string
  readonly probeNamespace?: string
  readonly full?: boolean
  readonly configData?: boolean
  readonly dropNodeImages?: boolean
  readonly redactionKey?: string
  readonly clusterName?: string
}

/** The flags as the capture understands them: everything but the connection and the two ends of the wire. */
export type CaptureRequest = Omit<CaptureOptions, 'kube' | 'signal' | 'onEvent'>

/** setTimeout counts in 31 bits; a longer deadline would fire at once (Node, timers). */
const LONGEST_DEADLINE_MS = 2 ** 31 - 1

/** Turns words into values, before anything is asked of the cluster. Throws OPTION_INVALID. */
export async function readRequest(
  flags: CaptureFlags,
  context: { collectors: readonly string[]; stdoutIsTerminal: boolean; now: Date },
): Promise<CaptureRequest> {
  return {
    outputs: readOutputs(flags, context.stdoutIsTerminal),
    overwrite: flags.force === true,
    deadline: readDeadline(flags.deadline),
    maxSize: flags.maxSize === undefined ? undefined : parseSize('--max-size', flags.maxSize),
    namespaces: flags.namespace && unique(flags.namespace.map((name) => parseNamespace('--namespace', name))),
    focus: (flags.focus ?? []).map((text) => parseFocus('--focus', text)),
    only: flags.only && readCollectors('--only', flags.only, context.collectors),
    skip: readCollectors('--skip', flags.skip ?? [], context.collectors),
    since: flags.since === undefined ? undefined : parseTime('--since', flags.since, context.now),
    logs: flags.logs,
    nodes: readNodes(flags.nodes ?? ['suspects']),
    ...readSamples(flags),
    inside: readInside(flags),
    configData: flags.configData === true,
    dropNodeImages: flags.dropNodeImages === true,
    redactionKey: await readKey(flags.redactionKey),
    clusterName: flags.clusterName,
    toolVersion: VERSION,
  }
}

function readOutputs({ output, format, plan }: CaptureFlags, stdoutIsTerminal: boolean): readonly string[] {
  const outputs = output ?? ['.']
  if (outputs.includes(''))
    throw invalidOption('--output', '', 'names no place', 'Name a file, a folder, or - for stdout.')
  if (plan || !outputs.includes('-')) return outputs
  if (stdoutIsTerminal) {
    throw invalidOption('--output', '-', 'would write the archive to the terminal', 'Redirect stdout, or name a file.')
  }
  if (format === 'json') {
    throw invalidOption(
      '--output',
      '-',
      'and --format json both want stdout',
      'Use --progress json: its last line, on stderr, is the summary.',
    )
  }
  return outputs
}

function readDeadline(text: string): number {
  const deadline = parseDuration('--deadline', text)
  if (deadline <= LONGEST_DEADLINE_MS) return deadline
  throw invalidOption('--deadline', text, 'is too long', 'The longest is 24d.')
}

/** One of the words, or names of nodes. */
function readNodes(words: readonly string[]): CaptureRequest['nodes'] {
  const [first] = words
  if (words.includes(''))
    throw invalidOption('--nodes', '', 'names no node', `Say ${NODE_POLICIES.join(', ')}, or names of nodes.`)
  const policy = NODE_POLICIES.find((one) => words.includes(one))
  if (policy === undefined) return unique(words)
  if (words.length === 1) return policy
  throw invalidOption(
    '--nodes',
    words.join(),
    `joins "${policy}" with names`,
    `Say "${first}" alone, or names of nodes.`,
  )
}

const NODE_POLICIES = ['suspects', 'all', 'none'] as const

/**
 * How often counters are read, and how long after one another. The deadline of a short capture leaves no time for the usual interval: one
 * sample is all there is then. An interval that was asked for must fit.
 */
function readSamples({ samples, interval, deadline }: CaptureFlags): Pick<CaptureRequest, 'samples' | 'interval'> {
  const milliseconds = parseDuration('--interval', interval ?? USUAL_INTERVAL)
  const fits = milliseconds < readDeadline(deadline)
  if (samples === '1' || (!fits && interval === undefined)) return { samples: 1, interval: milliseconds }
  if (fits) return { samples: 2, interval: milliseconds }
  throw invalidOption(
    '--interval',
    interval ?? '',
    `is not shorter than the deadline (${deadline})`,
    'Take one of --samples, or a later --deadline.',
  )
}

/** Long enough that the counters of a throttled container have moved a hundred times, short enough to wait for in an emergency. */
const USUAL_INTERVAL = '30s'

/** The ways into nodes; what only belongs to one of them is refused without it. */
function readInside(flags: CaptureFlags): CaptureRequest['inside'] {
  const { allowExec, probePods, nodeDiagnostic, probeImage, probeNamespace = 'kube-system' } = flags
  if (probeImage !== undefined && !probePods)
    throw invalidOption('--probe-image', probeImage, 'names an image that nobody runs', 'Add --probe-pods.')
  if (probeImage !== undefined && !/^[a-z0-9][\w./:@-]*$/.test(probeImage))
    throw invalidOption('--probe-image', probeImage, 'is no image', 'Name one, for instance busybox:1.36.')
  const ways = [
    ...(allowExec ? (['exec'] as const) : []),
    ...(probePods ? (['probe'] as const) : []),
    ...(nodeDiagnostic ? (['node-diagnostic'] as const) : []),
  ]
  if (flags.full && ways.length === 0)
    throw invalidOption(
      '--full',
      '',
      'asks for tables that nobody reads',
      'Add --allow-exec, --probe-pods or --node-diagnostic.',
    )
  return {
    ways,
    probeImage,
    probeNamespace: parseNamespace('--probe-namespace', probeNamespace),
    full: flags.full === true,
  }
}

function readCollectors(option: string, ids: readonly string[], known: readonly string[]): readonly string[] {
  for (const id of ids) {
    if (known.includes(id)) continue
    const meant = suggest(id, known)
    const remedy = meant === undefined ? `Collectors: ${known.join(', ')}.` : `Did you mean "${meant}"?`
    throw invalidOption(option, id, 'is no collector', remedy)
  }
  return unique(ids)
}

async function readKey(path: string | undefined): Promise<Buffer> {
  if (path === undefined) return randomBytes(32)
  const content = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw invalidOption(
      '--redaction-key',
      path,
      `cannot be read (${cause.code})`,
      'Name a file with 32 bytes or 64 hex digits.',
    )
  })
  return parseKey('--redaction-key', path, content)
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)]
}
