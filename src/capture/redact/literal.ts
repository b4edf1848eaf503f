import { programOf, secretIn } from './commands.ts'
import { isSensitiveName, isSpokenName } from './names.ts'
import type { Mark } from './pattern.ts'
import { MARKER } from './pseudonym.ts'
import { isHarmless, isHarmlessUnder, isObjectName, isPlainWord, isRandom } from './shape.ts'
import { redactSecrets } from './tokens.ts'

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
  if (name === undefined || isSensitiveName(name))
    return isHarmlessUnder(name ?? '', value) ? value : mark('env', value)
  const isName = isSpokenName(name) && value.split(',').every(isPlainWord)
  return isName || isHarmless(value) ? value : mark('env', value)
}

/** What the arguments before say about the next one. */
export interface Command {
  /** The well-known program that runs. */
  readonly program: string
  readonly before: string
}

/** A command line of which nothing has been read. */
export const NO_COMMAND: Command = { program: '', before: '' }

/** What is known behind one more argument. */
export function afterArg({ program }: Command, arg: string): Command {
  return { program: programOf(arg) ?? program, before: arg }
}

/**
 * One element of `command` or `args`. Flags, words, paths and shell syntax stay, because a command that cannot be read explains nothing;
 * values of secret flags and whatever looks generated go.
 */
export function redactArg(arg: string, { program, before }: Command, mark: Mark): string {
  if (MARKER.test(arg) || arg === '') return arg
  if (/^--?[\w.-]+$/.test(before) && !arg.startsWith('-') && isSensitiveName(before))
    return isHarmlessUnder(before, arg) ? arg : mark('arg', arg)
  const secret = secretIn(program, before, arg)
  if (secret !== undefined) return arg.slice(0, secret) + mark('arg', arg.slice(secret))
  // docker --user with a password; a number is a user id.
  if (/^(?:-u|--user|--proxy-user)$/.test(before) && /^[^\s:]+:(?!\d+$)./.test(arg)) return mark('arg', arg)
  // The argument is quoted by being one: its value may hold spaces and quotes.
  const pair = /^(-{0,2}[\w.-]+)=([\s\S]+)$/.exec(arg)
  if (pair && isSensitiveName(pair[1] ?? ''))
    return isHarmlessUnder(pair[1] ?? '', pair[2] ?? '') ? arg : `${pair[1]}=${mark('arg', pair[2] ?? '')}`
  // Most flags are settings: `--listen=:8080`. A URL is looked at once more.
  if (pair && !arg.includes('://') && isHarmless(pair[2] ?? '')) return arg
  return redactWords(arg, 'arg', mark)
}

/** Free text, word by word: the value in `name=value` is judged by the name and its shape, any other word only if it looks generated. */
function redactWords(text: string, rule: 'arg' | 'annotation', mark: Mark): string {
  const cleared = redactSecrets(text, mark)
  return cleared.replace(/[^\s"'`;|&(){}<>]+/g, (word, at: number) => {
    if (cleared[at - 1] === '<' && word.startsWith('redacted:')) return word
    return redactWord(word, rule, mark)
  })
}

function redactWord(word: string, rule: 'arg' | 'annotation', mark: Mark): string {
  if (isHarmless(word)) return word
  const { name = '', valueAt } = lastName(word)
  const value = word.slice(valueAt)
  const before = word.slice(0, valueAt)
  if (isSensitiveName(name)) return isHarmlessUnder(name, value) ? word : before + mark(rule, value)
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
  /(?:^|\.)(?:kubernetes\.io|k8s\.io|x-k8s\.io|k8s\.aws|amazonaws\.com|karpenter\.sh|helm\.sh|istio\.io|linkerd\.io|cert-manager\.io|prometheus\.io|openshift\.io|argoproj\.io|fluxcd\.io|projectcalico\.org|cncf\.io|cattle\.io|hashicorp\.com|stakater\.com)\//

/** Whether controllers write and read an annotation. */
export function isControllerKey(key: string): boolean {
  return CONTROLLER_KEY.test(key)
}

/** The value of an annotation that is no JSON. A controller's that is called a secret names the object that is one: `auth-secret: shop/ca`. */
export function redactAnnotation(key: string, value: string, mark: Mark): string {
  if (MARKER.test(value)) return value
  const isController = isControllerKey(key)
  const name = key.slice(key.indexOf('/') + 1)
  if (isSensitiveName(name)) {
    const isReference = isController && /secret/i.test(name) && isObjectName(value)
    return isReference || isHarmlessUnder(name, value) ? value : mark('annotation', value)
  }
  if (isHarmless(value)) return value
  if (!isController) return mark('annotation', value)
  const isHash = /(?:hash|id)$/i.test(name) && /^[0-9a-f-]{8,64}$/.test(value)
  return isHash ? value : redactWords(value, 'annotation', mark)
}

/** A string inside of an annotation that is JSON. */
export function redactJudged(value: string, mark: Mark): string {
  return MARKER.test(value) || isHarmless(value) || isPlainWord(value) ? value : mark('annotation', value)
}

/** Members that say where a secret is kept or how it is made, not what it is. */
const POINTER =
  /(?:name|namespace|ref|kind|apiversion|apigroup|type|provider|mode|path|audience|algorithm|encoding|format|policy)s?$/i

/** A string under a field whose name says secret: the field's own value, or what `key` names inside of it. */
export function redactSensitive(key: string, value: string, mark: Mark): string {
  const isPointer = POINTER.test(key) && !isSensitiveName(key)
  return isPointer || isHarmlessUnder(key, value) ? value : mark('key', value)
}

/**
 * A string under one of Kubernetes' own keys (`secret`, `secrets`, `serviceAccountToken` …): a member that points at a Secret, or at a key
 * in it, stays (core/v1: SecretVolumeSource, ObjectReference); a custom resource may hold the secret itself there.
 */
export function redactSecretSource(key: string, value: string, mark: Mark): string {
  return /^(?:key|uid|resourceVersion|fieldPath)$/.test(key) ? value : redactSensitive(key, value, mark)
}

/** A number under a key that says secret, unless the key counts or the number is too short to be one. */
export function isSecretNumber(key: string, value: string): boolean {
  return isSensitiveName(key) && !isHarmlessUnder(key, value)
}

/** A value of a ConfigMap that is kept: one whose key says secret goes all the same, and what is base64 cannot be read by any rule. */
export function redactKeptConfig(key: string, value: string, mark: Mark): string {
  if (MARKER.test(value)) return value
  const isSecret = isSensitiveName(key) ? !isHarmlessUnder(key, value) : /^[A-Za-z0-9+/]{60,}={0,2}\s*$/.test(value)
  return isSecret ? mark('configmap', value) : redactSecrets(value, mark)
}
