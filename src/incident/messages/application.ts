import { type Message, speaker } from './message.ts'

const libc = speaker('libc')
const any = speaker('applications')
const envoy = speaker('envoy')

/** What programs print whatever they are written in: the errors of the system and of names that they got. */
export const application = {
  'ephemeral-port-exhaustion': libc('No local port is left for another connection to the same target.', [
    /cannot assign requested address|EADDRNOTAVAIL/i,
    'errno EADDRNOTAVAIL',
  ]),
  'address-in-use': libc('Another program listens on the port already.', [
    /address already in use|EADDRINUSE/i,
    'errno EADDRINUSE',
  ]),
  'disk-full': libc('The disk, or its table of files, is full.', [
    /no space left on device|ENOSPC|disk quota exceeded/i,
    'errno ENOSPC',
  ]),
  'shared-memory-full': libc(
    'Memory that processes share, or its limit, is used up, which is told with the words of a full disk.',
    [
      /could not (?:resize|create|open|map) shared memory segment [^\n]{1,300}?: No space left on device/i,
      'PostgreSQL src/backend/storage/ipc/dsm_impl.c',
    ],
    [
      /shared memory[^\n]{0,300}?(?:no space left on device|ENOSPC)|(?:no space left on device|ENOSPC)[^\n]{0,300}?shared memory/i,
      'errno ENOSPC of shm_open(3), posix_fallocate(3) and shmget(2)',
    ],
  ),
  'input-output-error': libc('A disk, or what stands for one, did not do what a program asked.', [
    /[Ii]nput\/output error|EIO: i\/o error/,
    'errno EIO',
  ]),
  'fs-permission-or-readonly': libc('The program may not write where it writes.', [
    /read-only file system|EROFS/i,
    'errno EROFS',
  ]),
  'permission-denied': libc('The program may not open what it opens.', [
    /(?:open|mkdir|chown|chmod|create|write|unlink|rename|listen|bind|can't open|cannot (?:open|create|touch)|\[Errno 13\]|EACCES)[^\n]{0,300}?permission denied|java\.nio\.file\.AccessDeniedException/i,
    'errno EACCES',
  ]),
  'name-lookup-timeout': speaker('resolvers')(
    'A name server did not answer in time.',
    [
      /lookup (?<name>[\w.-]{1,253})(?: on (?<server>[\w.:[\]]{1,60}))?: (?:[^\n]{0,120}?)(?<cause>i\/o timeout|server misbehaving)/,
      'Go net/dnsclient_unix.go',
    ],
    [/getaddrinfo EAI_AGAIN(?: (?<name>[\w.-]{1,253}))?/, 'Node.js dns'],
    [/[Tt]emporary failure in name resolution|Temporary failure resolving/, 'glibc getaddrinfo'],
    [/connection timed out; no servers could be reached/, 'BIND dig and nslookup'],
  ),
  'name-not-found': speaker('resolvers')(
    'A name does not exist, as far as the name server knows.',
    [/lookup (?<name>[\w.-]{1,253})(?: on (?<server>[\w.:[\]]{1,60}))?: no such host/, 'Go net/dnsclient_unix.go'],
    [/getaddrinfo ENOTFOUND (?<name>[\w.-]{1,253})/, 'Node.js dns'],
    [/UnknownHostException: (?<name>[\w.-]{1,253})/, 'Java java.net'],
    [
      /Name or service not known|could not translate host name "(?<name>[^"]{1,253})"|nodename nor servname provided/,
      'glibc getaddrinfo',
    ],
    [/server can't find (?<name>[\w.-]{1,253}): (?:NXDOMAIN|SERVFAIL)/, 'BIND nslookup'],
  ),
  'connection-refused': libc('Nothing listens where the program wants to connect to.', [
    /(?:dial tcp (?<address>[\w.:[\]-]{1,280}): )?connect(?:ion)?(?: to \S{1,280} failed)?:? ?(?:connection )?refused|ECONNREFUSED(?: (?<target>[\w.:-]{1,280}))?/i,
    'errno ECONNREFUSED',
  ]),
  'connection-reset': libc('The other end, or something between, cut a connection.', [
    /connection reset by peer|ECONNRESET|broken pipe|EPIPE\b|socket hang up/i,
    'errno ECONNRESET',
  ]),
  'grpc-pings-refused': speaker('gRPC')(
    'A server ended the connection because its client pings it more often than it takes.',
    [
      /ENHANCE_YOUR_CALM[\s\S]{0,80}?too_many_pings|(?:GOAWAY|GoAway)[^\n]{0,400}?\btoo_many_pings/,
      'grpc-go internal/transport/http2_client.go, grpc-java NettyClientHandler, C-core chttp2_transport.cc',
    ],
    [/desc = too many pings|UNAVAILABLE: Too many pings|grpc_message:"Too many pings"/i, 'C-core chttp2_transport.cc'],
    [/rejected by server because of excess pings/, 'grpc-js subchannel.ts'],
  ),
  'connection-timeout': libc('The other end did not answer: packets are lost, or a firewall drops them.', [
    /dial tcp (?<address>[\w.:[\]-]{1,280}): (?:connect: connection timed out|i\/o timeout)|connect(?:ion)? timed out|ETIMEDOUT|connect(?:ion)? timeout/i,
    'errno ETIMEDOUT',
  ]),
  'no-route': libc('There is no way to the other end.', [
    /no route to host|network is unreachable|EHOSTUNREACH|ENETUNREACH/i,
    'errno EHOSTUNREACH',
  ]),
  'dependency-connection-failed': any('A program could not reach its database or queue.', [
    /could not connect to server|connection to server at "(?<host>[^"]{1,253})"[^\n]{0,60} failed|invalid connection parameters|unavailable after retrying (?<times>\w{1,10}) times|Communications link failure|Can't connect to (?:MySQL|local MySQL) server|MongoNetworkError|MongoServerSelectionError|Error connecting to Redis|Could not connect to Redis|KafkaJSConnectionError|NoBrokersAvailable|Broker transport failure/i,
    'drivers of databases and queues',
  ]),
  'dependency-login-failed': any('A database refused the password of a program.', [
    /password authentication failed for user "?(?<user>[\w.@-]{1,100})|Access denied for user '(?<account>[^']{0,100})'@|WRONGPASS invalid username-password pair|NOAUTH Authentication required|ORA-01017|Login failed for user '(?<login>[^']{1,100})'|SCRAM authentication failed|SASL authentication failed/i,
    'drivers of databases and queues',
  ]),
  'connection-pool-exhausted': any('Every connection that a program, or a database, may have is in use.', [
    /too many connections|remaining connection slots are reserved|sorry, too many clients already|Timeout acquiring a connection|Connection is not available, request timed out after|QueuePool limit of size|connection pool (?:exhausted|timeout)|Cannot get a connection, pool error/i,
    'drivers of databases',
  ]),
  'heap-exhausted': any(
    'A program ran out of the memory that it gives itself; its container may have more.',
    [
      /java\.lang\.OutOfMemoryError: (?!unable to create)(?<cause>[\w ]{1,60}\w)|JavaScript heap out of memory|runtime: (?:out of memory|cannot allocate memory)|fatal error: out of memory|Allowed memory size of (?<limit>\d+) bytes exhausted/,
      'runtimes of languages',
    ],
    [
      /\b(?:No)?MemoryError\b|std::bad_alloc|memory allocation of \d+ bytes failed|System\.OutOfMemoryException|eheap_alloc: Cannot allocate/,
      'runtimes of languages',
    ],
    [
      /Could not reserve enough space for [\w ]{0,30}object heap|insufficient memory for the Java Runtime Environment to continue|Terminating due to java\.lang\.OutOfMemoryError/,
      'hotspot/share/memory/universe.cpp, runtime/os.cpp, utilities/debug.cpp',
    ],
  ),
  'code-missing': any('The image lacks code that its program needs, or has it for another version of the runtime.', [
    /ModuleNotFoundError: No module named|ImportError: |Cannot find (?:module|package) '|ERR_MODULE_NOT_FOUND|ClassNotFoundException|NoClassDefFoundError|Could not find or load main class|no main manifest attribute|Unable to access jarfile|UnsupportedClassVersionError|cannot load such file -- |Could not find \S{1,100} in (?:any of the sources|locally installed gems)|Could not load file or assembly|Failed opening required '|error while loading shared libraries|version `GLIBC(?:XX)?_[\d.]{1,12}' not found|Error relocating \S{1,200}: \S{1,200}: symbol not found|Class "[^"]{1,200}" not found|You must install or update \.NET/,
    'runtimes of languages and their loaders',
  ]),
  'child-killed': speaker('shells')('A child of a shell was killed, and the shell was not.', [
    /^(?:\S{1,200}: line \d{1,6}: {1,8})?(?:\d{1,8} )?Killed(?: {2,40}\S[^\n]{0,400})?$/m,
    'bash jobs.c, dash jobs.c, busybox ash',
  ]),
  'license-invalid': any('A program does not accept its licence.', [
    /licen[cs]e (?:key |file )?(?:has |is )?(?:expired|invalid|not valid|not found|missing)|(?:invalid|expired|missing|no valid) licen[cs]e\b/i,
    'products that are licensed',
  ]),
  panic: any('A program met what it had not foreseen and ended.', [
    /^panic: (?<cause>[^\n]{1,300})|thread '[^']{1,100}' panicked at (?<place>[^\n]{1,300})|Traceback \(most recent call last\)|Uncaught (?<error>\w{1,60}Error)|Unhandled [Pp]romise [Rr]ejection|Exception in thread "(?<thread>[^"]{1,100})"|FATAL EXCEPTION/m,
    'runtimes of languages',
  ]),
  deadlock: any('A program waits for itself.', [
    /all goroutines are asleep - deadlock!|Found (?:one|\d+) Java-level deadlocks?|deadlock detected/i,
    'runtimes of languages',
  ]),
  'feature-flag-on': any('A program says that a feature flag changes what it does.', [
    /[Ff]eature ?[Ff]lag\b[^\n]{0,80}\b(?:[Ee]nabled|activated|is on|is active)\b/,
    'programs in their own words',
  ]),
  'proxy-overflow': envoy('The proxy refused requests because too many wait at the target.', [
    /upstream_(?:cx|rq_pending)_overflow|upstream connect error or disconnect\/reset before headers\. reset reason: overflow/,
    'source/common/upstream',
  ]),
  'proxy-upstream-failed': envoy('The proxy got no answer from the target.', [
    /upstream connect error or disconnect\/reset before headers(?:\. (?:retried and the latest )?reset reason: (?<cause>[\w ]{1,60}\w))?|no healthy upstream|upstream request timeout|no_healthy_upstream/,
    'source/common/router',
  ]),
  'mesh-access-denied': envoy('The proxy denied a request by a policy of the mesh.', [
    /rbac_access_denied_matched_policy\[ns\[(?<namespace>[^\]]{1,63})\]-policy\[(?<policy>[^\]]{1,253})\]/,
    'source/extensions/filters/http/rbac, with the names that Istio gives',
  ]),
  'ingress-upstream-failed': speaker('nginx')('The ingress got no answer from the target.', [
    /upstream (?:timed out|prematurely closed connection|sent too big header)|no live upstreams while connecting to upstream|connect\(\) failed \(\d+: (?<cause>[^)]{1,60})\) while connecting to upstream/,
    'src/http/ngx_http_upstream.c',
  ]),
} satisfies Record<string, Message>
