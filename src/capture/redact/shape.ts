import { MARKER } from './pseudonym.ts'

/**
 * Words that name a secret, in any spelling: `DB_PASSWORD`, `apiKey`, `client-secret`, `.dockerconfigjson`. Names that only point at one
 * are taken out by REFERENCE below.
 */
const SENSITIVE =
  /passw(?:or)?d|passphrase|requirepass|masterauth|(?:^|[._-])(?:pwd|pass|pin|salt|otp|jwt|sas|dsn)(?:$|[._-])|(?:user|root|admin|db|mysql|redis)pass$|secret|token|credential|(?:api|access|private|encryption|signing|master|account|auth|session|jwt|hmac|license|webhook)[._-]?key|(?:tls|ssl|ssh|aes|rsa|deploy|app)[._-]?key$|key[._-]?data$|connection[._-]?string|connstr|authorization|bearer|cookie|signature|user-?data$|presigned|sessionid|docker(?:cfg|config(?:json)?)$/i
/** The same as words of camel case: `dbPass`, `userPwd`, `cardPin`, but not `bypass`. */
const SENSITIVE_CAMEL = /[a-z0-9](?:Pass|Pwd|Pin|Salt|Otp|Jwt|Sas|Dsn)(?![a-z])/

/** Names that hold a reference, a setting or a count, not the secret itself: `secretName`, `tokenExpirationSeconds`, `tokenReview`. */
const REFERENCE =
  /(?:name|names|namespace|ref|refs|reference|references|path|file|dir|key|keys|url|uri|endpoint|host|port|type|kind|version|seconds|minutes|ttl|expiration|expiry|timeout|count|size|length|limit|policy|mode|enabled|provider|store|class|id|ids|audience|audiences|issuer|prefix|suffix|header|algorithm|format|source|sources|mount|mounts|review|reviews|requests|controller|token)s?$/i
/** … unless the name says that it is the key or the token. */
const KEY_ITSELF =
  /(?:api|access|private|secret|encryption|signing|master|account|auth|session|jwt|hmac|license|webhook|tls|ssl|ssh|aes|rsa|deploy|app)[._-]?(?:access[._-]?)?key(?:[._-]?id)?$|tokens?$/i

/** Whether a field, variable or flag of this name is to be taken for a secret. */
export function isSensitiveName(name: string): boolean {
  if (!SENSITIVE.test(name) && !SENSITIVE_CAMEL.test(name)) return false
  return KEY_ITSELF.test(name) || !REFERENCE.test(name)
}

const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?%?$/i
const BOOLEAN = /^(?:true|false|yes|no|on|off|null|none|enabled|disabled)$/i
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
const SINGLE_HOST = /^[a-z][a-z0-9-]{0,40}:\d{1,5}$/i
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}\]?)(?:\/\d{1,3})?(?::\d{1,5})?$/i
const PORT = /^:\d{1,5}$/
/** No userinfo, no query, no fragment. */
const URL_SHAPE = /^[a-z][a-z0-9+.-]{1,20}:\/\/(?:\[[0-9a-f:]+\]|[\w.*-]+)?(?::\d{1,5})?(?:\/[\w.~%+,:-]{0,64})*$/i
/** docs.aws.amazon.com, "Amazon Resource Names": causes name roles, subnets and load balancers. */
const ARN = /^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[\w./:*-]{1,200}$/
const VERSION = /^v?\d+(?:\.\d+){1,3}(?:[-+][0-9a-z.-]{1,30})?$/i
/** References to variables, which the kubelet (`$(NAME)`) or a shell expands. */
const VARIABLES = /\$(?:\(\w+\)|\{\w+\}|[A-Z_][A-Z0-9_]+(?!\w))/g
/** What has been blotted out already by whoever wrote it. */
const BLOTTED = /^(?:\*{3,}|\[?(?:redacted|filtered|masked|hidden)\]?)$/i
/** Words of settings that everyone uses; they say what a service was told to do, and nobody's password. */
const WORDS = new Set(
  'debug info warn warning error fatal trace verbose quiet json text logfmt console production prod staging stage development dev test local default auto always never info http https tcp udp grpc utc utf-8 utf8 c.utf-8 en_us.utf-8 json strict info all any public standard primary replica master leader follower prefer require verify-full verify-ca disable allow'.split(
    ' ',
  ),
)

/** Whether a literal may stay because causes are read from its shape and nobody keeps a secret in it; lists are judged item by item. */
export function isHarmless(value: string): boolean {
  if (value === '' || value.length > 2000) return value === ''
  if (isHarmlessItem(value)) return true
  return /[,;]/.test(value) && value.split(/[,;]\s*/).every((item) => isHarmlessItem(item) || isHarmlessPair(item))
}

/** What stays even under a name that says secret: nothing of it can be one. */
export function isHarmlessSecret(value: string): boolean {
  if (value === '' || MARKER.test(value) || BOOLEAN.test(value) || DURATION.test(value)) return true
  return BLOTTED.test(value) || isPath(value) || isUrl(value) || value.replace(VARIABLES, '') === ''
}

function isHarmlessItem(value: string): boolean {
  return (
    MARKER.test(value) ||
    WORDS.has(value.toLowerCase()) ||
    [NUMBER, BOOLEAN, DURATION, QUANTITY, TIMESTAMP, SINGLE_HOST, ADDRESS, PORT, ARN, VERSION].some((shape) =>
      shape.test(value),
    ) ||
    isHost(value) ||
    isUrl(value) ||
    isPath(value) ||
    isExpanded(value)
  )
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
