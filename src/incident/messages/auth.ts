import { type Message, speaker } from './message.ts'

const says = speaker('kube-apiserver')

/** What is said when someone is not known, or may not. */
export const auth = {
  'rbac-forbidden': says(
    'A user or a service account may not do what it tried.',
    [
      /[Uu]ser "(?<user>[^"]{1,253})" cannot (?<verb>[\w*-]{1,30}) resource "(?<resource>[^"]{1,253})" in API group "(?<group>[^"]{0,253})"(?: (?:in the namespace "(?<namespace>[^"]{1,63})"|at the cluster scope))?/,
      'staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go',
    ],
    [
      /[Uu]ser "(?<user>[^"]{1,253})" cannot (?<verb>[\w*-]{1,30}) (?:resource |path )?"?(?<resource>[^"\s]{1,253})"?/,
      'staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go',
    ],
  ),
  'privilege-escalation-refused': says('Someone tried to grant more than they have.', [
    /is attempting to grant RBAC permissions not currently held/,
    'pkg/registry/rbac/validation/rule.go',
  ]),
  'aws-identity-not-mapped': speaker('aws-iam-authenticator')(
    'The identity of AWS is known to no access entry and no mapping.',
    [
      /ARN is not mapped(?::? ?"?(?<arn>arn:aws[^\s"]{1,300}))?|access denied[^\n]{0,40}not mapped/,
      'pkg/server/server.go',
    ],
  ),
  'aws-auth-unreadable': speaker('aws-iam-authenticator')('The mapping of identities cannot be read.', [
    /(?:could not parse|error parsing|unable to parse)[^\n]{0,40}(?:aws-auth|mapRoles|mapUsers|config ?map)[^\n]{0,100}/i,
    'pkg/mapper/configmap/configmap.go',
  ]),
  'service-account-token-stale': says('A token has expired, or belongs to something that no longer exists.', [
    /[Tt]oken has (?:expired|been invalidated)|token is expired|service account token has expired|token used before issued|stale-token/,
    'pkg/serviceaccount/claims.go',
  ]),
  'service-account-token-missing': speaker('kubelet')('The token of a service account could not be got for a pod.', [
    /failed to fetch token: (?<cause>[^\n]{1,300})/,
    'pkg/volume/projected/projected.go',
  ]),
  unauthorized: says(
    'The API server does not know who asks.',
    [
      /You must be logged in to the server|the server has asked for the client to provide credentials|Unable to authenticate the request|"?reason"?:\s?"?Unauthorized\b|(?:err="|error: |: )Unauthorized"?(?:$|[\s"])/,
      'staging/src/k8s.io/apimachinery/pkg/api/errors/errors.go',
    ],
    [/^Unauthorized$/, 'staging/src/k8s.io/apiserver/pkg/endpoints/filters/authentication.go'],
  ),
  'api-client-unauthorized': speaker('client-go')(
    'The API server does not know a program that lists, watches or leads.',
    [
      /(?:[Ff]ailed to (?:list|watch) \*?[\w./*]{1,120}|error (?:retrieving|initially creating) (?:leader election|resource) lock [\w./-]{0,200}): (?:Unauthorized|the server has asked for the client to provide credentials)/,
      'tools/cache/reflector.go, tools/leaderelection/leaderelection.go',
    ],
  ),
  'cert-not-yet-valid': speaker('Go')('A certificate is not valid yet: the clock of the reader is behind.', [
    /x509: certificate has expired or is not yet valid: current time (?<now>\S{1,40}) is before (?<from>\S{1,40})/,
    'crypto/x509',
  ]),
  'cert-expired': speaker('Go')(
    'A certificate has expired.',
    [
      /x509: certificate has expired or is not yet valid(?:: current time (?<now>\S{1,40}) is after (?<until>\S{1,40}\w))?/,
      'crypto/x509',
    ],
    [/certificate (?:has )?expired|CERT_HAS_EXPIRED|SSL certificate problem: certificate has expired/i, 'OpenSSL'],
  ),
  'mesh-issuer-invalid': speaker('linkerd-identity')(
    'The certificate that signs the certificates of all proxies is no longer valid, so that no new proxy gets one.',
    [/could not process CSR because of CA cert validation failure: (?<cause>[^\n]{1,200})/, 'pkg/identity/service.go'],
  ),
  'ssh-host-key-refused': speaker('ssh')('The key of the host that is called is not the one that is known of it.', [
    /knownhosts: key (?:mismatch|is unknown)|Host key verification failed/i,
    'golang.org/x/crypto/ssh/knownhosts, OpenSSH sshconnect.c',
  ]),
  'cert-unknown-authority': speaker('Go')('A certificate is signed by someone who is not trusted here.', [
    /x509: certificate signed by unknown authority|unable to get local issuer certificate|UNABLE_TO_VERIFY_LEAF_SIGNATURE|unable to verify the first certificate|self[- ]signed certificate(?: in certificate chain)?|PKIX path building failed|invalid peer certificate: UnknownIssuer|RemoteCertificateChainErrors|\b(?:UntrustedRoot|PartialChain)\b/,
    'crypto/x509; OpenSSL x509_txt.c, Node, java.security, rustls, .NET SslStream',
  ]),
  'cert-authority-refused': speaker('Go')(
    'The other end does not trust the authority of the certificate that was shown to it.',
    [/remote error: tls: unknown certificate authority|alert unknown ca\b/, 'crypto/tls alert.go; OpenSSL ssl_stat.c'],
  ),
  'cert-name-mismatch': speaker('Go')('A certificate is for another name than was asked for.', [
    /x509: (?:certificate is (?:valid for (?<valid>[^\n]{1,300}), not|not valid for any names, but wanted to match) (?<wanted>[\w.*-]*\w)|cannot validate certificate for (?<address>\S{1,253}) because it doesn't contain any IP SANs|certificate relies on legacy Common Name field)/,
    'crypto/x509',
  ]),
  'certificate-verify-failed': speaker('OpenSSL and Envoy')('A certificate was not accepted.', [
    /CERTIFICATE_VERIFY_FAILED|SSLHandshakeException|SSLV3_ALERT_CERTIFICATE_\w{1,20}|remote error: tls: (?<alert>(?:bad|expired|unknown) certificate(?: authority)?)/,
    'ssl',
  ]),
  'csr-not-approved': speaker('kubelet')('The kubelet waits for a certificate that nobody has signed.', [
    /certificate request was not signed: (?<cause>[^\n]{1,120})|no serving certificate available for the kubelet|tls: internal error/,
    'pkg/kubelet/certificate',
  ]),
} satisfies Record<string, Message>
