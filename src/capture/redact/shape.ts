import { isSensitiveName } from './names.ts'
import { MARKER } from './pseudonym.ts'

const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?%?$/i
const BOOLEAN = /^(?:true|false|yes|no|on|off|null|none|<nil>|<none>|enabled|disabled)$/i
/** States and algorithms, which stand under names of secrets: `token=expired`, `httpTokens: required`, `signature=RS256` (RFC 7518). */
const STATE =
  /^(?:expired|invalid|wrong|missing|unknown|unset|empty|required|optional|simple|webhook|rbac|lax|strict|[REHP]S(?:256|384|512)|(?:RSA|ECDSA|HMAC)-SHA(?:1|256|384|512))$/i
/** Go durations (time.ParseDuration) and days. */
const DURATION = /^-?(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d))+$/
/** Kubernetes quantities (apimachinery, pkg/api/resource), with the B that people add. */
const QUANTITY = /^[+-]?\d+(?:\.\d+)?(?:[numkKMGTPE]|[KMGTPE]i)?[bB]?$/
const TIMESTAMP = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/
/** A path has short, pronounceable parts; a base64 value with slashes does not. Every part begins with its slash: one way to read it. */
const PATH = /^(?:~|\.{1,2}|[A-Za-z]:)?(?:\/[\w.@%+,-]{0,64})+$/
const RELATIVE_PATH = /^[\w.-]{1,48}(?:\/[\w.-]{1,48})+$/
const EXTENSION = /\.[a-z]{1,5}$/i
/** Lower case, as DNS names are written in Kubernetes; three parts of mixed case are a token. */
const HOST = /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\.?(?::\d{1,5})?$/
/** As NO_PROXY has it. */
const SUFFIX = /^(?:localhost|(?:\.[a-z0-9-]{1,63}){1,8})$/
const SINGLE_HOST = /^[a-z][a-z0-9-]{0,40}:\d{1,5}$/i
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}\]?)(?:\/\d{1,3})?(?::\d{1,5})?$/i
const PORT = /^:\d{1,5}$/
/** No userinfo, no query, no fragment. A host may be a variable of a configuration: `http://$host/auth`. */
const URL_SHAPE =
  /^(?:jdbc:)?[a-z][a-z0-9+.-]{1,20}:\/\/(?:\[[0-9a-f:]+\]|[\w.*-]+|\$[a-z_]+)?(?::\d{1,5})?(?:\/[\w.~%+,:-]{0,64})*$/i
/** docs.aws.amazon.com, "Amazon Resource Names": causes name roles, subnets and load balancers. */
const ARN = /^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[\w./:*-]{1,200}$/
/** docs.aws.amazon.com, "Resource IDs": i-…, subnet-…, 8 or 17 hex digits; regions and zones. */
const AWS_ID = /^(?:[a-z]{1,8}-(?:[0-9a-f]{8}|[0-9a-f]{17})|[a-z]{2}(?:-[a-z]{2,12}){1,2}-\d[a-z]?)$/
/** github.com/distribution/reference: a name with a tag that is a version, or with a digest. */
const IMAGE =
  /^[a-z0-9][a-z0-9._/:-]{0,200}(?::(?:latest|v?\d+(?:\.\d+)+[\w.-]{0,60})|(?::[\w.-]{1,128})?@sha256:[0-9a-f]{64})$/
/** RFC 8446, appendix B.4, and those before. */
const CIPHER = /^TLS_[A-Z0-9_]{4,60}$/
const RANGE = /^\d{1,5}-\d{1,5}$/
const VERSION = /^v?\d+(?:\.\d+){1,3}(?:[-+][0-9a-z.-]{1,30})?$/i
/** The most frequent first. */
const SHAPES = [
  NUMBER,
  BOOLEAN,
  DURATION,
  QUANTITY,
  TIMESTAMP,
  SUFFIX,
  SINGLE_HOST,
  ADDRESS,
  PORT,
  ARN,
  AWS_ID,
  IMAGE,
  CIPHER,
  RANGE,
  VERSION,
]
/** References to variables, which the kubelet (`$(NAME)`) or a shell expands. */
const VARIABLES = /\$(?:\(\w+\)|\{\w+\}|[A-Z_][A-Z0-9_]+(?!\w))/g
/** What has been blotted out already by whoever wrote it. */
const BLOTTED = /^(?:\*{3,}|\[?(?:redacted|filtered|masked|hidden)\]?)$/i
/** Words of settings that everyone uses; they say what a service was told to do, and nobody's password. */
const WORDS = new Set(
  'debug info warn warning error fatal trace verbose quiet json text logfmt console production prod staging stage development dev test local default auto always never info http https tcp udp grpc utc utf-8 utf8 c.utf-8 en_us.utf-8 json strict info all any public standard primary replica master leader follower prefer require verify-full verify-ca disable allow regional worker {} []'.split(
    ' ',
  ),
)

