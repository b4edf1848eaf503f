import { type Message, speaker } from './message.ts'

const says = speaker('kube-apiserver')
const etcd = speaker('etcd')
const client = speaker('client-go')

/** What the API server and its store answer when they are overloaded, slow or incomplete. */
export const apiserver = {
  'client-side-throttling': client('The client held its own requests back; the server refused nothing.', [
    /Waited (?:for|before sending request)[^\n]{0,80}? due to client-side throttling|(?:Waited for \S{1,20} due to|reason="?)client-side throttling|client rate limiter Wait returned an error: (?<cause>[^\n]{1,120})|Throttling request took (?<time>[\d.]{1,12}m?s)/,
    'rest/request.go',
  ]),
  'apf-throttling-429': says(
    'The API server refuses requests because it has too many.',
    [
      /the server has received too many requests and has asked us to try again later/,
      'staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go',
    ],
    [/Too many requests, please try again later/, 'staging/src/k8s.io/apiserver/pkg/server/filters/maxinflight.go'],
  ),
  'api-client-throttled': client('A client of the API server is refused because the server has too many requests.', [
    /the server has received too many requests and has asked us to try again later/,
    'k8s.io/apimachinery pkg/api/errors/errors.go',
  ]),
  'server-timeout': says(
    'The API server did not finish a request in its time.',
    [
      /the server was unable to return a response in the time allotted, but may still be processing the request/,
      'staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go',
    ],
    [
      /Timeout: request did not complete within (?:the allotted timeout|requested timeout)/,
      'staging/src/k8s.io/apiserver/pkg/endpoints/handlers',
    ],
    [
      /http: Handler timeout|the server is currently unable to handle the request/,
      'staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go',
    ],
  ),
  'etcd-space-exceeded': etcd('The store of the cluster is full, and only lets read.', [
    /etcdserver: mvcc: database space exceeded/,
    'server/etcdserver/errors.go',
  ]),
  'etcd-timeout': etcd('The store of the cluster did not answer in time.', [
    /etcdserver: request timed out(?:, possibly due to [\w ]{1,80})?/,
    'server/etcdserver/errors.go',
  ]),
  'etcd-leader-lost': etcd('The store of the cluster has no leader, or got another.', [
    /etcdserver: (?:leader changed|no leader)/,
    'server/etcdserver/errors.go',
  ]),
  'etcd-request-too-large': etcd('An object is larger than the store takes.', [
    /etcdserver: request is too large|[Rr]equest entity too large: limit is (?<limit>\d+)|Too long: must have at most (?<bytes>\d+) bytes/,
    'server/etcdserver/errors.go',
  ]),
  'etcd-overloaded': etcd('The store of the cluster has more to do than it can.', [
    /etcdserver: too many requests/,
    'server/etcdserver/errors.go',
  ]),
  'etcd-slow': etcd('A request to the store took longer than it should.', [
    /apply request took too long|took too long to execute|slow fdatasync|waiting for ReadIndex response took too long/,
    'server/etcdserver/util.go',
  ]),
  'discovery-incomplete': says(
    'Some groups of kinds cannot be listed: whoever serves them does not answer.',
    [
      /unable to retrieve the complete list of server APIs: (?<groups>[^\n:]{1,300})/,
      'staging/src/k8s.io/client-go/discovery/discovery_client.go',
    ],
    [
      /couldn't get resource list for (?<groups>[\w./]{1,200})/,
      'staging/src/k8s.io/client-go/discovery/discovery_client.go',
    ],
  ),
  'aggregated-api-down': speaker('kube-aggregator', [
    'MissingEndpoints',
    'FailedDiscoveryCheck',
    'ServiceNotFound',
    'ServicePortError',
    'ServiceAccessError',
    'EndpointsNotFound',
  ])(
    'The service behind a group of kinds does not answer.',
    [
      /endpoints for service\/(?<service>[\w-]{1,63}) in "(?<namespace>[^"]{1,63})" have no addresses(?: with port name "(?<port>[^"]{0,63})")?/,
      'pkg/controllers/status/remote/remote_available_controller.go',
    ],
    [
      /failing or missing response from (?<url>https:\/\/\S{1,253}): (?<cause>[^\n]{1,300})/,
      'pkg/controllers/status/remote/remote_available_controller.go',
    ],
    [
      /service\/(?<service>[\w-]{1,63}) in "(?<namespace>[^"]{1,63})" is not present/,
      'pkg/controllers/status/remote/remote_available_controller.go',
    ],
  ),
  'metrics-api-missing': speaker('kubectl')('Nobody serves the metrics of nodes and pods.', [
    /Metrics API not available|Metrics not available for pod/,
    'pkg/cmd/top',
  ]),
  'kind-not-served': says('The API server does not serve what was asked for.', [
    /the server could not find the requested resource|the server doesn't have a resource type "(?<type>[^"]{1,120})"/,
    'staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go',
  ]),
  'watch-expired': says('A watch began too long ago; the client has to list again.', [
    /too old resource version: (?<from>\d+)(?: \((?<current>\d+)\))?|The resourceVersion for the provided watch is too old/,
    'staging/src/k8s.io/apiserver/pkg/storage/cacher',
  ]),
  'update-conflict': says('Two clients changed an object at once; the later one has to read it again.', [
    /[Oo]peration cannot be fulfilled on (?<kind>[\w.]{1,120}) "(?<name>[^"]{1,253})": (?:the object has been modified|StorageError: invalid object)/,
    'staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go',
  ]),
  'leader-lost': client(
    'A controller lost its lease, as the API server was slow or its own processor was, and restarts.',
    [
      /leader ?election lost|failed to renew lease (?<lease>[\w./-]{1,320}): (?<cause>[^\n]{1,200})|stopped leading/,
      'tools/leaderelection/leaderelection.go',
    ],
  ),
  'lease-acquired': client('A controller became the leader.', [
    /(?<holder>[\w.:-]{1,320}) became leader/,
    'tools/leaderelection/resourcelock',
  ]),
  'apiserver-unreachable': client(
    'The API server cannot be reached.',
    [
      /(?:Get|Post|Put|Patch|Delete|List) "?https:\/\/[\w.:[\]-]{1,260}\/apis?\/[^\n]{0,600}?(?<cause>connection refused|i\/o timeout|no route to host|TLS handshake timeout|no such host|connection reset by peer|\bEOF\b|http2: client connection lost|context deadline exceeded)/,
      'rest/request.go',
    ],
    [/The connection to the server (?<server>[\w.:[\]-]{1,260}) was refused/, 'kubectl pkg/cmd/util/helpers.go'],
    [/Unable to connect to the server: (?<cause>[^\n]{1,300})/, 'kubectl pkg/cmd/util/helpers.go'],
  ),
  'health-check-failed': says('A part of the API server says that it is not well.', [
    /\[-\](?<check>[\w./-]{1,120}) failed: (?<cause>[^\n]{1,120})/,
    'staging/src/k8s.io/apiserver/pkg/server/healthz/healthz.go',
  ]),
} satisfies Record<string, Message>
