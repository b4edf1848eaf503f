import { MARKER } from './pseudonym.ts'
import { isHarmless, isHarmlessSecret, isPlainWord, isRandom, isSensitiveName } from './shape.ts'
import { type Mark, redactSecrets } from './tokens.ts'

/** `NAME=value`, as an element of a list of variables. */
export function redactAssignment(text: string, mark: Mark): string {
  const equals = text.indexOf('=')
  if (equals < 0) return text
  return text.slice(0, equals + 1) + redactEnv(text.slice(0, equals), text.slice(equals + 1), mark)
}

/**
 * The value of an environment variable: what its name or its shape does not clear becomes a pseudonym. A value whose name is not known
 * (yet) is taken for a secret.
 */
export function redactEnv(name: string | undefined, value: string, mark: Mark): string {
  if (MARKER.test(value)) return value
  if (name === undefined || isSensitiveName(name)) return isHarmlessSecret(value) ? value : mark('env', value)
  return isHarmless(value) ? value : mark('env', value)
}

/**
 * One element of `command` or `args`; `before` is the one before it, whose flag may name this one. Flags, words, paths and shell syntax
 * stay, because a command that cannot be read explains nothing; values of secret flags and whatever looks generated go.
 */
export function redactArg(arg: string, before: string, mark: Mark): string {
  if (MARKER.test(arg) || arg === '') return arg
  if (/^--?[\w.-]+$/.test(before) && !arg.startsWith('-') && isSensitiveName(before))
    return isHarmlessSecret(arg) ? arg : mark('arg', arg)
  // curl --user, docker --user with a password; a number is a user id.
  if (/^(?:-u|--user|--proxy-user)$/.test(before) && /^[^\s:]+:(?!\d+$)./.test(arg)) return mark('arg', arg)
  // The argument is quoted by being one: its value may hold spaces and quotes.
  const pair = /^(-{0,2}[\w.-]+)=([\s\S]+)$/.exec(arg)
  if (pair && isSensitiveName(pair[1] ?? ''))
    return isHarmlessSecret(pair[2] ?? '') ? arg : `${pair[1]}=${mark('arg', pair[2] ?? '')}`
  return redactWords(arg, 'arg', mark)
}

/** Free text, word by word: the value in `name=value` is judged by the name and its shape, any other word only if it looks generated. */
export function redactWords(text: string, rule: 'arg' | 'annotation', mark: Mark): string {
  const cleared = redactSecrets(text, mark)
  return cleared.replace(/[^\s"'`;|&(){}<>]+/g, (word, at: number) => {
    if (cleared[at - 1] === '<' && word.startsWith('redacted:')) return word
    return redactWord(word, rule, mark)
  })
}

function redactWord(word: string, rule: 'arg' | 'annotation', mark: Mark): string {
  const { name, valueAt } = lastName(word)
  const value = word.slice(valueAt)
  const before = word.slice(0, valueAt)
  if (name !== undefined && isSensitiveName(name)) return isHarmlessSecret(value) ? word : before + mark(rule, value)
  if (isHarmless(value)) return word
  const query = /^[a-z][a-z0-9+.-]{1,20}:\/\/[^?]*\?(.+)$/i.exec(value)?.[1]
  if (query !== undefined) return word.slice(0, -query.length) + mark('url', query)
  return isRandom(value) ? before + mark(rule, value) : word
}

/** The first name in `a=b=value` that says secret, or else the last one, and where its value begins. */
function lastName(word: string): { name?: string; valueAt: number } {
  const names = /(-{0,2}[\w.-]+)=(?=.)/y
  let last: { name?: string; valueAt: number } = { valueAt: 0 }
  for (let found = names.exec(word); found !== null; found = names.exec(word)) {
    last = { name: found[1] ?? '', valueAt: names.lastIndex }
    if (isSensitiveName(found[1] ?? '')) break
  }
  return last
}

/** Groups whose annotations are settings and states of controllers, not texts of users. */
const CONTROLLER_KEY =
  /(?:^|\.)(?:kubernetes\.io|k8s\.io|k8s\.aws|amazonaws\.com|karpenter\.sh|helm\.sh|istio\.io|cert-manager\.io|prometheus\.io|openshift\.io|argoproj\.io|fluxcd\.io)\//

/** The value of an annotation that is no JSON. */
export function redactAnnotation(key: string, value: string, mark: Mark): string {
  if (MARKER.test(value)) return value
  if (isSensitiveName(key.slice(key.indexOf('/') + 1)))
    return isHarmlessSecret(value) ? value : mark('annotation', value)
  if (isHarmless(value)) return value
  if (!CONTROLLER_KEY.test(key)) return mark('annotation', value)
  return /\s/.test(value) || isPlainWord(value) ? redactWords(value, 'annotation', mark) : mark('annotation', value)
}

/** A string inside of an annotation that is JSON. */
export function redactJudged(value: string, mark: Mark): string {
  return MARKER.test(value) || isHarmless(value) || isPlainWord(value) ? value : mark('annotation', value)
}

/** Members that say where a secret is kept, not what it is. */
const POINTER = /(?:name|namespace|ref|kind|apiversion|apigroup|type|provider|mode|path|audience)s?$/i

/** A string under a field whose name says secret: the field's own value, or what `key` names inside of it. */
export function redactSensitive(key: string, value: string, mark: Mark): string {
  const isPointer = POINTER.test(key) && !isSensitiveName(key)
  return isPointer || isHarmlessSecret(value) ? value : mark('key', value)
}

/**
 * A string under one of Kubernetes' own keys (`secret`, `secrets`, `serviceAccountToken` …): a member that points at a Secret, or at a key
 * in it, stays (core/v1: SecretVolumeSource, ObjectReference); a custom resource may hold the secret itself there.
 */
export function redactSecretSource(key: string, value: string, mark: Mark): string {
  return /^(?:key|uid|resourceVersion|fieldPath)$/.test(key) ? value : redactSensitive(key, value, mark)
}