/** Whether a literal may stay because causes are read from its shape and nobody keeps a secret in it; lists are judged item by item. */
export function isHarmless(value: string): boolean {
  if (value === '' || value.length > 2000) return value === ''
  if (isHarmlessItem(value) || isFlags(value)) return true
  return /[,;]/.test(value) && value.split(/[,;]\s*/).every((item) => isHarmlessItem(item) || isHarmlessPair(item))
}

/** What stays even under a name that says secret: nothing of it can be one. */
export function isHarmlessSecret(value: string): boolean {
  if (value === '' || MARKER.test(value) || BOOLEAN.test(value) || STATE.test(value) || DURATION.test(value))
    return true
  return BLOTTED.test(value) || isPath(value) || isUrl(value) || value.replace(VARIABLES, '') === ''
}

/** What stays under this name that says secret: also a number where the name counts (`max_tokens`, `secrets`), and one too short to be one. */
export function isHarmlessUnder(name: string, value: string): boolean {
  return (
    isHarmlessSecret(value) ||
    /^\d{1,3}$/.test(value) ||
    (/(?:token|secret|cookie|credential|signature)s$/i.test(name) && /^\d{1,15}$/.test(value))
  )
}

/** Settings of a JVM or of Node: `-Xmx4g -XX:+UseG1GC --max-old-space-size=4096`. */
function isFlags(value: string): boolean {
  return value.startsWith('-') && value.split(' ').every(isFlag)
}

function isFlag(word: string): boolean {
  // java(1): heap and stack sizes stand behind the flag without a sign between.
  if (/^-X(?:mx|ms|mn|ss)\d{1,12}[kKmMgGtT]?$/.test(word)) return true
  const [, name = '', set = ''] = /^(-(?:X|D|XX:[+-]?|-)[\w.-]{1,64})(?:=(.*))?$/.exec(word) ?? []
  return name !== '' && !isSensitiveName(name) && !isRandom(name) && isHarmlessItem(set)
}

function isHarmlessItem(value: string): boolean {
  return (
    value === '' ||
    MARKER.test(value) ||
    WORDS.has(value.toLowerCase()) ||
    hasShape(value) ||
    isHost(value) ||
    isUrl(value) ||
    isPath(value) ||
    isExpanded(value)
  )
}

function hasShape(value: string): boolean {
  for (const shape of SHAPES) if (shape.test(value)) return true
  return false
}

/** A bootstrap token has a dot too; the last part of a host was thought of by somebody. */
function isHost(value: string): boolean {
  if (!HOST.test(value)) return false
  const name = value.replace(/:\d+$|\.$/, '')
  return !isRandom(name.slice(name.lastIndexOf('.') + 1))
}

/** What stays whatever its variables hold: `http://$(HOST):$(PORT)/x`, `$(POD_NAME)-data`. */
function isExpanded(value: string): boolean {
  if (!value.includes('$')) return false
  const expanded = value.replace(VARIABLES, '1')
  return expanded !== value && (isHarmlessItem(expanded) || /^[a-z0-9-]+$/.test(expanded)) && !isRandom(expanded)
}

/** A webhook's secret is a part of its path; AWS writes ids there, which are none. */
function isUrl(value: string): boolean {
  if (!URL_SHAPE.test(value)) return false
  const [, , host = '', ...parts] = value.split('/')
  return /\.amazonaws\.com(?:\.cn)?(?::\d+)?$/.test(host) || !parts.some(isRandom)
}

function isPath(value: string): boolean {
  const isShaped = PATH.test(value) || (RELATIVE_PATH.test(value) && EXTENSION.test(value))
  return isShaped && value.split('/').every((part) => !isRandom(part))
}

/** `key=value` in a list of settings. */
function isHarmlessPair(item: string): boolean {
  const pair = /^\s*([\w.-]+)[=:](.*)$/.exec(item)
  return pair !== null && !isSensitiveName(pair[1] ?? '') && isHarmlessItem(pair[2] ?? '')
}

/** The name of an object, with its namespace or without (RFC 1123 labels): some words, and nothing that a generator would have made. */
export function isObjectName(value: string): boolean {
  return (
    /^(?:[a-z0-9-]{1,63}\/)?[a-z][a-z0-9.-]{0,252}$/.test(value) &&
    /[-/]/.test(value) &&
    !value.split(/[-./]/).some(isRandom)
  )
}

/** Kubernetes' own identifiers: names, labels, kinds. */
const IDENTIFIER = /^[A-Za-z][\w.-]{0,62}$/

/** Whether a word is a plain name: letters mostly, and nothing that a generator would have made. */
export function isPlainWord(value: string): boolean {
  return IDENTIFIER.test(value) && !isRandom(value)
}

/** Whether a word looks generated: long, and letters, digits or cases mixed as no human does. */
export function isRandom(word: string): boolean {
  if (word.length < 8) return false
  const digits = word.replace(/\D/g, '').length
  const changes = word.match(/[a-z][A-Z0-9]|[A-Z][a-z]?[0-9]|[0-9][a-zA-Z]/g)?.length ?? 0
  if (word.length >= 20 && /^[A-Za-z0-9+/=_-]+$/.test(word) && (digits >= 3 || changes >= 4)) return true
  return digits >= 2 && changes >= 2 && digits < word.length
}
