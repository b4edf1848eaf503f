import { type Citation, cite, citeLine } from './citation.ts'
import type { Condition } from './condition.ts'
import { readConditions } from './condition.ts'
import type { ContainerLog } from './container-log.ts'
import type { KubeEvent } from './event.ts'
import { type MessageId, recognise } from './messages/index.ts'
import type { KubeObject } from './object.ts'
import type { Pod } from './pod.ts'
import type { Ref } from './reference.ts'

/** A text in which a component says something of an object: of an event, a container's state, a condition, a status or a log. */
export interface Statement {
  readonly source: 'event' | 'waiting' | 'terminated' | 'condition' | 'status' | 'log'
  readonly about: Ref
  readonly reason: string
  readonly text: string
  /** How often it was said between `first` and `last`. */
  readonly count: number
  readonly first: number | undefined
  readonly last: number | undefined
  /** Cites these words of it, or all of it. */
  readonly cite: (words?: string) => Citation
}

/** A statement whose meaning is known: a wording of the table of messages. */
export interface Said extends Statement {
  readonly id: MessageId
  readonly values: Readonly<Record<string, string>>
  readonly words: string
  /** Cites the words that were recognised. */
  readonly citation: Citation
}

/** What an event says. */
export function statementOfEvent({ object, about, reason, message, count, first, last }: KubeEvent): Statement {
  const field = 'message' in object.json ? 'message' : 'note'
  return {
    source: 'event',
    about,
    reason,
    text: message,
    count,
    first,
    last,
    cite: (words) => cite(object, [field], words),
  }
}

/** What a pod's containers and status say. */
export function* statementsOfPod(pod: Pod): Generator<Statement> {
  for (const container of pod.containers) {
    const about = { ...pod.ref, container: container.name }
    const { state, last, statusPath } = container
    if (!statusPath) continue
    if (state.kind === 'waiting' && state.message !== '')
      yield statement('waiting', about, state.reason, state.message, undefined, pod, [
        ...statusPath,
        'state',
        'waiting',
        'message',
      ])
    if (state.kind === 'terminated' && state.message !== '')
      yield statement('terminated', about, state.reason, state.message, state.finished, pod, [
        ...statusPath,
        'state',
        'terminated',
        'message',
      ])
    if (last && last.message !== '')
      yield statement('terminated', about, last.reason, last.message, last.finished, pod, [
        ...statusPath,
        'lastState',
        'terminated',
        'message',
      ])
  }
  if (pod.message !== '')
    yield statement('status', pod.ref, pod.reason, pod.message, undefined, pod, ['status', 'message'])
}

/** What the conditions of any object say. */
export function* statementsOfConditions(
  object: KubeObject,
  conditions: readonly Condition[] = readConditions(object.json),
): Generator<Statement> {
  for (const { message, reason, since, path } of conditions)
    if (message !== '') yield statement('condition', object.ref, reason, message, since, object, [...path, 'message'])
}

/** What stands in a log: an example of each template. */
export function* statementsOfLog(log: ContainerLog): Generator<Statement> {
  const about = { kind: 'Pod', namespace: log.namespace, name: log.pod, container: log.container }
  for (const { example, count, first, last } of log.summary.templates) {
    yield {
      source: 'log',
      about,
      reason: '',
      text: example.text,
      count,
      first,
      last,
      cite: (words) => citeLine(log.summary.path, example.line, words ?? example.text),
    }
  }
}

/** The meanings of a statement that the table of messages knows. */
export function readMeanings(statement: Statement): readonly Said[] {
  return recognise(statement.text, statement.reason).map(({ id, values, words }) => ({
    ...statement,
    id,
    values,
    words,
    get citation() {
      return statement.cite(words)
    },
  }))
}

function statement(
  source: Statement['source'],
  about: Ref,
  reason: string,
  text: string,
  at: number | undefined,
  object: KubeObject,
  path: readonly (string | number)[],
): Statement {
  return { source, about, reason, text, count: 1, first: at, last: at, cite: (words) => cite(object, path, words) }
}
