/**
 * Keys and values of labels (apimachinery, util/validation). The server's expressions can match a name in many ways; these, which match
 * the same names, in one only, so that a long name costs no more than its length.
 */
const NAME = /^[A-Za-z0-9]+(?:[-_.]+[A-Za-z0-9]+)*$/
const SUBDOMAIN = /^[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*$/

const LONGEST_NAME = 63
const LONGEST_SUBDOMAIN = 253

const CHARACTERS =
  "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const NAME_RULE = `must ${CHARACTERS} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`
const VALUE_RULE = `a valid label must be an empty string or ${CHARACTERS} (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

/** What keeps a text from being the key of a label, in the server's words; nothing if it is one. */
export function describeBadKey(key: string): readonly string[] {
  const [first = '', second, ...more] = key.split('/')
  if (more.length > 0)
    return [`a qualified name ${NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  if (second === undefined) return describeBadName(first)
  return [...describeBadPrefix(first), ...describeBadName(second)]
}

/** What keeps a text from being the value of a label. */
export function describeBadValue(value: string): readonly string[] {
  return [...tooLong(value, LONGEST_NAME), ...(value === '' || NAME.test(value) ? [] : [VALUE_RULE])]
}

function describeBadPrefix(prefix: string): readonly string[] {
  if (prefix === '') return ['prefix part must be non-empty']
  const problems = [...tooLong(prefix, LONGEST_SUBDOMAIN), ...(SUBDOMAIN.test(prefix) ? [] : [SUBDOMAIN_RULE])]
  return problems.map((problem) => `prefix part ${problem}`)
}

function describeBadName(name: string): readonly string[] {
  const length = name === '' ? ['must be non-empty'] : tooLong(name, LONGEST_NAME)
  return [...length, ...(NAME.test(name) ? [] : [NAME_RULE])].map((problem) => `name part ${problem}`)
}

/** The server counts bytes and says characters. */
function tooLong(text: string, most: number): readonly string[] {
  return Buffer.byteLength(text) > most ? [`must be no more than ${most} characters`] : []
}
