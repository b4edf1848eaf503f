import type { RuleId } from '../rules/index.ts'

/**
 * How a cause must be related to its effect. touches: they are about the same object, pod or workload. suffers:
 * the effect is about what suffers from the cause, not about its subject. backs: the cause is about what runs the effect's subject: the pods
 * behind a Service, a webhook or an API. provides: the cause is about what should give the effect's pods a node or a device. node: about the same node. uses: the
 * effect's pods name the cause's object. calls: the effect's workload calls the cause's, by evidence. cluster: anywhere.
 */
export type Relation = 'touches' | 'suffers' | 'backs' | 'provides' | 'node' | 'uses' | 'calls' | 'cluster'

/** certain: by mechanism. likely. possible. */
export type Likelihood = 'certain' | 'likely' | 'possible'

/** One failure mode may lead to another. */
export interface Edge {
  readonly to: RuleId
  readonly by: Relation
  readonly how: Likelihood
  /** How the one leads to the other. */
  readonly says: string
}

/** What callers of something that does not answer come to. */
const CALLERS = [
  'dependency-down',
  'readiness-depends-on-dependency',
  'readiness-probe-failing',
  'crashloop-app-error',
  'init-container-stuck',
  'liveness-kills-healthy-app',
] as const

/** What a program comes to that cannot do its work: it ends, or it runs and says that it cannot serve. */
const BROKEN = ['crashloop-app-error', 'readiness-probe-failing'] as const

/** What a workload that does not start comes to. */
const STALLED = ['rollout-stuck', 'service-has-no-ready-endpoints'] as const

/** What workloads of the cluster itself come to be called when their pods do not run. */
const SYSTEM = [
  'webhook-down-fail-closed',
  'aggregated-api-down',
  'csi-controller-or-node-down',
  'coredns-down-or-unschedulable',
  'lb-controller-broken',
  'kube-proxy-stale-or-down',
  'cni-ipamd-down',
  'pod-identity-agent-failing',
  'external-secret-not-refreshed',
  'scheduler-down',
  'controller-manager-lag',
] as const

const BACKED: ReadonlySet<string> = new Set(SYSTEM)

/** What pods that are not scheduled come to. */
const PENDING = ['rollout-stuck', 'service-has-no-ready-endpoints', 'pvc-pending-provisioning', ...SYSTEM] as const

/** What a node without room says. */
const NO_ROOM = [
  'insufficient-cpu-memory',
  'node-pod-density-limit',
  'topology-or-antiaffinity-block',
  'ebs-az-mismatch',
] as const

/** What stands behind pods that wait for a node that does not come. */
export const NO_NODE = [
  'insufficient-cpu-memory',
  'affinity-or-selector-mismatch',
  'topology-or-antiaffinity-block',
  'node-pod-density-limit',
  'ebs-az-mismatch',
  'untolerated-taint',
] as const

/** What sick nodes come to. */
const NODE_SICK = ['node-notready-kubelet-silent', 'pleg-unhealthy', 'container-runtime-down'] as const

/**
 * What each failure mode leads to (failures.md §3, and the edges of the entries of its §2). The compiler wants an entry for every rule: a mode
 * that leads to nothing but its symptoms says so with an empty list.
 */
