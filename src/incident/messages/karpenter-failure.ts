import { READ } from './message.ts'

/** Why Karpenter made no node of one of its pools for a pod. */
export interface KarpenterFailure {
  /** Empty where the message does not name it. */
  readonly nodepool: string
  readonly reason: string
  readonly kind: 'limits' | 'taint' | 'requirements' | 'no-instance-type' | 'other'
}

const HEAD = /(?:[Ff]ailed to schedule pod|[Cc]ould not schedule pod),\s?/

/** Where the reason of the next pool begins; reasons themselves have semicolons too. */
const NEXT =
  /;\s{1,4}(?=incompatible with (?:nodepool|provisioner)|all available instance types exceed|node limits have been|nodepool requirements filtered)/i

/** Old versions quote the pool in the sentence, newer ones append it. */
const NODEPOOL = /\bNodePool=\\?"?(?<pool>[\w.-]*\w)|(?:nodepool|provisioner):? \\?"(?<quoted>[^"\\]{1,253})/i

/** The reason of a pool that the pod was tried on stands behind what its daemons take. */
const TRIED =
  /^incompatible with (?:nodepool|provisioner)(?: \\?"[^"\\]{1,253}\\?")?,\s{0,4}(?:daemonset overhead=\{[^}]{0,1000}\},\s{0,4})?/i

const APPENDED = /\s\((?:[\w-]{1,40}=[^()]{0,600})\)\s?$/

const KINDS: readonly (readonly [KarpenterFailure['kind'], RegExp])[] = [
  ['limits', /exceed limits for|node limits have been exhausted|exceeds limit of/],
  ['taint', /did not tolerate/],
  ['no-instance-type', /no instance type|filtered out all (?:compatible )?available instance types/],
  [
    'requirements',
    /incompatible (?:volume |dynamic resource )?requirements|does not have known values|unsatisfiable topology|minValues/,
  ],
]

/** Takes a FailedScheduling message of Karpenter apart, one entry for each pool; none where it is another's. */
export function parseKarpenterFailure(message: string): readonly KarpenterFailure[] {
  const read = message.slice(0, READ)
  const head = HEAD.exec(read)
  const text = head ? read.slice(head.index + head[0].length) : read
  if (!head && !TRIED.test(text)) return []
  return text.split(NEXT).map(failureOf)
}

function failureOf(part: string): KarpenterFailure {
  const { pool, quoted } = NODEPOOL.exec(part)?.groups ?? {}
  const reason = part.replace(TRIED, '').replace(APPENDED, '').trim()
  const kind = KINDS.find(([, pattern]) => pattern.test(part))?.[0] ?? 'other'
  return { nodepool: pool ?? quoted ?? '', reason, kind }
}
