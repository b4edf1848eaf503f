import { type Message, speaker } from './message.ts'

const says = speaker('kube-apiserver')

const WEBHOOK = 'staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/errors/statuserror.go'

/** What the API server says when it, or whom it asks, refuses an object; a refusal is a decision, a failed call is an outage. */
export const admission = {
  'webhook-timed-out': says('A webhook that the API server had to ask did not answer in time.', [
    /failed calling (?:admission )?webhook "(?<webhook>[^"]{1,253})"[^\n]{0,600}?(?<cause>context deadline exceeded|Client\.Timeout exceeded|i\/o timeout|request did not complete within the allotted timeout|context canceled)/,
    WEBHOOK,
  ]),
  'webhook-without-endpoints': says('No pod serves the webhook that the API server had to ask.', [
    /failed calling (?:admission )?webhook "(?<webhook>[^"]{1,253})"[^\n]{0,600}?no endpoints available for service "(?<service>[^"]{1,253})"/,
    WEBHOOK,
  ]),
  'webhook-service-missing': says('The service of the webhook that the API server had to ask does not exist.', [
    /failed calling (?:admission )?webhook "(?<webhook>[^"]{1,253})"[^\n]{0,600}?services? "(?<service>[^"]{1,253})" not found/,
    WEBHOOK,
  ]),
  'webhook-unreachable': says('The API server got no connection to a webhook that it had to ask.', [
    /failed calling (?:admission )?webhook "(?<webhook>[^"]{1,253})"[^\n]{0,600}?(?<cause>connection refused|no route to host|connection reset by peer|no such host|network is unreachable|Address is not allowed|\bEOF\b)/,
    WEBHOOK,
  ]),
  'webhook-certificate-invalid': says(
    'The API server does not trust the certificate of a webhook that it had to ask.',
    [
      /failed calling (?:admission )?webhook "(?<webhook>[^"]{1,253})"[^\n]{0,600}?(?<cause>x509: [^\n"]{1,200}|tls: [^\n"]{1,120})/,
      WEBHOOK,
    ],
  ),
  'webhook-call-failed': says(
    'The API server could not ask a webhook, and the webhook is set to forbid what it was not asked.',
    [
      /failed calling (?:admission )?webhook "(?<webhook>[^"]{1,253})": failed to call webhook: Post "?https:\/\/(?<service>[\w-]{1,63})\.(?<namespace>[\w-]{1,63})\.svc/,
      WEBHOOK,
      { since: 'v1.22' },
    ],
    [
      /failed calling (?:admission )?webhook "(?<webhook>[^"]{1,253})": Post "?https:\/\/(?<service>[\w-]{1,63})\.(?<namespace>[\w-]{1,63})\.svc/,
      WEBHOOK,
      { until: 'v1.21' },
    ],
    [/failed calling (?:admission )?webhook "(?<webhook>[^"]{1,253})"/, WEBHOOK],
  ),
  'conversion-webhook-failed': says('The API server could not ask a webhook to translate an object between versions.', [
    /conversion webhook for (?<kind>(?<group>[\w.-]{1,253})\/\w{1,63}, Kind=(?<name>\w{1,100})|[^\s,]{1,253}(?:, Kind=\w{1,100})?)(?:,? ?failed)?:? ?failed(?: to call webhook)?/i,
    'staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/conversion/webhook_converter.go',
  ]),
  'policy-denied': says(
    'A webhook, or a policy, was asked and said no.',
    [/admission webhook "(?<webhook>[^"]{1,253})" denied the request(?:: (?<cause>[^\n]{1,600}))?/, WEBHOOK],
    [
      /ValidatingAdmissionPolicy '(?<policy>[^']{1,253})' with binding '(?<binding>[^']{1,253})' denied request(?:: (?<cause>[^\n]{1,600}))?/,
      'staging/src/k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go',
    ],
  ),
  'pod-security-violation': says(
    'The namespace demands a level of pod security that the pod does not keep.',
    [
      /violates PodSecurity "(?<level>[\w:.-]{1,60})"(?:: (?<cause>[^\n]{1,600}))?/,
      'staging/src/k8s.io/pod-security-admission/admission/admission.go',
    ],
    [
      /unable to validate against any (?:pod security policy|security context constraint): (?<cause>[^\n]{1,300})/,
      'plugin/pkg/admission/security/podsecuritypolicy/admission.go',
      { until: 'v1.24' },
    ],
  ),
  'quota-exceeded': says('The namespace has used up a quota.', [
    /exceeded quota: (?<quota>[\w.-]{1,253}), requested: (?<requested>[^\n]{1,300}?), used: (?<used>[^\n]{1,300}?), limited: (?<limited>[^\s,]{1,120}(?:,\S{1,120}){0,8})/,
    'staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go',
  ]),
  'quota-demands-requests': says('A quota of the namespace counts a resource that the pod does not specify.', [
    /failed quota: (?<quota>[\w.-]{1,253}): must specify (?<resources>[\w.,/ :;()-]{1,300}\w)/,
    'staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go',
  ]),
  'quota-not-counted-yet': says('The quota of the namespace is new and not counted yet; it passes by itself.', [
    /status unknown for quota: (?<quota>[\w.-]{1,253})/,
    'staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go',
  ]),
  'limit-range-violated': says(
    'The pod asks for more, or less, than the namespace allows.',
    [
      /(?<bound>minimum|maximum) (?<resource>[\w./-]{1,100}) usage per (?<of>Container|Pod|PersistentVolumeClaim) is (?<limit>[\w.]{1,40})/,
      'plugin/pkg/admission/limitranger/admission.go',
    ],
    [
      /(?<resource>[\w./-]{1,100}) max limit to request ratio per (?<of>Container|Pod) is (?<limit>[\w.]{1,40})/,
      'plugin/pkg/admission/limitranger/admission.go',
    ],
  ),
  'missing-priority-class': says('The pod names a priority class that does not exist.', [
    /no PriorityClass with name (?<name>[\w.-]{1,253}) was found/,
    'plugin/pkg/admission/priority/admission.go',
  ]),
  'namespace-terminating': says('The namespace is being deleted and takes nothing new.', [
    /unable to create new content in namespace (?<namespace>[\w-]{1,63}) because it is being terminated/,
    'staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go',
  ]),
  'missing-namespace': says('The namespace does not exist.', [
    /namespaces "(?<namespace>[\w-]{1,63})" not found/,
    'staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go',
  ]),
  'invalid-object': says('The object does not keep the rules of its kind.', [
    /(?<kind>[A-Z]\w{1,60}(?:\.[\w.-]{1,200})?) "(?<name>[^"]{1,253})" is invalid: (?<cause>[^\n]{1,600})/,
    'staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go',
  ]),
  'immutable-field': says('A field was to be changed that may not change.', [
    /(?:field is immutable|updates to statefulset spec for fields other than|may not be (?:changed|updated) once set|cannot be changed after creation)/,
    'staging/src/k8s.io/apimachinery/pkg/api/validation/objectmeta.go',
  ]),
} satisfies Record<string, Message>