export const edges: Readonly<Record<RuleId, readonly Edge[]>> = {
  // Workload and configuration.
  'stale-config-no-reload': [...leads('likely', 'touches', 'it goes on with the old settings', ...CALLERS, ...STALLED)],
  'config-change-broke-app': [
    ...leads('certain', 'touches', 'it cannot run with the new settings', ...BROKEN, 'bad-rollout', ...STALLED),
    ...leads(
      'likely',
      'touches',
      'it runs with the wrong settings',
      'dependency-down',
      'liveness-kills-healthy-app',
      'readiness-depends-on-dependency',
      'dns-name-not-found',
      'datastore-refusal',
    ),
  ],
  'missing-config-reference': [...leads('certain', 'touches', 'its containers cannot be made', ...STALLED, ...SYSTEM)],
  'crashloop-app-error': [
    ...leads(
      'certain',
      'touches',
      'it does not stay up',
      ...STALLED,
      ...SYSTEM,
      'pdb-deadlock',
      'crash-restart-erased-logs',
    ),
    ...leads('likely', 'calls', 'its callers get no answer', ...CALLERS),
  ],
  'bad-entrypoint-or-arch': [
    ...leads('certain', 'touches', 'its container cannot run', 'crashloop-app-error', ...STALLED, ...SYSTEM),
  ],
  'liveness-kills-healthy-app': [
    ...leads(
      'certain',
      'touches',
      'the kubelet kills it again and again',
      'crashloop-app-error',
      ...STALLED,
      ...SYSTEM,
      'probe-driven-heal-loop',
    ),
    ...leads('likely', 'calls', 'its callers get no answer', ...CALLERS),
  ],
  'readiness-depends-on-dependency': [...leads('certain', 'touches', 'no pod of it is ready', ...STALLED)],
  'readiness-probe-failing': [
    ...leads('certain', 'touches', 'no pod of it is ready', ...STALLED, ...SYSTEM),
    ...leads('likely', 'calls', 'its callers get no answer', ...CALLERS),
  ],
  'startup-slower-than-liveness': [
    ...leads(
      'certain',
      'touches',
      'it is killed before it has started',
      'liveness-kills-healthy-app',
      'crashloop-app-error',
      ...STALLED,
    ),
  ],
  'image-not-found': [...leads('certain', 'touches', 'new pods cannot start', ...STALLED, ...SYSTEM)],
  'registry-rate-limit': [...leads('certain', 'touches', 'new pods cannot start', ...STALLED, ...SYSTEM)],
  'init-container-stuck': [
    ...leads('certain', 'touches', 'its pods do not get past their init containers', ...STALLED),
  ],
  'fs-permission-or-readonly': [
    ...leads('certain', 'touches', 'it cannot write', ...BROKEN, 'init-container-stuck', ...STALLED),
  ],
  'podsecurity-or-policy-rejected': [...leads('certain', 'touches', 'its pods are refused', ...STALLED, ...SYSTEM)],
  'quota-or-limitrange-exceeded': [...leads('certain', 'touches', 'its pods are refused', ...STALLED, 'hpa-maxed')],
  'operator-reported-failure': [],
  'helm-release-locked': [
    ...leads('likely', 'touches', 'the release cannot be changed', 'operator-reported-failure', 'crashloop-app-error'),
  ],
  'grpc-pings-refused': [
    ...leads('likely', 'touches', 'its calls end with their connection', ...CALLERS, 'failing-requests'),
  ],
  'external-secret-not-refreshed': [
    ...leads('likely', 'uses', 'its credentials are missing or old', ...BROKEN, 'dependency-down'),
    ...leads('certain', 'touches', 'the Secret that it should make is not there', 'missing-config-reference'),
  ],
  'non-graceful-termination-5xx': [],
  'cronjob-pileup': [
    ...leads('likely', 'touches', 'the jobs take the room', 'insufficient-cpu-memory'),
    ...leads(
      'possible',
      'cluster',
      'the jobs take the room',
      'insufficient-cpu-memory',
      'node-cpu-saturation',
      'node-memory-pressure-eviction',
      'subnet-ip-exhaustion',
    ),
    ...leads('likely', 'touches', 'the jobs take the room', 'quota-or-limitrange-exceeded'),
  ],
  'service-selector-or-port-mismatch': [
    ...leads('certain', 'touches', 'the Service finds no pod', 'service-has-no-ready-endpoints', ...SYSTEM),
    ...leads('likely', 'calls', 'its callers get no answer', ...CALLERS),
  ],
  'service-has-no-ready-endpoints': [
    ...leads('certain', 'calls', 'its callers get no answer', ...CALLERS),
    ...leads(
      'certain',
      'touches',
      'nobody answers',
      'webhook-down-fail-closed',
      'aggregated-api-down',
      'alb-nlb-targets-unhealthy',
      'coredns-down-or-unschedulable',
    ),
  ],
  'scaled-to-zero': [
    ...leads(
      'certain',
      'suffers',
      'nobody is left to answer',
      ...CALLERS,
      ...STALLED,
      'failing-requests',
      'retry-storm-metastable',
    ),
  ],
  'injected-fault': [
    ...leads(
      'certain',
      'suffers',
      'somebody makes it fail on purpose',
      ...CALLERS,
      ...STALLED,
      'container-oomkilled',
      'memory-leak',
      'readiness-probe-failing',
      'startup-slower-than-liveness',
      'cpu-limit-throttling',
      'dns-name-not-found',
      'datastore-refusal',
      'failing-requests',
      'block-device-error',
      'fs-permission-or-readonly',
      'clock-skew',
      'retry-storm-metastable',
      'crash-restart-erased-logs',
    ),
  ],
  'mesh-fault-injection': [
    ...leads(
      'certain',
      'suffers',
      'their requests are failed or held back on the way',
      ...CALLERS,
      'failing-requests',
      'retry-storm-metastable',
      ...STALLED,
    ),
  ],
  'mesh-route-broken': [
    ...leads('certain', 'suffers', 'their requests find no pod', ...CALLERS, 'failing-requests', ...STALLED),
  ],
  'mesh-access-refused': [
    ...leads('certain', 'suffers', 'their calls are refused', ...CALLERS, 'failing-requests', ...STALLED),
  ],
  'feature-flag-change': [
    ...leads(
      'likely',
      'suffers',
      'a feature of it was switched',
      ...CALLERS,
      'failing-requests',
      'datastore-refusal',
      'container-oomkilled',
      'memory-leak',
      'cpu-limit-throttling',
      'dns-name-not-found',
      'retry-storm-metastable',
      ...STALLED,
    ),
  ],
  'failing-requests': [...leads('likely', 'suffers', 'it answers with errors', 'retry-storm-metastable')],
  'datastore-refusal': [
    ...leads(
      'likely',
      'suffers',
      'it refuses what they ask',
      ...CALLERS,
      'failing-requests',
      'retry-storm-metastable',
      ...STALLED,
    ),
  ],
  'dependency-down': [
    ...leads(
      'likely',
      'suffers',
      'what it needs does not answer',
      ...BROKEN,
      'failing-requests',
      'readiness-depends-on-dependency',
      'liveness-kills-healthy-app',
      'init-container-stuck',
      'startup-slower-than-liveness',
      'retry-storm-metastable',
      ...STALLED,
    ),
    ...leads('possible', 'suffers', 'it logs an error for every call', 'log-flood-diskpressure'),
  ],
  'sidecar-proxy-starved': [
    ...leads('likely', 'touches', 'its proxy drops calls', 'dependency-down', ...BROKEN, ...STALLED),
  ],
  'authority-change-untrusted': [
    ...leads(
      'likely',
      'suffers',
      'certificates are not trusted any more',
      ...CALLERS,
      ...STALLED,
      'stale-config-no-reload',
      'config-change-broke-app',
      'failing-requests',
      'datastore-refusal',
      'retry-storm-metastable',
    ),
  ],
  'mtls-cert-rotation': [
    ...leads('likely', 'touches', 'calls between services are refused', 'dependency-down', ...STALLED),
  ],

  // Scheduling and capacity.
  'insufficient-cpu-memory': [
    ...leads('certain', 'touches', 'its pods have no node', ...PENDING, 'critical-workload-without-priorityclass'),
  ],
  'critical-workload-without-priorityclass': [...leads('certain', 'touches', 'its pods have no node', ...PENDING)],
  'preempted-by-higher-priority': [...leads('certain', 'touches', 'its pods were taken away', ...NO_ROOM, ...STALLED)],
  'untolerated-taint': [
    ...leads('certain', 'touches', 'its pods have no node', ...PENDING),
    ...leads(
      'likely',
      'touches',
      'the room that is left is too small',
      ...NO_ROOM,
      'critical-workload-without-priorityclass',
    ),
  ],
  'affinity-or-selector-mismatch': [...leads('certain', 'touches', 'its pods have no node', ...PENDING)],
  'topology-or-antiaffinity-block': [
    ...leads('certain', 'touches', 'its pods have no node', ...PENDING, 'pdb-deadlock'),
  ],
  'node-pod-density-limit': [...leads('certain', 'touches', 'its pods have no node', ...PENDING)],
  'kubelet-admission-reject': [...leads('likely', 'touches', 'its pods are turned away', ...STALLED)],
  'host-port-conflict': [...leads('certain', 'touches', 'its pods have no node', ...PENDING)],

  // CPU, memory, processes.
  'cpu-limit-throttling': [
    ...leads(
      'likely',
      'touches',
      'it is too slow for its probes',
      'liveness-kills-healthy-app',
      'startup-slower-than-liveness',
      ...BROKEN,
      ...STALLED,
      'hpa-maxed',
      ...SYSTEM,
    ),
  ],
  'node-cpu-saturation': [
    ...leads(
      'likely',
      'node',
      'everything on the node is slow',
      ...NODE_SICK,
      'liveness-kills-healthy-app',
      'readiness-depends-on-dependency',
    ),
  ],
  'container-oomkilled': [
    ...leads(
      'certain',
      'touches',
      'the kernel kills it',
      'crashloop-app-error',
      ...STALLED,
      ...SYSTEM,
      'sidecar-proxy-starved',
    ),
    ...leads('likely', 'calls', 'its callers get no answer', ...CALLERS),
    ...leads('likely', 'touches', 'its name servers end and answer nobody', 'coredns-overloaded'),
  ],
  'memory-leak': [
    ...leads(
      'likely',
      'touches',
      'it grows until it is killed',
      'container-oomkilled',
      'node-memory-pressure-eviction',
      'node-system-oom',
    ),
    ...leads(
      'certain',
      'touches',
      'it ends when its memory is full',
      ...BROKEN,
      ...STALLED,
      ...SYSTEM,
      'crash-restart-erased-logs',
    ),
    ...leads('likely', 'calls', 'its callers get no answer', ...CALLERS),
  ],
  'node-system-oom': [
    ...leads(
      'likely',
      'node',
      'the kernel kills what it finds',
      ...NODE_SICK,
      'crashloop-app-error',
      'container-oomkilled',
    ),
  ],
  'node-memory-pressure-eviction': [
    ...leads('certain', 'touches', 'the kubelet evicts it', ...STALLED),
    ...leads(
      'likely',
      'touches',
      'what was evicted needs room elsewhere',
      ...NO_ROOM,
      'untolerated-taint',
      'critical-workload-without-priorityclass',
    ),
  ],
  'pid-exhaustion': [
    ...leads(
      'likely',
      'node',
      'nothing new can start there',
      ...NODE_SICK,
      'liveness-kills-healthy-app',
      'crashloop-app-error',
    ),
    ...leads('likely', 'touches', 'it can start nothing, not even its probe', 'readiness-probe-failing'),
  ],
  'fd-or-inotify-exhaustion': [...leads('likely', 'node', 'nothing more can be opened there', ...BROKEN)],

  // Disk.
  'log-flood-diskpressure': [
    ...leads('certain', 'node', 'the disk of the node is full', 'image-bloat-disk', 'inode-exhaustion', ...NODE_SICK),
    ...leads(
      'certain',
      'touches',
      'the kubelet evicts and takes nothing new',
      ...STALLED,
      'untolerated-taint',
      'critical-workload-without-priorityclass',
      ...NO_ROOM,
    ),
  ],
  'ephemeral-limit-exceeded': [...leads('certain', 'touches', 'the kubelet evicts it', ...STALLED)],
  'image-bloat-disk': [
    ...leads('certain', 'node', 'the disk of the node is full', ...NODE_SICK),
    ...leads('certain', 'touches', 'the kubelet evicts and takes nothing new', ...STALLED, 'untolerated-taint'),
  ],
  'inode-exhaustion': [
    ...leads('certain', 'touches', 'the kubelet evicts and takes nothing new', ...STALLED, 'untolerated-taint'),
  ],
  'root-volume-io-throttled': [
    ...leads('likely', 'node', 'the disk of the node is slow', ...NODE_SICK, 'liveness-kills-healthy-app'),
  ],
  'block-device-error': [...leads('likely', 'node', 'the disk of the node fails', ...NODE_SICK, 'crashloop-app-error')],

  // Network.
  'conntrack-table-full': [
    ...leads(
      'certain',
      'node',
      'new connections on the node are dropped',
      'dependency-down',
      'liveness-kills-healthy-app',
      'readiness-depends-on-dependency',
      ...BROKEN,
    ),
  ],
  'eni-conntrack-allowance-exceeded': [
    ...leads(
      'certain',
      'node',
      'new connections on the node are dropped',
      'dependency-down',
      'readiness-depends-on-dependency',
    ),
  ],
  'ena-bandwidth-or-pps-exceeded': [
    ...leads('likely', 'node', 'packets of the node are dropped', 'dependency-down', 'readiness-depends-on-dependency'),
  ],
  'ephemeral-port-exhaustion': [
    ...leads('certain', 'touches', 'it can open no connection', 'dependency-down', ...BROKEN),
  ],
  'subnet-ip-exhaustion': [
    ...leads('certain', 'touches', 'its pods get no address', ...STALLED, ...SYSTEM, 'karpenter-node-not-initialized'),
  ],
  'prefix-fragmentation': [...leads('certain', 'touches', 'its pods get no address', ...STALLED)],
  'cni-ipamd-down': [
    ...leads('certain', 'touches', 'its pods get no network', ...STALLED),
    ...leads(
      'likely',
      'node',
      'the node has no network for pods',
      'node-notready-kubelet-silent',
      'karpenter-node-not-initialized',
    ),
  ],
  'cni-ec2-api-throttled': [...leads('likely', 'touches', 'its pods wait for an address', ...STALLED)],
  'eni-attach-failed': [...leads('certain', 'touches', 'its pods get no address', ...STALLED, 'subnet-ip-exhaustion')],
  'sg-for-pods-branch-eni-exhausted': [...leads('certain', 'touches', 'its pods have no node', ...PENDING)],
  'security-group-or-nacl-block': [
    ...leads(
      'certain',
      'touches',
      'its packets are dropped',
      'dependency-down',
      'node-cannot-join',
      'readiness-depends-on-dependency',
    ),
  ],
  'nat-idle-timeout-reset': [...leads('likely', 'touches', 'idle connections are dead', 'dependency-down')],
  'nat-port-allocation-exhausted': [...leads('likely', 'touches', 'calls to the outside fail', 'dependency-down')],
  'nlb-idle-timeout-reset': [...leads('likely', 'touches', 'idle connections are dead', 'dependency-down')],
  'nitro-v6-conntrack-idle-350': [...leads('likely', 'touches', 'idle connections are dead', 'dependency-down')],
  'alb-nlb-targets-unhealthy': [...leads('certain', 'touches', 'the load balancer sends nothing', ...STALLED)],
  'readiness-gate-unmet': [...leads('certain', 'touches', 'its pods are never ready', ...STALLED)],
  'route-leads-nowhere': [],
  'lb-controller-broken': [
    ...leads(
      'likely',
      'touches',
      'the load balancer has old targets',
      'alb-nlb-targets-unhealthy',
      'cr-finalizer-lb-or-volume-leak',
    ),
  ],
  'kube-proxy-stale-or-down': [
    ...leads('likely', 'node', 'Services do not answer on the node', 'dependency-down', 'cni-ipamd-down', ...BROKEN),
  ],
  'http2-connection-pinning': [
    ...leads(
      'likely',
      'touches',
      'one pod takes all the load',
      'cpu-limit-throttling',
      'container-oomkilled',
      'liveness-kills-healthy-app',
      'hpa-maxed',
    ),
  ],
  'networkpolicy-blocks-traffic': [
    ...leads('certain', 'touches', 'its packets are dropped', ...CALLERS, 'coredns-overloaded', ...STALLED),
  ],
  'listen-backlog-overflow': [...leads('likely', 'calls', 'its callers time out', ...CALLERS)],
  'slow-client-thread-exhaustion': [
    ...leads('likely', 'touches', 'it answers nobody', 'liveness-kills-healthy-app', ...STALLED),
  ],
  'arp-neighbor-table-overflow': [...leads('likely', 'node', 'packets of the node are dropped', 'dependency-down')],
  'node-firewall-tampering': [
    ...leads('likely', 'node', 'packets of the node are dropped', 'dependency-down', 'cni-ipamd-down'),
  ],
  'pod-gateway-unreachable': [...leads('certain', 'touches', 'the pod has no network', 'dependency-down')],
  'snat-misconfig': [...leads('likely', 'touches', 'calls to the outside fail', 'dependency-down')],
  'mtu-mismatch': [...leads('likely', 'touches', 'large answers do not come', 'dependency-down')],
  'az-impairment': [
    ...leads(
      'likely',
      'node',
      'a whole zone is ill',
      ...NODE_SICK,
      'ebs-attach-timeout-or-stuck-on-dead-node',
      'alb-nlb-targets-unhealthy',
    ),
    ...leads(
      'likely',
      'touches',
      'a whole zone is ill',
      'topology-or-antiaffinity-block',
      'ebs-az-mismatch',
      ...STALLED,
    ),
  ],

  // DNS.
  'coredns-overloaded': [
    ...leads('likely', 'cluster', 'names do not resolve', ...CALLERS, ...STALLED),
    ...leads('likely', 'touches', 'its questions use up the time that it may use', 'cpu-limit-throttling'),
  ],
  'vpc-resolver-pps-limit': [
    ...leads(
      'likely',
      'cluster',
      'names do not resolve',
      'dependency-down',
      'coredns-upstream-timeout',
      'readiness-depends-on-dependency',
    ),
    ...leads('possible', 'node', 'credentials of the node do not come', 'imds-unreachable', 'irsa-denied'),
  ],
  'ndots-amplification': [
    ...leads('likely', 'cluster', 'every lookup becomes several', 'coredns-overloaded', 'vpc-resolver-pps-limit'),
  ],
  'coredns-down-or-unschedulable': [...leads('certain', 'cluster', 'no name resolves', ...CALLERS, ...STALLED)],
  'coredns-config-broken': [
    ...leads(
      'certain',
      'cluster',
      'no name resolves',
      'coredns-down-or-unschedulable',
      'crashloop-app-error',
      ...CALLERS,
      ...STALLED,
    ),
  ],
  'coredns-upstream-timeout': [...leads('likely', 'cluster', 'names outside do not resolve', ...CALLERS, ...STALLED)],
  'coredns-apiserver-watch-stale': [...leads('likely', 'cluster', 'new names do not resolve', ...CALLERS, ...STALLED)],
  'coredns-scale-down-lameduck': [...leads('possible', 'cluster', 'lookups fail for seconds', 'dependency-down')],
  'dns-conntrack-race-5s': [...leads('likely', 'touches', 'lookups take five seconds', 'dependency-down')],
  'dns-name-not-found': [
    ...leads(
      'certain',
      'touches',
      'it asks for a name that does not exist',
      'dependency-down',
      ...BROKEN,
      'readiness-depends-on-dependency',
      'init-container-stuck',
      ...STALLED,
    ),
  ],

  // Control plane and identity.
  'apf-throttling-429': [
    ...leads(
      'likely',
      'cluster',
      'controllers are made to wait',
      'controller-manager-lag',
      'hpa-metrics-unknown',
      'coredns-apiserver-watch-stale',
      'node-notready-kubelet-silent',
    ),
  ],
  'apiserver-or-etcd-slow': [
    ...leads(
      'likely',
      'cluster',
      'everything that asks it waits',
      'controller-manager-lag',
      'node-notready-kubelet-silent',
      'coredns-apiserver-watch-stale',
      'apf-throttling-429',
      'hpa-metrics-unknown',
    ),
  ],
  'webhook-down-fail-closed': [
    ...leads('certain', 'touches', 'its pods are refused', ...STALLED, ...SYSTEM, 'insufficient-cpu-memory'),
  ],
  'webhook-slow': [
    ...leads(
      'likely',
      'touches',
      'writes run into their timeout',
      'webhook-down-fail-closed',
      'apiserver-or-etcd-slow',
    ),
  ],
  'aggregated-api-down': [
    ...leads('certain', 'suffers', 'there are no metrics', 'hpa-metrics-unknown'),
    ...leads('certain', 'suffers', 'discovery fails', 'namespace-stuck-terminating'),
  ],
  'rbac-forbidden': [
    ...leads(
      'certain',
      'touches',
      'it may not do its work',
      ...BROKEN,
      ...SYSTEM,
      'pod-finalizer-orphaned',
      'cr-finalizer-lb-or-volume-leak',
      ...STALLED,
    ),
  ],
  'aws-auth-or-access-entry-broken': [
    ...leads('certain', 'cluster', 'nodes are not let in', 'node-cannot-join', 'node-notready-kubelet-silent'),
  ],
  'certificate-not-renewed': [
    ...leads('certain', 'touches', 'the old certificate ends', 'cert-expired', 'mtls-cert-rotation'),
    ...leads('certain', 'touches', 'its Secret is not made', 'missing-config-reference'),
  ],
  'cert-expired': [
    ...leads(
      'certain',
      'touches',
      'nobody believes its certificate',
      'webhook-down-fail-closed',
      'mtls-cert-rotation',
      'aggregated-api-down',
      'dependency-down',
      ...BROKEN,
      ...STALLED,
    ),
    ...leads('likely', 'calls', 'nobody believes its certificate', 'dependency-down', ...BROKEN),
  ],
  'sa-token-expired-client': [...leads('certain', 'touches', 'the API refuses it', ...BROKEN, ...SYSTEM)],
  'controller-manager-lag': [
    ...leads('likely', 'touches', 'its controller is late', ...STALLED),
    ...leads('likely', 'suffers', 'nobody takes away what is in it', 'namespace-stuck-terminating'),
  ],
  'scheduler-down': [
    ...leads('certain', 'suffers', 'nobody gives its pods a node', ...STALLED, 'pvc-pending-provisioning', ...SYSTEM),
  ],
  'false-positive-kubectl-slow': [],

  // Nodes.
  'node-notready-kubelet-silent': [
    ...leads(
      'certain',
      'node',
      'its pods are lost',
      'pod-terminating-node-gone',
      'ebs-attach-timeout-or-stuck-on-dead-node',
      'ebs-multi-attach',
      'autorepair-replaced-node',
      'autorepair-halted-by-guardrail',
    ),
    ...leads(
      'certain',
      'touches',
      'its pods are lost',
      ...STALLED,
      ...SYSTEM,
      'pod-terminating-node-gone',
      'ebs-attach-timeout-or-stuck-on-dead-node',
      'ebs-multi-attach',
    ),
    ...leads('likely', 'touches', 'its pods need room elsewhere', ...NO_ROOM, 'untolerated-taint'),
  ],
  'pleg-unhealthy': [...leads('likely', 'node', 'the node is taken for dead', 'node-notready-kubelet-silent')],
  'container-runtime-down': [
    ...leads(
      'certain',
      'node',
      'nothing starts or stops there',
      'pleg-unhealthy',
      'node-notready-kubelet-silent',
      'pod-terminating-runtime-stuck',
    ),
  ],
  'kernel-fault': [...leads('certain', 'node', 'the node hangs or restarts', ...NODE_SICK, 'node-rebooted')],
  'clock-skew': [
    ...leads(
      'certain',
      'node',
      'its tokens and certificates are not believed',
      'cert-expired',
      'irsa-denied',
      'dependency-down',
      'node-notready-kubelet-silent',
    ),
  ],
  'spot-interruption': [
    ...leads(
      'certain',
      'node',
      'the node is taken away',
      ...NODE_SICK,
      'pod-terminating-node-gone',
      'ebs-attach-timeout-or-stuck-on-dead-node',
      'ebs-multi-attach',
    ),
    ...leads('likely', 'touches', 'its pods need room elsewhere', ...NO_ROOM, ...STALLED),
  ],
  'instance-retirement-or-hardware': [
    ...leads(
      'certain',
      'node',
      'the machine fails',
      ...NODE_SICK,
      'node-rebooted',
      'ebs-attach-timeout-or-stuck-on-dead-node',
    ),
  ],
  'node-rebooted': [
    ...leads(
      'certain',
      'node',
      'its pods are started again',
      'node-notready-kubelet-silent',
      'crash-restart-erased-logs',
    ),
  ],
  'node-cannot-join': [...leads('likely', 'cluster', 'capacity does not come', ...NO_NODE)],
  'gpu-hardware-error': [
    ...leads('certain', 'node', 'its GPU fails', 'crashloop-app-error', 'autorepair-replaced-node'),
  ],
  'node-agent-reported-fault': [
    ...leads('possible', 'node', 'the node is ill', ...NODE_SICK, 'autorepair-replaced-node'),
  ],

  // Storage.
  'ebs-attach-timeout-or-stuck-on-dead-node': [...leads('certain', 'touches', 'its volume does not come', ...STALLED)],
  'ebs-multi-attach': [...leads('certain', 'touches', 'its volume is held elsewhere', ...STALLED)],
  'ebs-az-mismatch': [...leads('certain', 'touches', 'its pods have no node where their volume is', ...STALLED)],
  'ebs-volume-limit-per-node': [
    ...leads(
      'certain',
      'touches',
      'its node takes no more volumes',
      ...STALLED,
      'ebs-attach-timeout-or-stuck-on-dead-node',
    ),
  ],
  'csi-controller-or-node-down': [
    ...leads(
      'certain',
      'cluster',
      'no volume is made or attached',
      'pvc-pending-provisioning',
      'ebs-attach-timeout-or-stuck-on-dead-node',
      'pvc-resize-stuck',
      'pv-protection-stuck',
    ),
  ],
  'pvc-pending-provisioning': [
    ...leads('certain', 'touches', 'its volume does not come', ...STALLED, 'insufficient-cpu-memory'),
  ],
  'ebs-kms-denied': [
    ...leads(
      'certain',
      'touches',
      'its volume cannot be opened',
      'pvc-pending-provisioning',
      'ebs-attach-timeout-or-stuck-on-dead-node',
    ),
    ...leads('certain', 'cluster', 'new nodes die at boot', 'node-cannot-join'),
  ],
  'pvc-resize-stuck': [...leads('likely', 'touches', 'its volume does not grow', 'pv-full')],
  'pv-full': [
    ...leads(
      'certain',
      'touches',
      'it cannot write',
      ...BROKEN,
      'fs-permission-or-readonly',
      'datastore-refusal',
      ...STALLED,
    ),
  ],
  'ebs-volume-throttled': [
    ...leads(
      'likely',
      'touches',
      'its volume is slow',
      'liveness-kills-healthy-app',
      'dependency-down',
      'startup-slower-than-liveness',
    ),
  ],
  'efs-mount-failed': [...leads('certain', 'touches', 'its volume is not mounted', ...STALLED)],
  'statefulset-scale-reuses-old-pvc': [
    ...leads('possible', 'touches', 'it starts with old data', 'crashloop-app-error'),
  ],
  'pv-protection-stuck': [...leads('certain', 'touches', 'it is in use', 'namespace-stuck-terminating')],

  // Autoscaling.
  'hpa-metrics-unknown': [
    ...leads('likely', 'touches', 'it does not grow with its load', 'hpa-maxed', 'cpu-limit-throttling'),
  ],
  'hpa-thrash': [...leads('likely', 'touches', 'its pods come and go', 'non-graceful-termination-5xx')],
  'hpa-maxed': [
    ...leads('possible', 'touches', 'it has too much to do', 'cpu-limit-throttling', 'liveness-kills-healthy-app'),
  ],
  'hpa-vs-gitops-replica-fight': [
    ...leads('certain', 'touches', 'its pods come and go', 'hpa-thrash', 'non-graceful-termination-5xx'),
  ],
  'ca-cannot-scale-up': [...leads('likely', 'touches', 'no node comes', ...NO_NODE)],
  'ca-or-karpenter-thrash': [
    ...leads('likely', 'node', 'nodes come and go', 'non-graceful-termination-5xx', 'subnet-ip-exhaustion'),
  ],
  'ca-aggressive-scale-down': [
    ...leads('certain', 'touches', 'its nodes are taken away', ...STALLED, ...NO_ROOM, 'non-graceful-termination-5xx'),
  ],
  'karpenter-nodepool-limit': [...leads('certain', 'touches', 'no node comes', ...NO_NODE)],
  'karpenter-no-matching-instance': [...leads('certain', 'touches', 'no node comes', ...NO_NODE)],
  'capacity-unavailable-ice': [
    ...leads(
      'certain',
      'cluster',
      'the cloud has no machine',
      ...NO_NODE,
      'node-cannot-join',
      'ca-cannot-scale-up',
      'karpenter-no-matching-instance',
    ),
  ],
  'aws-quota-exceeded': [
    ...leads(
      'certain',
      'cluster',
      'the cloud gives no more',
      ...NO_NODE,
      'ca-cannot-scale-up',
      'node-cannot-join',
      'pvc-pending-provisioning',
      'eni-attach-failed',
      'lb-controller-broken',
    ),
  ],
  'karpenter-node-not-initialized': [...leads('likely', 'cluster', 'new nodes take no pods', ...NO_NODE)],
  'karpenter-disruption-blocked': [],

  // Rollout and upgrade.
  'bad-rollout': [
    ...leads(
      'likely',
      'touches',
      'the new pods fail',
      ...BROKEN,
      'image-not-found',
      'bad-entrypoint-or-arch',
      'container-oomkilled',
      'memory-leak',
      'missing-config-reference',
      'liveness-kills-healthy-app',
      'startup-slower-than-liveness',
      'log-flood-diskpressure',
      'cpu-limit-throttling',
      'fs-permission-or-readonly',
      'dns-name-not-found',
      'readiness-depends-on-dependency',
      'init-container-stuck',
      'insufficient-cpu-memory',
      'affinity-or-selector-mismatch',
      'podsecurity-or-policy-rejected',
      'service-selector-or-port-mismatch',
      ...STALLED,
      ...SYSTEM,
    ),
    ...leads('likely', 'calls', 'its callers get no answer', ...CALLERS),
    ...leads('possible', 'touches', 'the new pods call something else', 'dependency-down'),
  ],
  'statefulset-waits-for-old-pod': [
    ...leads(
      'certain',
      'touches',
      'the broken pod stays',
      'image-not-found',
      'crashloop-app-error',
      'bad-entrypoint-or-arch',
      'container-oomkilled',
      'missing-config-reference',
      'fs-permission-or-readonly',
      'liveness-kills-healthy-app',
      'readiness-probe-failing',
      'init-container-stuck',
      'insufficient-cpu-memory',
      'affinity-or-selector-mismatch',
      ...STALLED,
    ),
  ],
  'rollout-stuck': [],
  'pdb-deadlock': [
    ...leads(
      'likely',
      'touches',
      'nothing may be drained',
      'karpenter-disruption-blocked',
      'control-plane-upgrade-blocked',
    ),
  ],
  'removed-api-used': [...leads('certain', 'touches', 'what it asks for is gone', ...BROKEN, ...SYSTEM)],
  'addon-version-skew': [...leads('likely', 'touches', 'its version does not fit the cluster', ...BROKEN, ...SYSTEM)],
  'addon-degraded-conflict': [...leads('likely', 'touches', 'it is not updated', 'addon-version-skew')],
  'control-plane-upgrade-blocked': [],
  'node-image-regression': [
    ...leads(
      'likely',
      'node',
      'only these nodes are ill',
      ...NODE_SICK,
      'crashloop-app-error',
      'container-oomkilled',
      'kernel-fault',
      'cni-ipamd-down',
    ),
  ],
  'unmanaged-os-update': [
    ...leads(
      'likely',
      'node',
      'the system was changed under it',
      'node-firewall-tampering',
      'container-runtime-down',
      'node-rebooted',
      'node-notready-kubelet-silent',
    ),
  ],

  // Finalizers and stuck termination.
  'pod-finalizer-orphaned': [
    ...leads('possible', 'cluster', 'addresses are held', 'subnet-ip-exhaustion'),
    ...leads(
      'certain',
      'touches',
      'it does not go away',
      'namespace-stuck-terminating',
      'rollout-stuck',
      'quota-or-limitrange-exceeded',
    ),
  ],
  'namespace-stuck-terminating': [],
  'pod-terminating-node-gone': [
    ...leads(
      'certain',
      'touches',
      'its replacement has to wait',
      ...STALLED,
      'ebs-multi-attach',
      'ebs-attach-timeout-or-stuck-on-dead-node',
    ),
  ],
  'pod-terminating-runtime-stuck': [
    ...leads('certain', 'touches', 'its replacement has to wait', ...STALLED, 'ebs-multi-attach'),
  ],
  'cr-finalizer-lb-or-volume-leak': [
    ...leads('certain', 'touches', 'it does not go away', 'namespace-stuck-terminating'),
  ],

  // AWS.
  'ecr-pull-denied-or-unreachable': [...leads('certain', 'touches', 'new pods cannot start', ...STALLED, ...SYSTEM)],
  'irsa-denied': [
    ...leads(
      'certain',
      'touches',
      'AWS refuses it',
      ...BROKEN,
      ...SYSTEM,
      'pvc-pending-provisioning',
      'ca-cannot-scale-up',
      'eni-attach-failed',
      ...STALLED,
    ),
    ...leads('likely', 'cluster', 'AWS refuses it', 'ebs-kms-denied'),
  ],
  'pod-identity-agent-failing': [
    ...leads('likely', 'node', 'credentials do not come', ...BROKEN, 'dependency-down', 'irsa-denied'),
  ],
  'imds-unreachable': [...leads('certain', 'touches', 'it finds no credentials', ...BROKEN, ...SYSTEM)],
  'sts-or-aws-api-throttled': [
    ...leads(
      'likely',
      'touches',
      'its calls to AWS wait',
      'cni-ec2-api-throttled',
      'ca-cannot-scale-up',
      'ebs-attach-timeout-or-stuck-on-dead-node',
    ),
  ],
  'kms-key-disabled': [
    ...leads('certain', 'cluster', 'nothing encrypted can be opened', 'ebs-kms-denied', 'apiserver-or-etcd-slow'),
  ],
  'vpc-endpoint-missing': [
    ...leads(
      'likely',
      'cluster',
      'AWS cannot be reached',
      'ecr-pull-denied-or-unreachable',
      'node-cannot-join',
      'irsa-denied',
      'dependency-down',
    ),
  ],
  'aws-service-event': [
    ...leads(
      'likely',
      'cluster',
      'the region is ill',
      'capacity-unavailable-ice',
      'az-impairment',
      'ecr-pull-denied-or-unreachable',
      'irsa-denied',
      'node-cannot-join',
      'ebs-attach-timeout-or-stuck-on-dead-node',
    ),
  ],

  // Healing.
  'autorepair-replaced-node': [],
  'autorepair-halted-by-guardrail': [],
  'manual-restart-or-scale-during-incident': [],
  'crash-restart-erased-logs': [],
  'gitops-selfheal-reverts-mitigation': [],
  'probe-driven-heal-loop': [],
  'retry-storm-metastable': [],
  'cluster-loss-or-data-corruption': [],
  'secrets-in-env-or-logs': [],
  'missing-metrics-blind': [],

  // What is seen, of whatever cause.
  'blocked-autoscalers': [],
  'crashing-containers': [],
  'error-logs': [],
  'evicted-pods': [],
  'failing-jobs': [],
  'failing-volumes': [],
  'services-without-endpoints': [],
  'stalled-rollouts': [],
  'stuck-deletions': [],
  'unavailable-apis': [],
  'uncreated-pods': [],
  'unhealthy-conditions': [],
  'unserved-routes': [],
  'unhealthy-nodes': [],
  'unready-pods': [],
  'unscheduled-pods': [],
  'waiting-containers': [],
  'warning-events': [],
}

/** The same edge to several effects. What the cluster itself runs fails by what it runs on, not by what its clients suffer. */
function leads(how: Likelihood, by: Relation, says: string, ...effects: readonly RuleId[]): readonly Edge[] {
  return effects.map((effect) => ({ to: effect, by: by === 'touches' && BACKED.has(effect) ? 'backs' : by, how, says }))
}
