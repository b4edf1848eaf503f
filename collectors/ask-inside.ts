import type { Scope } from '../src/bundle/format.ts'
import type { Close, CollectContext, Collector, Content, Evidence } from '../src/collector.ts'
import { KubeError } from '../src/sources/kube/client.ts'
import type { Batch, BatchFile, Inside, Running, Tool } from '../src/sources/node/inside.ts'
import { nodeFolder } from './ask-node.ts'
import { monotonicNow } from './obtained.ts'

/** A file that single programs can give as well, where there is no probe. */
export type ExecFile =
  | { readonly file: string; readonly run: readonly [Tool, ...string[]] }
  /** Files of the kernel, read by iconv, one at a time; several are told apart as in a batch. */
  | { readonly file: string; readonly reads: readonly [string, ...string[]] }

/** How a collector's files are read. */
export interface InsideQuestions {
  /** Without this they hold no words of users. */
  readonly content?: Content
  readonly exec?: readonly ExecFile[]
  /** What the arguments of the capture leave of a file of the batch; all of it, unless this says otherwise. */
  readonly choose?: (file: BatchFile) => Buffer
}

/** The file of a batch that says of each other how it was read. */
const COMMANDS = 'commands.tsv'

/** The largest file of an exec. */
const MOST_BYTES = 4 * 1024 * 1024

/**
 * Reads the inside of the target's node: the collector's part of the batch in the probe, which has all of it; where that fails or is not
 * allowed, what single programs in pods of the system give.
 */
export async function* askInside(
  context: CollectContext,
  collector: Collector,
  { content = { type: 'text' }, exec = [], choose = ({ body }) => body }: InsideQuestions = {},
): AsyncGenerator<Evidence | Close> {
  if (context.target.kind !== 'node') return
  const { name } = context.target.node
  const inside = context.insides.of({ name })
  const { ways } = context.insides
  const place = placeOf(context, collector, name)
  if (ways.includes('probe')) {
    const batch = await inside.batch(context.sample).catch((error: unknown) => {
      if (!(error instanceof KubeError) || exec.length === 0 || !ways.includes('exec')) throw error
      return undefined
    })
    if (batch) return yield* keepBatch(batch, collector, place, { content, choose })
  }
  yield* runAll(context, inside, { ...place, content, exec })
}

/** What the lines of a node's evidence are about, and where its files go. */
export interface Place {
  readonly scope: Scope
  readonly folder: string
}

/** The place of a collector's files of a node. */
export function placeOf(context: CollectContext, collector: Collector, node: string): Place {
  const sample = collector.sampled ? context.sample : undefined
  return {
    scope: { node, ...(sample === undefined ? {} : { sample }) },
    folder: nodeFolder(node, collector.id, sample),
  }
}

function* keepBatch(
  batch: Batch,
  { id }: Collector,
  { scope, folder }: Place,
  { content, choose }: Required<Pick<InsideQuestions, 'content' | 'choose'>>,
) {
  const { request, at, monotonicMs } = batch
  const files = batch.take(id)
  const commands = readCommands(files.find(({ path }) => path === COMMANDS)?.body)
  const bytes = files.reduce((sum, { body }) => sum + body.length, 0)
  const unwanted: string[] = []
  for (const file of files) {
    const { path } = file
    const body = choose(file)
    if (body.length < file.body.length) unwanted.push(path)
    if (body.length === 0 && file.body.length > 0) continue
    const cut = commands.find(({ file, truncated }) => file === path && truncated)
    yield {
      type: 'evidence',
      scope,
      path: `${folder}/${path}`,
      body,
      content: path === COMMANDS ? ({ type: 'log' } as const) : content,
      obtained: {
        request,
        at: at.toISOString(),
        way: 'probe',
        monotonicMs,
        ...(cut ? { truncated: `it is longer than the ${body.length} bytes that are kept` } : {}),
      },
    } as const
  }
  const cost = { requests: batch.cost().requests, bytes }
  yield { type: 'close', scope, ...outcomeOf(commands, batch.truncated, unwanted), cost } as const
}

/** What became of one command. */
interface Command {
  readonly file: string
  readonly code: string
  readonly bytes: number
  readonly complaint: string
  readonly truncated?: boolean
}

/** What the script writes instead of an exit code where it has kept the most that it may. */
const CUT = 'cut'

