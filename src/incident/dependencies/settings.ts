import { cite } from '../citation.ts'
import type { Dependency } from '../dependency.ts'
import type { Incident } from '../incident.ts'
import { listAt, textAt, valueAt } from '../kubernetes.ts'
import type { KubeObject } from '../object.ts'
import type { Ref } from '../reference.ts'
import type { Workload } from '../workload.ts'
import { type Names, splitTarget } from './names.ts'

/** Where a name in a text is surely a host: behind the scheme, the user or `host=` of an address, or before a port. */
const HOSTS =
  /(?:[a-z][a-z0-9+.-]*:\/\/(?:[^\s/@,;]*@)?|\bhost=|@|^|[\s,;=("'])([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?(?=$|[\s/,;)?"'&])/gi

/** Variables whose value is an address by their name, so that one bare word in them is a host. */
const ADDRESS_NAME =
  /(?:HOST|HOSTNAME|ADDR|ADDRESS|URL|URI|ENDPOINT|SERVER|SERVERS|BROKER|BROKERS|UPSTREAM|BACKEND|TARGET|SVC|SERVICE|DSN|NODES|BOOTSTRAP|PEERS)S?(?:_NAME|_LIST)?$/i

/** Services that the environment and the arguments of a workload name. */
export function* findSettings({ workloads }: Incident, names: Names): Generator<Dependency> {
  for (const workload of workloads)
    for (const { object, path } of templatesOf(workload)) yield* readTemplate(workload, object, path, names)
}

/** The specs that a workload's pods run, or its template where none runs. */
function templatesOf({ pods, object }: Workload): { object: KubeObject; path: readonly string[] }[] {
  const bySpec = new Map(pods.map((pod) => [pod.templateHash, pod] as const))
  if (bySpec.size > 0) return [...bySpec.values()].map((pod) => ({ object: pod, path: ['spec'] }))
  return object ? [{ object, path: templatePath(object) }] : []
}

function templatePath({ ref }: KubeObject): readonly string[] {
  const template = ['spec', 'template', 'spec']
  return ref.kind === 'CronJob' ? ['spec', 'jobTemplate', ...template] : ref.kind === 'Pod' ? ['spec'] : template
}

function* readTemplate(
  { ref }: Workload,
  object: KubeObject,
  root: readonly string[],
  names: Names,
): Generator<Dependency> {
  for (const group of ['containers', 'initContainers'])
    for (const [index, container] of listAt(object.json, ...root, group).entries())
      for (const place of textsOf(container)) {
        const path = [...root, group, index, ...place.path]
        for (const { to, words, scheme } of servicesIn(place, ref.namespace, names))
          yield {
            from: ref,
            to,
            by: place.by,
            failing: false,
            first: undefined,
            settings: [place.name, scheme].filter((one) => one !== ''),
            says: `${place.by === 'env' ? `The variable ${place.name}` : 'An argument'} of container ${textAt(container, 'name')} names ${words}.`,
            cites: [cite(object, path, words)],
          }
      }
}

interface Place {
  readonly by: 'env' | 'argument'
  readonly name: string
  readonly text: string
  readonly path: readonly (string | number)[]
}

function textsOf(container: unknown): Place[] {
  const variables = listAt(container, 'env').map((variable, index): Place => {
    const [name, text] = [textAt(variable, 'name'), textAt(variable, 'value')]
    return { by: 'env', name, text, path: ['env', index, 'value'] }
  })
  const words = ['command', 'args'].flatMap((field) =>
    listAt(container, field).map((_, index): Place => {
      const text = String(valueAt(container, field, index) ?? '')
      return { by: 'argument', name: '', text, path: [field, index] }
    }),
  )
  return [...variables, ...words].filter(({ text }) => text !== '')
}

/** Redacted parts are no names. A bare word is one only in a variable that is called like an address. */
function* servicesIn(
  { text, name }: Place,
  namespace: string | undefined,
  names: Names,
): Generator<{ to: Ref; words: string; scheme: string }> {
  for (const match of text.replace(/<redacted[^>]*>/g, ' ').matchAll(HOSTS)) {
    const [whole, word = '', port] = match
    const { host } = splitTarget(word)
    const isAddressed = port !== undefined || /:\/\/|@|host=/i.test(whole) || word.includes('.')
    if (!isAddressed && !(ADDRESS_NAME.test(name) && word.length === text.length)) continue
    const to = names.serviceOf(host.toLowerCase(), namespace)
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(whole)?.[1] ?? ''
    if (to) yield { to, words: `${word}${port ?? ''}`, scheme }
  }
}
