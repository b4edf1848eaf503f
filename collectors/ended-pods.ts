import type { CollectContext } from '../src/collector.ts'

/** What tail(1) writes before each file, here `<namespace>_<pod>_<uid>/<container>/<instance>.log`; a line of a log begins with a time. */
const HEAD = /^==> ([^_/\n]+)_[^\n]* <==$/gm

/** Of the logs of ended pods those that were asked for; a probe reads them all. */
export function chooseEndedPods(
  body: Buffer,
  { logs, namespaces }: Pick<CollectContext['settings'], 'logs' | 'namespaces'>,
): Buffer {
  if (logs === 'none') return Buffer.alloc(0)
  if (namespaces === undefined) return body
  const text = body.toString('latin1')
  const heads = [...text.matchAll(HEAD)]
  const chosen = heads.flatMap(({ index, 1: namespace = '' }, at) =>
    namespaces.includes(namespace) ? [text.slice(index, heads[at + 1]?.index)] : [],
  )
  return Buffer.from(chosen.join(''), 'latin1')
}
