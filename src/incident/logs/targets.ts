/** Whom a failing call wanted to reach, and which name server was asked for it. */
export interface Called {
  readonly targets: readonly string[]
  readonly resolvers: readonly string[]
}

/** Names and addresses in the text of a call that failed: lower case, with the port if it stands there. */
export function findTargets(text: string): Called {
  const targets = new Set<string>()
  const resolvers = new Set<string>()
  const asked = LOOKUP.exec(text)
  if (asked?.[1]) targets.add(address(asked[1]))
  if (asked?.[2]) resolvers.add(address(asked[2]))
  const small = text.toLowerCase()
  for (const [hint, pattern] of CALLS) {
    if (!small.includes(hint)) continue
    for (const [, host = '', port] of text.matchAll(pattern)) {
      const called = address(host, port)
      if (called !== '' && !resolvers.has(called)) targets.add(called)
    }
  }
  return { targets: [...targets].filter(isHost), resolvers: [...resolvers].filter(isHost) }
}

/** Go net: the looked-up name is what the call wanted, the server only where it asked. */
const LOOKUP = /\blookup ([\w.-]{1,253})(?: on (\[?[\w.:]{1,60}\]?:\d{1,5}))?: /

/** Each gives a host, with its port, or the port as a second group; its hint stands, in any case, wherever it matches. */
const CALLS: readonly (readonly [hint: string, pattern: RegExp])[] = [
  // Go net: `dial tcp 10.0.0.1:5432: connect: …`, `read tcp a->b: …`; CoreDNS: `read udp a->b: i/o timeout`.
  ['dial ', /\bdial (?:tcp|udp)[46]? ((?:\[[\da-f:%.\w]{2,60}\]|[\w.-]{1,253}):\d{1,5})/gi],
  ['->', /\b(?:read|write) (?:tcp|udp)[46]? \S{1,80}->((?:\[[\da-f:%.\w]{2,60}\]|[\w.-]{1,253}):\d{1,5})/gi],
  // gRPC's own resolvers: `target dns:ad:8080`, `DNS resolution failed for ad:8080: C-ares …`.
  ['for target dns:', /\bfor target dns:(?:\/{2,3})?([\w.-]{1,253}(?::\d{1,5})?)/g],
  ['resolution failed for ', /\bresolution failed for ([\w.-]{1,253}:\d{1,5})/gi],
  // grpc-java's resolver, and Android's: `Unable to resolve host ad`.
  ['unable to resolve host ', /\bunable to resolve host "?([\w.-]{1,253})/gi],
  // Thrift's TSocket: `<Host: user-service Port: 9090>`.
  ['<host: ', /<Host: ([\w.-]{1,253}) Port: (\d{1,5})>/g],
  // The MongoDB driver of Go: `Servers: [{ Addr: mongodb-geo:27017, Type: Unknown, …`.
  ['{ addr: ', /\{ Addr: ([\w.-]{1,253}:\d{1,5})/g],
  // libmongoc, StackExchange.Redis.
  [' calling hello on ', /calling hello on '([\w.-]{1,253}:\d{1,5})'/g],
  ['serverendpoint: ', /serverEndpoint: (?:Unspecified\/)?([\w.-]{1,253}:\d{1,5})/gi],
  ['unabletoconnect on ', /UnableToConnect on ([\w.-]{1,253}:\d{1,5})/g],
  // Any URL, also jdbc:postgresql://, redis://, amqp://; user names and passwords are left aside, and so are who sent a request and what to read.
  [
    '://',
    /(?<!referr?er: ["']?|\bsee )\b[a-z][\w+.-]{1,30}:\/\/(?!nodejs\.org\/)(?:[^@\s/"']{0,300}@)?((?:\[[\da-f:.]{2,60}\]|[\w.-]{1,253})(?::\d{1,5})?)/gi,
  ],
  // Node: `connect ECONNREFUSED 10.0.0.1:6379`, `getaddrinfo ENOTFOUND host`.
  [
    ':',
    /\b(?:ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL) ((?:[\w.-]{1,253}|[\da-f:]{2,60}):\d{1,5})/g,
  ],
  ['getaddrinfo ', /\bgetaddrinfo (?:ENOTFOUND|EAI_AGAIN|EAI_FAIL|EAI_NONAME) ([\w.-]{1,253})/g],
  // libpq, old and new.
  [
    'on host "',
    /\bon host "([^"]{1,253})"(?: \([^)]{1,60}\))? and accepting\s{1,8}TCP\/IP connections on port (\d{1,5})/g,
  ],
  ['server at "', /\bserver at "([^"]{1,253})"(?: \([^)]{1,60}\))?, port (\d{1,5}) failed/g],
  ['could not translate', /could not translate host name "([^"]{1,253})"/g],
  // Java, Kafka, Netty, pgjdbc, Lettuce, the MongoDB driver.
  ['unknownhostexception', /UnknownHostException: ([\w.-]{1,253})/g],
  ['connection to node', /Connection to node -?\d{1,10} \(([\w.-]{1,253})\/[\w.:]{1,60}:(\d{1,5})\)/g],
  [
    '/',
    /(?:refused|timed out|no route to host|unreachable): (?:no further information: )?([\w.-]{1,253})\/(?:[\d.]{7,15}|<unresolved>):(\d{1,5})/gi,
  ],
  [' refused', /Connection to ([\w.-]{1,253}:\d{1,5}) refused/g],
  ['connect to', /(?:unable to connect to|connect to) \[?([\w.-]{1,253})\/(?:[\d.]{7,15}|<unresolved>):(\d{1,5})/gi],
  ['bootstrap broker', /Bootstrap broker ([\w.-]{1,253}:\d{1,5})/g],
  ['address=', /address=([\w.-]{1,253}:\d{1,5})/g],
  // Python: urllib3, redis, asyncio, pymongo, gRPC.
  ['connectionpool(', /ConnectionPool\(host='([^']{1,253})', port=(\d{1,5})/g],
  ['connecting to ', /\bconnecting to ([\w.-]{1,253}:\d{1,5})/g],
  ['connect call failed', /Connect call failed \('([^']{1,253})', (\d{1,5})/g],
  ['serverselectiontimeouterror', /ServerSelectionTimeoutError: ([\w.-]{1,253}:\d{1,5})/g],
  ['ipv', /\bipv[46](?::|#)(\[?[\da-f.:]{2,60}\]?:\d{1,5})/gi],
  // pgx: `failed to connect to `host=db user=app database=shop``.
  ['host=', /failed to connect to [`'"]host=([\w.-]{1,253})/g],
  // Envoy's access log: the upstream's address.
  ['outbound|', /"([\d.]{7,15}:\d{1,5})" outbound\|/g],
  // Envoy's access log where no upstream was chosen: the host that was asked for.
  ['" "-" ', /"([\w.-]{1,253}(?::\d{1,5})?)" "-" (?:outbound\||- - )/g],
  // librdkafka: `host:9092/bootstrap: Connect to ipv4#… failed`.
  ['/', /(?<![\w.-])([\w.-]{1,253}:\d{1,5})\/(?:bootstrap|\d{1,10}): /g],
  // wait-for-it and its like.
  ['waiting ', /waiting (?:\d{1,6} seconds )?(?:for|on) ([\w.-]{1,253}:\d{1,5})/gi],
  // MySQL: `Can't connect to MySQL server on 'db:3306' (111)`.
  ['mysql server on', /MySQL server on '([^']{1,253})'/gi],
  // A program's own words of what it asked by name: `publish to mq:5672 timed out`; an address may be of its client, `main.go:42` is a place.
  [
    ' to ',
    /\b(?:publish|send|sent|writ|request|call|connection|message|deliver|produc)\w{0,6} (?:[\w'"`-]{1,40} ){0,3}to ["'`]?(?![\w.-]{1,60}\.(?:go|[cm]?[jt]sx?|py|rb|rs|java|kt|scala|cs|php|cc|cpp|c|h):)([a-z][\w-]{0,62}(?:\.[\w-]{1,63}){0,8}:\d{2,5})\b/gi,
  ],
  [
    ' from ',
    /\b(?:read|fetch|receiv|consum|respon[sd]|repl|answer)\w{0,6} (?:[\w'"`-]{1,40} ){0,3}from ["'`]?(?![\w.-]{1,60}\.(?:go|[cm]?[jt]sx?|py|rb|rs|java|kt|scala|cs|php|cc|cpp|c|h):)([a-z][\w-]{0,62}(?:\.[\w-]{1,63}){0,8}:\d{2,5})\b/gi,
  ],
  // curl, nc, busybox, Ruby, PHP, .NET, urllib3, nginx.
  ['connect to ', /\bconnect to ([\w.-]{1,253}) port (\d{1,5})/g],
  ['could not resolve host', /Could not resolve host: ([\w.-]{1,253})/gi],
  ["can't connect to remote", /can't connect to remote host \(([\d.a-f:]{2,60})\)/g],
  ["bad address '", /bad address '([^']{1,253})'/g],
  // Npgsql and others; Ruby's redis; StackExchange.Redis; Elixir's DBConnection.
  ['connect to ', /\b(?:failed|unable|could not|cannot|can't)(?: to)? connect to ([\w.-]{1,253}:\d{1,5})\b/gi],
  ['redis on ', /\bconnecting to Redis on ([\w.-]{1,253}:\d{1,5})/gi],
  ['/interactive', / on ([\w.-]{1,253}:\d{1,5})\/Interactive/g],
  ['tcp connect (', /\btcp connect \(([\w.-]{1,253}:\d{1,5})\)/g],
  ['tcp connection to', /TCP connection to ([\w.-]{1,253}:\d{1,5})/g],
  ['connect(2)', /connect\(2\) for "?([\w.-]{1,253})"? port (\d{1,5})/g],
  ['getaddrinfo for', /getaddrinfo for ([\w.-]{1,253}) failed/g],
  [' (', /(?:refused|not known|unavailable|no route to host|timed out|reset by peer) \(([\w.-]{1,253}:\d{1,5})\)/gi],
  ["failed to resolve '", /Failed to resolve '([^']{1,253})'/g],
  ['host not found in upstream', /host not found in upstream "([^"]{1,253})"/g],
  ['could not be resolved', /(?<![\w.-])([\w.-]{1,253}) could not be resolved \(/g],
]

function address(host: string, port?: string): string {
  const name = host.toLowerCase().replace(/\.(?=$|:)/, '')
  return port === undefined || name === '' ? name : `${name}:${port}`
}

/** A word of prose or of code that stands where a host may is none. */
function isHost(called: string): boolean {
  return /[a-z0-9\]]$/.test(called) && called.length <= 260 && !/^\d{1,3}$/.test(called)
}
