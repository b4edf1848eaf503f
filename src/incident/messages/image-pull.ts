import { type Message, speaker } from './message.ts'

const says = speaker('containerd')
const kubelet = speaker('kubelet')

/** What is said when an image does not come: by registries, by the runtimes that ask them, and by the kubelet. */
export const imagePull = {
  'registry-rate-limit': says(
    'The registry refuses more pulls for now.',
    [/toomanyrequests: (?<cause>[^\n]{0,200})/i, 'distribution spec, error codes'],
    [/(?:pulling|pull|fetch|resolve)[^\n]{0,600}?429 Too Many Requests/, 'core/remotes/docker'],
  ),
  'image-pull-denied': says(
    'The registry refused the credentials of the node or of the pull secret, or there were none.',
    [/no basic auth credentials/, 'core/remotes/docker/authorizer.go'],
    [/not authorized to perform: (?<action>ecr:\w{1,60})/, 'ECR API'],
    [/pull access denied(?: for (?<image>[^\s,]{1,300}))?/, 'Docker Hub'],
    [/failed to authorize: failed to fetch (?:anonymous|oauth) token/, 'core/remotes/docker/authorizer.go'],
    [
      /failed to fetch (?:anonymous|oauth) token: unexpected status[^\n]{0,400}?(?<status>40[13]) \w/,
      'core/remotes/docker/auth/fetch.go',
    ],
    [
      /(?:pull|resolve|fetch|HEAD|head|manifests?\/)[^\n]{0,800}?(?:unexpected status(?: code)?[^\n]{0,400}?:? |: )(?<status>401 Unauthorized|403 Forbidden)/,
      'core/remotes/docker/resolver.go',
    ],
    [
      /unauthorized: (?<cause>(?:authentication required|access to the requested resource is not authorized|incorrect username or password|authorization failed|project \S{1,100} not found|to access repository)[^\n]{0,200})/i,
      'distribution spec, error codes',
    ],
    [
      /reading manifest \S{1,200} in (?<image>\S{1,300}): requested access to the resource is denied/,
      'containers/image docker/docker_client.go',
    ],
    [/insufficient_scope: authorization failed/, 'core/remotes/docker/authorizer.go'],
    [
      /denied: (?<cause>(?:requested access to the resource is denied|Permission "?artifactregistry|Your authorization token has expired|Unauthenticated request|permission_denied|access forbidden)[^\n]{0,200})/i,
      'distribution spec, error codes',
    ],
    [
      /Unable to fetch (?:credentials|image pull credentials) (?:for|from)|Error response from daemon: Get [^\n]{0,400}?unauthorized/,
      'pkg/credentialprovider',
    ],
  ),
  'image-platform-missing': says('The image exists and has nothing for this kind of processor.', [
    /no match for platform in manifest|no matching manifest for (?<platform>\S{1,60}) in the manifest list|image operating system "\w{1,20}" cannot be used|choosing image instance: no image found in (?:image index|manifest list) for architecture/,
    'core/images/image.go',
  ]),
  'image-not-found': says(
    'The registry answered that it has no such image or tag.',
    [/manifest unknown(?!\w)/, 'distribution spec, error codes'],
    [/manifest for (?<image>[^\s]{1,400}) not found/, 'Docker Hub and docker daemon'],
    [/name unknown: (?<cause>[^\n]{0,200})/, 'distribution spec, error codes'],
    [
      /repository name not known to registry|repository with name '(?<repository>[^']{1,300})' in registry [^\n]{0,120}?does not exist/i,
      'ECR',
    ],
    [
      /failed to resolve (?:reference|image) "(?<image>[^"]{1,400})": "?[^\n]{0,420}?: not found/,
      'core/remotes/docker/resolver.go',
    ],
    [
      /rpc error: code = NotFound desc = failed to pull and unpack image "(?<image>[^"]{1,400})"/,
      'core/remotes/docker/resolver.go',
    ],
    [
      /reading manifest \S{1,200} in (?<image>\S{1,300}): (?:manifest unknown|name unknown|[^\n]{0,100}404)/,
      'containers/image docker/docker_client.go',
    ],
    [/manifest_unknown|NAME_UNKNOWN/i, 'distribution spec, error codes'],
  ),
  'image-missing-or-private': says('Docker Hub does not tell whether the repository is missing or private.', [
    /repository does not exist or may require (?:authorization|'docker login')/,
    'Docker Hub',
  ]),
  'invalid-image-name': kubelet(
    'The name of the image cannot be read as one.',
    [/couldn't parse image (?:reference|name) "(?<image>[^"]{0,400})"/, 'pkg/kubelet/images/image_manager.go'],
    [/Failed to apply default image tag "(?<image>[^"]{0,400})"/, 'pkg/kubelet/images/image_manager.go'],
    [
      /short-name "(?<image>[^"]{1,400})" did not resolve to an alias and no unqualified-search registries are defined/,
      'containers/image pkg/shortnames',
    ],
    [/invalid reference format(?:: repository name must be lowercase)?/, 'distribution reference'],
  ),
  'image-never-pulled': kubelet('The image is not on the node and the pod forbids to pull it.', [
    /Container image "(?<image>[^"]{1,400})" is not present with pull policy of Never/,
    'pkg/kubelet/images/image_manager.go',
  ]),
  'image-pull-disk-full': says('The image did not fit on the disk of the node.', [
    /(?:pull|unpack|extract|ingest|snapshotter)[^\n]{0,600}?no space left on device/i,
    'core/content',
  ]),
  'registry-certificate-invalid': says(
    'The certificate of the registry is not trusted by the node, or not valid now.',
    [
      /(?:pull|resolve|fetch|ping|Head|Get)[^\n]{0,700}?(?:tls: failed to verify certificate: )?x509: (?<cause>[^\n"]{1,200})/,
      'core/remotes/docker',
    ],
  ),
  'registry-speaks-plain-http': says('The registry does not speak TLS, and the node insists on it.', [
    /(?:\/v[12]\/|[Pp]ull|registry)[^\n]{0,500}?http: server gave HTTP response to HTTPS client/,
    'core/remotes/docker',
  ]),
  'registry-name-unresolved': says('The node could not resolve the name of the registry.', [
    /(?:pull|resolve|fetch|ping|Head|Get)[^\n]{0,700}?dial tcp: lookup (?<host>[\w.-]{1,253})[^\n]{0,80}?: (?<cause>(?<unknown>no such host)|i\/o timeout|server misbehaving|Temporary failure in name resolution)/,
    'core/remotes/docker',
  ]),
  'registry-unreachable': says(
    'The node got no connection to the registry: a route, an endpoint, a proxy or the registry is missing.',
    [
      /(?:[Pp]ull(?:ing)?|resolve|fetch|ping)[^\n]{0,700}?(?<cause>i\/o timeout|connection refused|no route to host|network is unreachable|Client\.Timeout exceeded while awaiting headers|TLS handshake timeout|connection reset by peer|context deadline exceeded|unexpected EOF|proxyconnect tcp)/,
      'core/remotes/docker',
    ],
    [
      /image pull failed for (?<image>\S{1,400}) because the registry is unavailable(?<cause>[^\n]{0,300})/,
      'pkg/kubelet/images/image_manager.go',
    ],
  ),
  'registry-server-error': says('The registry answered that it is broken.', [
    /(?:pull|resolve|fetch|manifests?\/|blobs?\/)[^\n]{0,700}?(?<status>50[0234] (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out))/i,
    'core/remotes/docker',
  ]),
  'image-corrupt': says('What arrived of the image is not what was asked for.', [
    /failed to extract layer|unexpected commit digest|filesystem layer verification failed|failed commit on ref|failed size validation|archive\/tar: invalid tar header|unsupported media type application\/vnd/,
    'core/content',
  ]),
  'pull-rate-of-kubelet': kubelet(
    'The kubelet itself limits how many images it pulls at once; the registry said nothing.',
    [/pull QPS exceeded/, 'pkg/kubelet/images/image_manager.go'],
  ),
  'image-signature-refused': says('The image is not signed as the policy of the node demands.', [
    /Source image rejected: (?<cause>[^\n]{1,200})|SignatureValidationFailed|because the signature validation failed/,
    'containers/image signature/policy_eval.go, kubelet pkg/kubelet/images/image_manager.go',
  ]),
  'image-pull-failed': kubelet(
    'An image was not pulled; the error says why.',
    [/Failed to pull image "(?<image>[^"]{1,400})"/, 'pkg/kubelet/images/image_manager.go'],
    [/failed to pull and unpack image "(?<image>[^"]{1,400})"/, 'containerd client/pull.go'],
  ),
  'image-pull-back-off': kubelet('Pulling the image failed before; the kubelet waits before the next attempt.', [
    /Back-off pulling image "(?<image>[^"]{1,400})"/,
    'pkg/kubelet/images/image_manager.go',
  ]),
  'image-pull-started': kubelet('The kubelet asks for an image.', [
    /Pulling image "(?<image>[^"]{1,400})"/,
    'pkg/kubelet/images/image_manager.go',
  ]),
  'image-pulled': kubelet('An image came; how long it took stands beside.', [
    /Successfully pulled image "(?<image>[^"]{1,400})"(?: in (?<duration>[\d.hmsµn]{2,24}))?(?: \((?<waited>[\d.hmsµn]{2,24}) including waiting\))?/,
    'pkg/kubelet/images/image_manager.go',
  ]),
  'image-present': kubelet('The image was on the node already.', [
    /Container image "(?<image>[^"]{1,400})" already present on machine/,
    'pkg/kubelet/images/image_manager.go',
  ]),
} satisfies Record<string, Message>
