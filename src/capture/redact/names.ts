/**
 * Words that name a secret, in any spelling: `DB_PASSWORD`, `apiKey`, `client-secret`, `.dockerconfigjson`. Names that only point at one
 * are taken out by REFERENCE below.
 */
const SENSITIVE =
  /passw(?:or)?[dt]|passphrase|passcode|pswd|requirepass|masterauth|(?:^|[._-])(?:pwd|pass|pw|psk|pin|salt|otp|jwt|sas|dsn|hmac)(?:$|[._-])|(?:user|root|admin|db|mysql|redis|bind)(?:pass|pw)$|secret|token|credential|(?:api|access|private|encryption|signing|master|account|auth|session|jwt|hmac|license|webhook|shared|fernet|consumer|sec|user)[._-]?keys?|(?:tls|ssl|ssh|aes|rsa|deploy|app)[._-]?key$|key[._-]?data$|connection[._-]?string|connstr|authorization|(?:^|[._-])(?:basic|redis|web|http|proxy|x)[._-]?auth$|bearer|cookie|signature|user-?data$|presigned|sessionid|docker(?:cfg|config(?:json)?)$/i
/** The same as words of camel case: `dbPass`, `userPwd`, `cardPin`, but not `bypass`. */
const SENSITIVE_CAMEL = /[a-z0-9](?:Pass|Pwd|Pw|Pin|Salt|Otp|Jwt|Sas|Dsn)(?![a-z])/

/**
 * Names that hold a reference, a setting or a count, not the secret itself: `secretName`, `tokenExpirationSeconds`, `tokenReview`; or that
 * name what deals with secrets: a service (`token-refresher`, also as a pod), a file of source code, an exception.
 */
const REFERENCE =
  /(?:(?:name|names|namespace|ref|refs|reference|references|path|file|dir|key|keys|url|uri|endpoint|host|domain|port|type|kind|version|seconds|minutes|ttl|duration|expiration|expiry|timeout|count|size|length|limit|policy|mode|samesite|enabled|template|provider|store|class|id|ids|audience|audiences|issuer|prefix|suffix|header|algorithm|format|source|sources|mount|mounts|review|reviews|requests|token|imagePullSecret)s?|(?:controller|manager|operator|service|driver|rotator|refresher|generator|reloader|injector|exception|error)s?(?:-[a-z0-9]{6,10}-[a-z0-9]{5})?|\.(?:go|py|rb|java|js|ts|rs|cpp|php|kt|scala))$/i
/** … unless the name says that it is the key or the token. */
const KEY_ITSELF =
  /(?:api|access|private|secret|encryption|signing|master|account|auth|session|jwt|hmac|license|webhook|shared|fernet|consumer|sec|user|tls|ssl|ssh|aes|rsa|deploy|app)[._-]?(?:access[._-]?)?keys?(?:[._-]?id)?$|tokens?$/i

/** Names that were judged before: variables of a thousand pods have a hundred names. */
const judged = new Map<string, boolean>()
const MOST_JUDGED = 5000

/** Whether a field, variable or flag of this name is to be taken for a secret. */
export function isSensitiveName(name: string): boolean {
  const known = judged.get(name)
  if (known !== undefined) return known
  if (judged.size >= MOST_JUDGED) judged.clear()
  const isSensitive = judge(name)
  judged.set(name, isSensitive)
  return isSensitive
}

function judge(name: string): boolean {
  if (!SENSITIVE.test(name) && !SENSITIVE_CAMEL.test(name)) return false
  return KEY_ITSELF.test(name) || !REFERENCE.test(name)
}

/** Variables whose value is a name that causes are read from: hosts, places, modes. */
const SPOKEN =
  /(?:^|_)(?:HOST|HOSTNAME|SERVER|ADDR|ADDRESS|NAMESPACE|REGION|ZONE|MODE|LEVEL|PROFILES?(?:_ACTIVE)?|ENDPOINTS?|TZ|(?:CLUSTER|NODE|POD|SERVICE|CONTAINER|DEPLOYMENT)(?:_NAME)?)S?$/i

/** Whether a variable of this name holds a name: one word is no secret there. */
export function isSpokenName(name: string): boolean {
  return SPOKEN.test(name)
}