function readCommands(body: Buffer | undefined): Command[] {
  const lines = (body?.toString('utf8') ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.map((line) => {
    const [file = '', code = '', bytes = '', , complaint = ''] = line.split('\t')
    return { file, code, bytes: Number(bytes), complaint: complaint.trim(), truncated: code === CUT }
  })
}

/** What a node does not have is no gap: no ethtool, no journal, no table of connections. What was cut off or not reached is one. */
function outcomeOf(
  commands: readonly Command[],
  truncated: string | undefined,
  unwanted: readonly string[] = [],
): Pick<Close, 'status' | 'reason'> {
  const missing = commands.filter(({ bytes }) => bytes === 0)
  const skipped = missing.filter(({ code }) => code === 'skipped')
  const reason = [
    ...(truncated === undefined ? [] : [`the rest of the batch is missing: ${truncated}`]),
    ...(skipped.length > 0 ? [`no time was left for ${skipped.map(({ file }) => file).join(', ')}`] : []),
    ...missing.filter(({ code }) => code !== 'skipped').map(describeMissing),
    ...unwanted.map((file) => `${file} holds no logs but those that were asked for`),
  ].join('; ')
  const said = reason === '' ? {} : { reason }
  if (missing.length === commands.length && truncated === undefined && skipped.length === 0) {
    return { status: commands.length === 0 ? 'empty' : 'unsupported', ...said }
  }
  return { status: truncated === undefined && skipped.length === 0 ? 'complete' : 'partial', ...said }
}

function describeMissing({ file, code, complaint }: Command): string {
  if (code === '0') return `${file} is empty`
  return `no ${file}: ${complaint === '' ? `exit code ${code}` : complaint}`
}

/** Each program once; a refusal, or a node without such pods, is told for all at the first. */
async function* runAll(
  context: CollectContext,
  inside: Inside,
  { scope, folder, content, exec }: Place & Required<Pick<InsideQuestions, 'content' | 'exec'>>,
): AsyncGenerator<Evidence | Close> {
  const commands: Command[] = []
  let requests = 0
  for (const one of exec) {
    const { file } = one
    requests += 'run' in one ? 1 : one.reads.length
    try {
      const ran =
        'run' in one
          ? await gather(await inside.run(one.run, context.signal))
          : await readAll(context, inside, one.reads)
      commands.push({ file, code: String(ran.exitCode), bytes: ran.body.length, complaint: ran.complaint })
      if (ran.body.length > 0) yield { ...evidenceOf(ran, scope, `${folder}/${file}`), content }
    } catch (error) {
      if (!(error instanceof KubeError) || isForAll(error, commands)) throw error
      commands.push({ file, code: '', bytes: 0, complaint: error.message })
    }
  }
  const bytes = commands.reduce((sum, command) => sum + command.bytes, 0)
  yield { type: 'close', scope, ...outcomeOf(commands, undefined), cost: { requests, bytes } }
}

function isForAll({ status, reason }: KubeError, before: readonly Command[]): boolean {
  return reason === 'Unreachable' || (before.length === 0 && (status === 401 || status === 403))
}

/** What a program gave. */
interface Ran {
  readonly body: Buffer
  readonly exitCode: number
  readonly complaint: string
  readonly request: string
  readonly cut: boolean
}

/** Several files of the kernel in one, those that are not there left out. */
async function readAll(context: CollectContext, inside: Inside, paths: readonly [string, ...string[]]): Promise<Ran> {
  const parts: Ran[] = []
  for (const path of paths) {
    // Kernel files are ASCII, and of glibc's converters only this one fails on no byte.
    const ran = await gather(await inside.run(['iconv', '-f', 'latin1', '-t', 'utf8', path], context.signal))
    const head = Buffer.from(paths.length > 1 && ran.body.length > 0 ? `==> ${path} <==\n` : '')
    parts.push({ ...ran, body: Buffer.concat([head, ran.body]) })
  }
  const [first] = parts as [Ran, ...Ran[]]
  return {
    body: Buffer.concat(parts.map(({ body }) => body)),
    exitCode: parts.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? 0,
    complaint: parts.find(({ complaint }) => complaint !== '')?.complaint ?? '',
    request: parts.length > 1 ? `${first.request}, and ${parts.length - 1} more like it` : first.request,
    cut: parts.some(({ cut }) => cut),
  }
}

async function gather({ stdout, ended, request }: Running): Promise<Ran> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdout) {
    chunks.push(chunk)
    length += chunk.length
    if (length > MOST_BYTES) return { body: Buffer.concat(chunks), exitCode: 0, complaint: '', request, cut: true }
  }
  const { exitCode, stderr } = ended()
  return { body: Buffer.concat(chunks), exitCode, complaint: stderr.trim().split('\n')[0] ?? '', request, cut: false }
}

function evidenceOf({ body, request, cut }: Ran, scope: Scope, path: string) {
  return {
    type: 'evidence',
    scope,
    path,
    body,
    obtained: {
      request,
      at: new Date().toISOString(),
      way: 'exec',
      monotonicMs: monotonicNow(),
      ...(cut ? { truncated: `it is longer than the ${body.length} bytes that are kept` } : {}),
    },
  } as const
}
