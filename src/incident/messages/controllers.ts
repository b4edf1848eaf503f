import { type Message, signaller, speaker } from './message.ts'

const says = speaker('kube-controller-manager')
const signals = signaller('kube-controller-manager', 'pkg/controller')

/** What controllers say of the objects that they keep: deployments, jobs, autoscalers, budgets, namespaces, endpoints. */
export const controllers = {
  'lb-sync-failed': signals(
    'The cloud did not make or change the load balancer of a service; the message says why.',
    'SyncLoadBalancerFailed',
    'CreatingLoadBalancerFailed',
    'UpdateLoadBalancerFailed',
    'DeleteLoadBalancerFailed',
  ),
  'lb-synced': signals('The cloud has the load balancer of a service as wanted.', 'EnsuredLoadBalancer'),
  'deployment-scaled': says(
    'A deployment changed the size of one of its replica sets.',
    [
      /Scaled (?<direction>up|down) replica set (?<set>[\w.-]{1,253}) to (?<to>\d+) from (?<from>\d+)/,
      'pkg/controller/deployment/sync.go',
      { since: 'v1.24', until: 'v1.31' },
    ],
    [
      /Scaled (?<direction>up|down) replica set (?<set>[\w.-]{1,253})(?: from (?<from>\d+))? to (?<to>\d+)/,
      'pkg/controller/deployment/sync.go',
    ],
    [
      /Scaled (?<direction>up|down) ReplicaSet (?<set>[\w.-]{1,253}) \(revision \d+\) from (?<from>\d+) to (?<to>\d+)/,
      'argo-rollouts utils/conditions/conditions.go',
    ],
  ),
  'rollout-stuck': says('A rollout made no progress in its time.', [
    /(?:ReplicaSet|Deployment) "(?<name>[^"]{1,253})" has timed out progressing/,
    'pkg/controller/deployment/progress.go',
  ]),
  'rollout-progressing': says('A rollout makes progress.', [
    /ReplicaSet "(?<name>[^"]{1,253})" (?:is progressing|has successfully progressed)|(?:Created new|Found new) replica set "(?<set>[^"]{1,253})"/,
    'pkg/controller/deployment/progress.go',
  ]),
  'deployment-unavailable': says('A deployment has fewer available pods than it must.', [
    /Deployment does not have minimum availability/,
    'pkg/controller/deployment/sync.go',
  ]),
  'selector-overlap': says('The pods of one controller are also selected by another.', [
    /overlapping (?:with other )?(?:deployment|selector)|SelectingAll|is selecting all pods\. A non-empty selector is required|pods by selector .{1,200}? are controlled by multiple/,
    'pkg/controller',
  ]),
  'pod-creation-failed': says(
    'A controller could not create a pod; the refusal says why.',
    [/Error creating: (?<cause>[^\n]{1,600})/, 'pkg/controller/controller_utils.go'],
    [
      /create Pod (?<pod>[\w.-]{1,253}) in (?<owner>StatefulSet|ReplicaSet) (?<name>[\w.-]{1,253}) failed error: (?<cause>[^\n]{1,600})/,
      'pkg/controller/statefulset/stateful_pod_control.go',
    ],
    [
      /create Claim (?<claim>[\w.-]{1,253}) for Pod (?<pod>[\w.-]{1,253}) in StatefulSet (?<name>[\w.-]{1,253}) failed error: (?<cause>[^\n]{1,600})/,
      'pkg/controller/statefulset/stateful_pod_control.go',
    ],
  ),
  'pod-recreated-after-failure': says('A controller replaces a pod that failed.', [
    /(?:Found failed daemon pod|StatefulSet \S{1,320} is recreating (?:failed|terminated) Pod) ?(?<pod>[\w./-]{1,320})/,
    'pkg/controller/daemon/daemon_controller.go',
  ]),
  'job-backoff-limit': says('The pods of a job failed more often than it allows.', [
    /Job has reached the specified backoff limit/,
    'pkg/controller/job/job_controller.go',
  ]),
  'job-completed': says(
    'A job ended.',
    [
      /Saw completed job: (?<job>[\w.-]{1,253}), (?:condition|status): (?<condition>\w{1,20})/,
      'pkg/controller/cronjob/cronjob_controllerv2.go',
    ],
    [/^Job completed$/, 'pkg/controller/job/job_controller.go'],
  ),
  'job-deadline-exceeded': says('A job ran longer than its active deadline.', [
    /Job was active longer than specified deadline/,
    'pkg/controller/job/job_controller.go',
  ]),
  'job-pod-failure-policy': says('A job failed because its policy says so of this exit code or condition.', [
    /Container (?<container>[\w.-]{1,253}) for pod (?<pod>[\w./-]{1,320}) failed with exit code (?<code>\d+) matching FailJob rule|matching (?<action>FailJob|FailIndex) rule at index \d+/,
    'pkg/controller/job/pod_failure_policy.go',
    { since: 'v1.25' },
  ]),
  'missed-start-times': says('A cron job missed so many starts that it no longer runs.', [
    /too many missed start times?(?:(?:: | \()(?<count>[^).]{1,12}))?/i,
    'pkg/controller/cronjob/utils.go',
  ]),
  'missed-schedule': says('A cron job did not start at its time.', [
    /Missed scheduled time to start a job(?:: (?<time>[^\n]{1,60}))?/,
    'pkg/controller/cronjob/cronjob_controllerv2.go',
  ]),
  'cron-job-still-active': says('A cron job did not start because its last run still runs.', [
    /Not starting job because prior execution is running and concurrency policy is Forbid/,
    'pkg/controller/cronjob/cronjob_controllerv2.go',
  ]),
  'cron-schedule-invalid': says('The schedule of a cron job cannot be read.', [
    /[Uu]nparseable schedule(?::| for cronjob)? ?(?<schedule>[^\n]{1,160})|[Ii]nvalid (?:schedule|timeZone): (?<invalid>[^\n]{1,160})/,
    'pkg/controller/cronjob/cronjob_controllerv2.go',
  ]),
  'cron-start-failed': signals('A cron job could not determine when to start.', 'FailedNeedsStart'),
  'cron-run-forgotten': says('A run that the cron job remembers is gone.', [
    /Active job went missing: (?<job>[\w.-]*\w)/,
    'pkg/controller/cronjob/cronjob_controllerv2.go',
  ]),
  'hpa-missing-request': says(
    'A container has no request, so its usage is no share of anything and the autoscaler stops.',
    [
      /missing request for (?<resource>[\w./-]{1,100})(?: (?:in|on) container (?<container>[\w.-]{1,253}) (?:of|in) [Pp]od (?<pod>[\w.-]*\w))?/,
      'pkg/controller/podautoscaler/replica_calculator.go',
    ],
  ),
  'hpa-metrics-api-unavailable': says(
    'The autoscaler cannot ask for metrics: whoever serves them does not run, or is not registered.',
    [
      /unable to fetch metrics from (?<api>resource|custom|external) metrics API: (?<cause>[^\n]{1,300})/,
      'pkg/controller/podautoscaler/metrics/client.go',
    ],
    [
      /unable to fetch metrics from (?<api>resource|custom|external) metrics API/,
      'pkg/controller/podautoscaler/metrics/client.go',
    ],
    [
      /no metrics returned from heapster/,
      'pkg/controller/podautoscaler/metrics/legacy_metrics_client.go',
      { until: 'v1.12' },
    ],
  ),
  'hpa-no-metrics-returned': says(
    'The metrics API answers and knows nothing of the pods: they are new, not ready, or their nodes are not read.',
    [
      /no metrics returned from (?<api>resource|custom|external) metrics API/,
      'pkg/controller/podautoscaler/metrics/client.go',
    ],
    [
      /did not receive metrics for (?:targeted pods|any ready pods)/,
      'pkg/controller/podautoscaler/replica_calculator.go',
    ],
    [/no matching metrics found for (?<metric>[\w.:/-]*\w)/, 'custom-metrics-apiserver'],
  ),
  'hpa-selector-missing': says('The autoscaler cannot tell which pods it scales.', [
    /(?:HPA target|the HPA target)'s scale is missing a selector|couldn't convert selector into a corresponding internal selector|pods by selector \S{1,300} are controlled by multiple HPAs/,
    'pkg/controller/podautoscaler/horizontal.go',
  ]),
  'hpa-target-missing': says('The autoscaler cannot read what it scales: it does not exist, or may not be read.', [
    /the HPA controller was unable to get the target's current scale: (?<cause>[^\n]{1,300})/,
    'pkg/controller/podautoscaler/horizontal.go',
  ]),
  'hpa-metric-failed': says(
    'The autoscaler got no value for a metric, so it does not scale up.',
    [
      /the HPA was unable to compute the replica count: (?<cause>[^\n]{1,600})/,
      'pkg/controller/podautoscaler/horizontal.go',
    ],
    [
      /failed to get (?<metric>[\w./:-]{1,200}) (?:utilization|(?:container )?resource metric value|external metric(?: value)?|pods metric value|object metric value)/,
      'pkg/controller/podautoscaler/horizontal.go',
    ],
    [
      /invalid metrics \((?<invalid>\d+) invalid out of (?<total>\d+)\), first error is: (?<cause>[^\n]{1,400})/,
      'pkg/controller/podautoscaler/horizontal.go',
    ],
  ),
  'hpa-metric-unknown': signals(
    'The autoscaler got no value for a metric.',
    'FailedGetResourceMetric',
    'FailedGetContainerResourceMetric',
    'FailedGetPodsMetric',
    'FailedGetObjectMetric',
    'FailedGetExternalMetric',
    'FailedComputeMetricsReplicas',
    'InvalidMetricSourceType',
  ),
  'hpa-maxed': says('The autoscaler wants more replicas than it may have.', [
    /the desired replica count is (?:more|greater) than the maximum replica count/,
    'pkg/controller/podautoscaler/horizontal.go',
  ]),
  'hpa-at-minimum': says('The autoscaler wants fewer replicas than it must keep.', [
    /the desired replica count is (?:less|smaller) than the minimum replica count|the desired replica count was zero/,
    'pkg/controller/podautoscaler/horizontal.go',
  ]),
  'hpa-rescaled': says('The autoscaler changed the number of replicas; all reasons but two are of growth.', [
    /New size: (?<size>\d+); reason: (?<cause>(?<down>[^\n]{0,200}?(?:below target|above Spec\.MaxReplicas))?[^\n]{0,300})/,
    'pkg/controller/podautoscaler/horizontal.go',
  ]),
  'hpa-rescale-failed': signals(
    'The autoscaler could not change the number of replicas.',
    'FailedRescale',
    'FailedUpdateScale',
    'FailedGetScale',
  ),
  'hpa-disabled': says('The target has no replicas, so the autoscaler does nothing.', [
    /scaling is disabled since the replica count of the target is zero/,
    'pkg/controller/podautoscaler/horizontal.go',
  ]),
  'pdb-multiple': speaker('kube-apiserver')('Two budgets guard one pod, and then it cannot be evicted at all.', [
    /This pod has more than one PodDisruptionBudget, which the eviction subresource does not support|Pod "(?<pod>[^"]{1,320})" matches multiple PodDisruptionBudgets|eviction does not support multiple PDBs/,
    'pkg/registry/core/pod/storage/eviction.go',
  ]),
  'pdb-blocks-eviction': speaker('kube-apiserver')(
    'A budget forbids the eviction now.',
    [/Cannot evict pod as it would violate the pod's disruption budget/, 'pkg/registry/core/pod/storage/eviction.go'],
    [
      /The disruption budget (?<budget>[\w.-]{1,253}) (?:needs (?<needed>\d+) healthy pods and has (?<healthy>\d+) currently|is still being processed by the server|does not allow evicting pods currently)/,
      'pkg/registry/core/pod/storage/eviction.go',
    ],
    [/PDB "(?<budget>[^"]{1,320})" prevents pod evictions?/, 'karpenter pkg/utils/pdb/pdb.go'],
    [
      /PodDisruptionBudget(?:\(s\))? .{0,20}prevents? pod evictions?|pdb prevents pod evictions?/i,
      'karpenter pkg/controllers/state/statenode.go',
    ],
  ),
  'pdb-uncomputable': says('A budget cannot be kept because its pods cannot be counted.', [
    /[Ff]ailed to calculate the number of expected pods|found no controller(?:s)? for pod|found no controller ref for pod "(?<pod>[^"]{1,253})"/,
    'pkg/controller/disruption/disruption.go',
  ]),
  'pdb-without-pods': says('A budget guards no pod.', [
    /No matching pods found/,
    'pkg/controller/disruption/disruption.go',
  ]),
  'pod-deleted-by-controller': signals('A controller deleted a pod.', 'SuccessfulDelete'),
  'pod-created': says('A controller created a pod or a job.', [
    /Created (?:pod|job):? (?<name>[\w.-]*\w)|create Pod (?<pod>[\w.-]{1,253}) in StatefulSet (?<owner>[\w.-]{1,253}) successful/,
    'pkg/controller/controller_utils.go',
  ]),
  'namespace-finalizers-remaining': says('A namespace is not gone because objects in it wait for their controllers.', [
    /Some content in the namespace has finalizers remaining: (?<finalizers>[^\n]{1,1000})/,
    'pkg/controller/namespace/deletion/status_condition_utils.go',
  ]),
  'namespace-content-remaining': says('A namespace is not gone because objects in it remain.', [
    /Some resources are remaining: (?<resources>[^\n]{1,1000})/,
    'pkg/controller/namespace/deletion/status_condition_utils.go',
  ]),
  'namespace-discovery-failed': says('A namespace is not gone because the kinds in it cannot be listed.', [
    /Discovery failed for some groups, (?<count>\d+) failing: (?<cause>[^\n]{1,1000})/,
    'pkg/controller/namespace/deletion/status_condition_utils.go',
  ]),
  'namespace-deletion-failed': signals(
    'Something in a namespace could not be deleted, or a kind of it not be read.',
    'ContentDeletionFailed',
    'GroupVersionParsingFailed',
    'DiscoveryFailed',
  ),
  'endpoints-update-failed': signals(
    'The addresses of a service could not be written, so callers see old ones.',
    'FailedToUpdateEndpointSlices',
    'FailedToUpdateEndpoint',
    'FailedToCreateEndpoint',
  ),
  'load-balancer-sync-failed': says(
    'The cloud did not make or update the load balancer of a service.',
    [
      /Error syncing load balancer: (?<cause>[^\n]{1,600})/,
      'staging/src/k8s.io/cloud-provider/controllers/service/controller.go',
    ],
    [
      /Error (?:creating|updating|deleting) load balancer[^\n]{0,60}?: (?<cause>[^\n]{1,600})/,
      'pkg/controller/service/service_controller.go',
      { until: 'v1.14' },
    ],
  ),
  'no-node-for-load-balancer': says('No node can take the requests of a load balancer.', [
    /There are no available nodes for LoadBalancer/,
    'staging/src/k8s.io/cloud-provider/controllers/service/controller.go',
  ]),
  'daemon-pod-misplaced': signals('A daemon pod cannot run on its node.', 'FailedPlacement'),
  'owner-missing': speaker('garbage collector', ['OwnerRefInvalidNamespace'])(
    'The owner of an object cannot exist where it is said to be.',
    [
      /ownerRef \[(?<owner>[^\]]{1,300})\] does not exist in namespace "(?<namespace>[^"]{0,63})"/,
      'pkg/controller/garbagecollector/garbagecollector.go',
    ],
  ),
  'garbage-collector-blind': speaker('garbage collector')(
    'The garbage collector cannot list a kind, so what is owned may stay.',
    [
      /garbage collector (?:could not be (?:fully )?synced|graph is not synced)|failed to discover preferred resources|unable to sync caches for garbage collector|timed out waiting for dependency graph builder sync/i,
      'pkg/controller/garbagecollector/garbagecollector.go',
    ],
  ),
} satisfies Record<string, Message>
