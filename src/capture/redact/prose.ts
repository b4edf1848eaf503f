/** Words that go on with a sentence: "token: expired", "password: must be set", "fetch token: serviceaccounts … is forbidden". */
const WORDS = new Set(
  'a an the is was are has have had not no none nil null must should could couldn can cannot may will does did failed failure fail error invalid expired missing denied forbidden unauthorized unknown unexpected unable empty required optional wrong incorrect malformed unsupported mismatch revoked rotated refreshed renewed created updated deleted loaded fetched found ok success timeout context connection operation rpc dial read write open get post put patch head delete http x509 tls eof fatal i/o secret secrets serviceaccounts pod pods nodes configmaps user service access bad internal authentication permission please flag option for from in of on or to and with'.split(
    ' ',
  ),
)

/** Words that come second in a sentence that says how something is; none of them goes on with a passphrase. */
const VERBS = new Set(
  'is was are has have had not must should could can cannot may will does did failed failure error invalid expired missing denied forbidden unauthorized unknown unable empty required mismatch revoked rotate found timeout'.split(
    ' ',
  ),
)

/** Errors as Go, Java, AWS and gRPC name them. */
const ERROR_NAME =
  /^(?:[A-Z][A-Za-z0-9]{0,60}(?:Error|Exception|Denied|Fail|NotFound|NoSuch|Forbidden|Unauth|NotAuthorized|Expired|Timeout|Unavailable|BackOff|Invalid|Mismatch|Missing|Throttl|Exceeded|Refused)[A-Za-z0-9]{0,60}|(?:NoSuch|Invalid|Expired|Missing|Unauth|Forbidden|Throttl|Access)[A-Za-z0-9]{2,60}|E[A-Z]{4,12}):?$/

/** The next link of a chain of Go errors: a package or what was done; digits only where a name is known to have them. */
const LINK = /^(?:[a-z][a-z/]{1,30}|x509|http2|oauth2|s3|ec2|k8s):$/

/** Whether a sentence goes on, instead of a value, behind a colon and a space or behind a flag. */
export function isProse(between: string, value: string, behind: string): boolean {
  if (between !== '' && !/^["'\])]?:[ \t]/.test(between)) return false
  const words = value.toLowerCase().split('-')
  if (words.every((word) => WORDS.has(word))) return true
  if (between === '') return false
  if (ERROR_NAME.test(value) || /^[A-Za-z]\w{2,30}=\d{1,3}$/.test(value)) return true
  if (/^\w{2,60}\($/.test(value)) return true
  if (LINK.test(value)) return behind.startsWith(' ')
  return /^[A-Za-z]+$/.test(value) && VERBS.has(/^ ([a-z]+)(?![\w.-]*[=:])/.exec(behind)?.[1] ?? '')
}
