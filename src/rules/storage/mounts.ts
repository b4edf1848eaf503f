import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import { pathsIn } from '../../incident/paths-in.ts'
import type { Said } from '../../incident/statement.ts'
import { volumesOf } from './volumes.ts'

/** A claim that a program speaks of. */
export interface Mount {
  readonly claim: string
  readonly namespace: string | undefined
  /** Whether the text names a path on it. */
  readonly isNamed: boolean
}

/** The claim whose mount path the text names, else the only one that the container has. */
export function mountIn(incident: Incident, said: Said): Mount | undefined {
  const { about } = said
  const text = wordsAround(incident, said)
  const pod = incident.podOf(about)
  if (!pod) return undefined
  const claims = new Map(volumesOf(pod).map(({ name, claim }) => [name, claim]))
  const mounts = listAt(pod.json, 'spec', 'containers')
    .filter((container) => about.container === undefined || textAt(container, 'name') === about.container)
    .flatMap((container) => listAt(container, 'volumeMounts'))
    .map((mount) => ({ path: textAt(mount, 'mountPath'), claim: claims.get(textAt(mount, 'name')) ?? '' }))
    .filter(({ claim }) => claim !== '')
  const named = mounts.find(({ path }) => path.length > 1 && text.includes(path))
  const only = mounts.length === 1 && !pathsIn(text).some(isOfNode) ? mounts[0] : undefined
  const found = named ?? only
  return found && { claim: found.claim, namespace: pod.ref.namespace, isNamed: named !== undefined }
}

/** Where programs write for a while, into the container's layer or the node's disk, and no claim is mounted unless it is named. */
const OF_NODE = ['/tmp/', '/var/log/', '/dev/']

function isOfNode(path: string): boolean {
  return OF_NODE.some((start) => path.startsWith(start))
}

/** A line of a log with the one before and behind it: Java names the file in the line above the error of the system. */
function wordsAround(incident: Incident, { source, about, text, citation }: Said): string {
  if (source !== 'log' || !('line' in citation)) return text
  const log = incident.logsOf(about).find(({ summary }) => summary.path === citation.file)
  const beside = (log?.summary.templates ?? [])
    .flatMap(({ example, lastLine }) => [example, lastLine])
    .filter(({ line }) => Math.abs(line - citation.line) === 1)
  return [text, ...beside.map((one) => one.text)].join('\n')
}
