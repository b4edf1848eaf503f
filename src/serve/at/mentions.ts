import type { CapturedResource } from '../captured.ts'
import { at, type KubeObject, list, text } from '../table/access.ts'
import { instant } from '../table/age.ts'

/** Where one object names another one, which therefore was there at that time. */
export interface Mention {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** By the server's clock, in milliseconds. */
  readonly at: number
  /** What names it, for people. */
  readonly by: string
}

/** Whom an object names: an event whom it is about, when it happened first and last; any other its owners, when it was created. */
export function mentionsOf(object: KubeObject, resource: CapturedResource): readonly Mention[] {
  const mentions = resource.resource === 'events' ? mentionsOfEvent(object) : mentionsOfOwners(object, resource.kind)
  // Of a node the kubelet knows no uid, and writes its name (pkg/kubelet, nodeRef).
  return mentions.filter(({ uid, name }) => uid !== '' && name !== '' && uid !== name)
}

function mentionsOfEvent(event: KubeObject): readonly Mention[] {
  const about = at(event, 'involvedObject') ?? at(event, 'regarding')
  const reference = readReference(about, text(about, 'namespace'))
  return eventTimes(event).map((time) => ({ ...reference, at: time, by: `the event ${text(event, 'reason')}` }))
}

/** Both of the forms that events have. */
function eventTimes(event: KubeObject): readonly number[] {
  const happened = instant(at(event, 'eventTime'))
  const first = instant(at(event, 'firstTimestamp') ?? at(event, 'deprecatedFirstTimestamp')) ?? happened
  const again = at(event, 'series', 'lastObservedTime')
  const last = instant(again ?? at(event, 'lastTimestamp') ?? at(event, 'deprecatedLastTimestamp'))
  return [first, last].filter((time) => time !== undefined)
}

function mentionsOfOwners(object: KubeObject, kind: string): readonly Mention[] {
  const created = instant(at(object, 'metadata', 'creationTimestamp'))
  if (created === undefined) return []
  const by = `the creation of its ${kind} ${text(object, 'metadata', 'name')}`
  const namespace = text(object, 'metadata', 'namespace')
  const owners = list(object, 'metadata', 'ownerReferences')
  return owners.map((owner) => ({ ...readReference(owner, namespace), at: created, by }))
}

function readReference(reference: unknown, namespace: string): Omit<Mention, 'at' | 'by'> {
  return {
    apiVersion: text(reference, 'apiVersion'),
    kind: text(reference, 'kind'),
    namespace,
    name: text(reference, 'name'),
    uid: text(reference, 'uid'),
  }
}
