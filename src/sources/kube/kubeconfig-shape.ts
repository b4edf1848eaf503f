/** What a field of a kubeconfig has to be, in words and as a test. */
interface Kind {
  readonly noun: string
  is(value: unknown): boolean
}

const TEXT: Kind = { noun: 'a string', is: (value) => typeof value === 'string' }
const TEXTS: Kind = { noun: 'a list of strings', is: (value) => Array.isArray(value) && value.every(TEXT.is) }
const OBJECT: Kind = {
  noun: 'a mapping',
  is: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
}
const OBJECTS: Kind = { noun: 'a list of mappings', is: (value) => Array.isArray(value) && value.every(OBJECT.is) }
const COMMAND: Kind = { noun: 'the name of a command', is: (value) => TEXT.is(value) && value !== '' }

/** The fields that are read; a kubeconfig is written by people and by many tools, and what is not read may be anything. */
const CLUSTER: Readonly<Record<string, Kind>> = {
  server: TEXT,
  'certificate-authority': TEXT,
  'certificate-authority-data': TEXT,
  'tls-server-name': TEXT,
  'proxy-url': TEXT,
  extensions: OBJECTS,
}

const USER: Readonly<Record<string, Kind>> = {
  'client-certificate': TEXT,
  'client-certificate-data': TEXT,
  'client-key': TEXT,
  'client-key-data': TEXT,
  token: TEXT,
  tokenFile: TEXT,
  username: TEXT,
  password: TEXT,
  exec: OBJECT,
  'auth-provider': OBJECT,
  as: TEXT,
  'as-uid': TEXT,
  'as-groups': TEXTS,
}

const EXEC: Readonly<Record<string, Kind>> = {
  command: COMMAND,
  args: TEXTS,
  env: OBJECTS,
  installHint: TEXT,
  interactiveMode: TEXT,
}

/** What is wrong with an entry of `clusters`, as a clause; undefined where nothing is. */
export function describeBadCluster(cluster: object): string | undefined {
  return describeBadField(cluster, CLUSTER, 'cluster')
}

/** What is wrong with an entry of `users`, as a clause; undefined where nothing is. */
export function describeBadUser(user: { readonly exec?: object }): string | undefined {
  const bad = describeBadField(user, USER, 'user')
  if (bad !== undefined || !user.exec) return bad
  return describeBadField({ command: '', ...user.exec }, EXEC, 'credential plugin')
}

/** A field without a value counts as none. */
function describeBadField(entry: object, kinds: Readonly<Record<string, Kind>>, owner: string): string | undefined {
  for (const [field, value] of Object.entries(entry)) {
    const kind = kinds[field]
    if (kind && value !== null && !kind.is(value)) return `"${field}" of its ${owner} is not ${kind.noun}`
  }
  return undefined
}
