import { describe, expect, it } from 'vitest'
import { podWith, redactList, redactText } from './redactor.ts'

/** Lines as Kubernetes, its controllers and their clients write them: causes are read from each word. */
const LINES = String.raw`
Successfully pulled image "ghcr.io/external-secrets/external-secrets:v0.9.11" in 2.1s (2.1s including waiting)
Failed to pull image "docker.io/myco/token-service:1.4.2": rpc error: code = NotFound desc = failed to pull and unpack image
Back-off pulling image "registry.k8s.io/secrets-store-csi-driver:v1.3.4"
Failed to pull image "quay.io/bitnami/sealed-secrets:0.24.0"
Failed to pull image "hashicorp/vault-secrets-operator:0.4.0"
MountVolume.SetUp failed for volume "creds" : references non-existent secret key: application.properties
MountVolume.SetUp failed for volume "tls" : references non-existent secret key: tls-bundle.crt
Error: couldn't find key PASSWORD in Secret default/db
User: arn:aws:sts::123456789012:assumed-role/es/1 is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf because no identity-based policy allows the secretsmanager:GetSecretValue action
error getting ECR authorization token: AccessDeniedException: User: arn:aws:sts::1:assumed-role/x is not authorized to perform: ecr:GetAuthorizationToken on resource: *
failed to refresh credentials: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity
could not find credentials: EC2RoleRequestError: no EC2 instance role found
InvalidIdentityToken: No OpenIDConnect provider found in your account for https://oidc.eks.eu-west-1.amazonaws.com/id/ABC
InvalidIdentityToken: Couldn't retrieve verification key from your identity provider
ExpiredTokenException: The security token included in the request is expired
ExpiredToken: Token expired at 12:00
secrets "db" is forbidden: User "system:serviceaccount:external-secrets:external-secrets" cannot get resource "secrets" in API group "" in the namespace "shop"
configmaps is forbidden: User "system:serviceaccount:token-service:default" cannot list resource
E0131 08:00:00.000000 1 reflector.go:150] k8s.io/client-go: Failed to watch *v1.Secret: failed to list *v1.Secret: secrets is forbidden: User "x"
I0131 08:00:00.000000 1 kubelet_pods.go:980] "Unable to retrieve pull secret, the image pull may not succeed." pod="default/web-1" secret="default/regcred" err="secret \"regcred\" not found"
"msg"="Certificate must be re-issued" "key"="default/web" "secret"="web-tls" "reason"="DoesNotExist"
{"level":"error","msg":"could not get secret","secret":"shop/db-credentials","error":"not found"}
{"level":"info","msg":"done","prompt_tokens":1834,"completion_tokens":221,"total_tokens":2055,"finish":"stop"}
{"level":"info","max_tokens":4096,"model":"x"}
max_tokens=4096 tokens=128
Tests: pass=120 fail=3
Basic authentication is required
401 Unauthorized: Basic authentication failed for registry
no basic auth credentials
x509: invalid basic constraints
Get "http://secret-manager:8080/healthz": dial tcp 10.0.0.1:8080: connect: connection refused
dial tcp: lookup token-service: no such host
upstream connect error for http://auth-token:9090/verify
lookup vault-token.vault.svc: no such host
token-service: connection refused
waiting for secret-operator:8443
Error: secret "db-password" not found
MountVolume.SetUp failed for volume "db-secret" : secret "db-secret" not found
MountVolume.SetUp failed for volume "db-credentials" : failed to sync secret cache: timed out waiting for the condition
MountVolume.SetUp failed for volume "app-token" : references non-existent secret key: application.properties
MountVolume.SetUp failed for volume "token-vol" : object "shop"/"db-secret" not registered
AttachVolume.Attach failed for volume "db-token" : timed out waiting for external-attacher
secret: "db-password" not found
failed to sync secret cache: timed out waiting for the condition
cookie: unknown session
signature: RSA-SHA256 mismatch
Authorization: missing
rbac.authorization.k8s.io: forbidden
error validating token: jwt: expired at 2024
invalid bearer token, Token has expired
fetching bearer authentication
Unable to authenticate the request: [invalid bearer token, service account token has expired]
  at com.acme.TokenService.refresh(TokenService.java:42)
  at com.acme.auth.Token.verify(Token.java:12)
java.lang.IllegalStateException: Token: NullPointerException
Caused by: org.springframework.security.authentication.BadCredentialsException: Bad credentials
BadCredentialsException: Bad credentials
CredentialsException: AccessDenied
com.amazonaws.SdkClientException: Unable to load AWS credentials from any provider: EnvironmentVariableCredentialsProvider: Unable to load
javax.security.auth.login.LoginException: Password=wrong
panic: token.go:42 +0x1f
/src/pkg/token/token.go:42 +0x1f
secrets.go:88] reconcile failed
pkg/secret:42 failed
file "/app/auth/token.py", line 42, in get_token
token.py:42: DeprecationWarning
password.rb:12:in 'check'
E0131 08:00:00.000000       1 token_manager.go:121] "Couldn't update token" err="..."
controllers.SecretStore: reconcile failed
ssh-key-manager: ok
component=token-controller level=info
http: TLS handshake error from 10.0.0.1:4: remote error: tls: bad certificate
nginx: [emerg] cannot load certificate key "/etc/tls/tls.key": PEM_read_bio_PrivateKey() failed
tls.key: no such file or directory
open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory
/var/run/secrets/eks.amazonaws.com/serviceaccount/token: permission denied
pod/token-refresher-7d4b9c6f5-x2x7z: CrashLoopBackOff
deployment=secret-rotator replicas=3
pods "secret-rotator-7d4b9c6f5-x2x7z" not found
kubernetes.io/service-account-token: invalid
volume kube-api-access-abc: failed to fetch token: Post "https://10.96.0.1/api": dial tcp
failed to fetch token: pod "web-1" not found
failed to fetch token: Internal error occurred
token=expired
password=null
Access token: <nil>
csi.storage.k8s.io/node-stage-secret-name=x
secretName=db-creds
passwordSecretRef: db
imagePullSecrets: [regcred]
imagePullSecrets: regcred
sessionid: unknown
user-data: 12 scripts executed
cloud-init: user-data: fetched 1200 bytes
docker: Error response from daemon
wrong password: FATAL
FATAL: password authentication failed for user "app" (SQLSTATE 28P01)
redis: NOAUTH Authentication required.
ERR AUTH <password> called without any password configured
credential: Access denied (HTTP 403)
credentials: AccessDenied
unauthorized: authentication required, Token endpoint
WWW-Authenticate: Bearer realm="https://auth.docker.io/token",service="registry.docker.io"
tls: private key does not match public key
Failed to load private key: ENOENT
Private key: invalid
private key: permission-denied
access key: InvalidAccessKeyId
salt: master not found
dsn: invalid
sas: error
level=error ts=2024 caller=token.go:12 component=secrets-manager:reconcile
namespace=secrets pod=x
tokens/s: 1200.5
num_secrets=12 secrets=12
secrets: 12 loaded
signature=RS256
authorization=Webhook
--authorization-mode=Node,RBAC --client-ca-file=/x
FLAG: --authorization-mode="Webhook"
FLAG: --token-auth-file=""
"auth-token":"simple"
cookies=3
authorization_duration_seconds=0.2
password_policy=strict
secret-lease-duration: 3600
Warning: password: please rotate
password: authentication failed
password: User not found
token: Forbidden
token: NotAuthorizedException
error: token: 403 Forbidden
oauth2: "invalid_grant" "token expired"
oauth2: cannot fetch token: 401 Unauthorized
oauth2: cannot fetch token: 503 Service Unavailable
unable to get token: EOF
fetch token: i/o timeout
getting credentials: exec: executable aws failed with exit code 255
getting credentials: exec: executable aws not found
error retrieving secret: StatusCode=403
azure.BearerAuthorizer#WithAuthorization: Failed to refresh the Token for request
Failed to get secret: ResourceNotFoundException: Secrets Manager can't find the specified secret.
Error fetching secret: NoSuchKey: x
`
  .trim()
  .split('\n')

/** Objects of Kubernetes and of well-known controllers, in which nothing is a secret. */
const OBJECTS: readonly (readonly [resource: string, object: unknown])[] = [
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', image: 'ghcr.io/external-secrets/external-secrets:v0.9.11' }] },
      status: {},
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'x', image: 'myco/token-service:1.4.2' }] },
      status: {
        containerStatuses: [
          {
            image: 'myco/token-service:1.4.2',
            imageID: 'myco/token-service@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
          },
        ],
      },
    },
  ],
  [
    'nodes',
    {
      status: {
        images: [
          {
            names: [
              'ghcr.io/external-secrets/external-secrets:v0.9.11',
              'ghcr.io/a@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
            ],
          },
        ],
      },
    },
  ],
  [
    'externalsecrets.external-secrets.io',
    {
      spec: {
        secretStoreRef: { name: 'vault', kind: 'SecretStore' },
        target: { name: 'db-secret', creationPolicy: 'Owner' },
        data: [{ secretKey: 'password', remoteRef: { key: 'prod/db', property: 'pw' } }],
        dataFrom: [{ extract: { key: 'prod/db' } }],
        refreshInterval: '1h',
      },
      status: {
        conditions: [
          {
            type: 'Ready',
            status: 'False',
            reason: 'SecretSyncedError',
            message: 'could not get secret data from provider',
          },
        ],
        binding: { name: 'db' },
      },
    },
  ],
  [
    'secretstores',
    {
      spec: {
        provider: {
          vault: {
            server: 'https://vault:8200',
            path: 'secret',
            version: 'v2',
            auth: {
              kubernetes: { mountPath: 'kubernetes', role: 'r', serviceAccountRef: { name: 'x' } },
              tokenSecretRef: { name: 't', key: 'token' },
            },
          },
          aws: { service: 'SecretsManager', region: 'eu-west-1', auth: { jwt: { serviceAccountRef: { name: 'x' } } } },
        },
      },
    },
  ],
  [
    'certificates',
    {
      spec: {
        secretName: 'tls',
        privateKey: { algorithm: 'RSA', encoding: 'PKCS1', size: 2048, rotationPolicy: 'Never' },
        secretTemplate: {
          labels: { app: 'x' },
          annotations: { 'reflector.v1.k8s.emberstack.com/reflection-allowed': 'true' },
        },
        issuerRef: { name: 'le', kind: 'ClusterIssuer' },
        usages: ['digital signature', 'key encipherment'],
        signatureAlgorithm: 'SHA256WithRSA',
      },
    },
  ],
  [
    'clusterissuers',
    {
      spec: {
        acme: {
          privateKeySecretRef: { name: 'le-key' },
          server: 'https://acme-v02.api.letsencrypt.org/directory',
          solvers: [{ dns01: { cloudflare: { apiTokenSecretRef: { name: 'cf', key: 'api-token' } } } }],
        },
      },
    },
  ],
  [
    'ec2nodeclasses',
    {
      spec: {
        amiFamily: 'AL2023',
        metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
        role: 'KarpenterNodeRole',
      },
    },
  ],
  [
    'servicemonitors',
    {
      spec: {
        endpoints: [
          {
            port: 'web',
            bearerTokenSecret: { name: 'tok', key: 'bearer' },
            basicAuth: { username: { name: 'u', key: 'user' }, password: { name: 'p', key: 'pass' } },
            bearerTokenFile: '/x',
          },
        ],
      },
    },
  ],
  [
    'alertmanagerconfigs',
    {
      spec: {
        receivers: [
          {
            slackConfigs: [{ apiURL: { name: 'slack', key: 'url' } }],
            pagerdutyConfigs: [{ routingKey: { name: 'pd', key: 'k' }, serviceKey: { name: 'pd', key: 'k' } }],
          },
        ],
      },
    },
  ],
  [
    'secretproviderclasses',
    {
      spec: {
        provider: 'aws',
        parameters: {
          objects:
            '- objectName: "arn:aws:secretsmanager:eu-west-1:1:secret:prod-AbCdEf"\n  objectType: secretsmanager\n',
        },
        secretObjects: [{ secretName: 'db', type: 'Opaque', data: [{ objectName: 'prod', key: 'password' }] }],
      },
    },
  ],
  ['leases', { metadata: { name: 'x' }, spec: { holderIdentity: 'ip-10-0-1-2.ec2.internal_8f3c1f9a-1f2b' } }],
  [
    'endpoints',
    {
      metadata: {
        name: 'a',
        namespace: 'b',
        annotations: {
          'control-plane.alpha.kubernetes.io/leader':
            '{"holderIdentity":"ip-10-0-1-2_8f3c1f9a-1f2b-4c","leaseDurationSeconds":15,"acquireTime":"2024-01-01T00:00:00Z","renewTime":"2024-01-01T00:00:10Z","leaderTransitions":3}',
        },
      },
      spec: { containers: [{ name: 'x' }] },
      status: {},
    },
  ],
  [
    'nodes',
    {
      metadata: {
        name: 'a',
        namespace: 'b',
        annotations: {
          'csi.volume.kubernetes.io/nodeid':
            '{"ebs.csi.aws.com":"i-0123456789abcdef0","efs.csi.aws.com":"i-0123456789abcdef0"}',
        },
      },
      spec: { containers: [{ name: 'x' }] },
      status: {},
    },
  ],
  [
    'services',
    {
      metadata: {
        name: 'a',
        namespace: 'b',
        annotations: {
          'service.beta.kubernetes.io/aws-load-balancer-subnets': 'subnet-0123456789abcdef0,subnet-0fedcba9876543210',
          'service.beta.kubernetes.io/aws-load-balancer-type': 'external',
          'service.beta.kubernetes.io/aws-load-balancer-security-groups': 'sg-0123456789abcdef0',
          'alb.ingress.kubernetes.io/group.name': 'shop',
          'alb.ingress.kubernetes.io/listen-ports': '[{"HTTP": 80}, {"HTTPS":443}]',
          'alb.ingress.kubernetes.io/healthcheck-path': '/healthz',
          'alb.ingress.kubernetes.io/target-group-attributes': 'deregistration_delay.timeout_seconds=30',
          'alb.ingress.kubernetes.io/success-codes': '200-399',
        },
      },
      spec: { containers: [{ name: 'x' }] },
      status: {},
    },
  ],
  [
    'pods',
    {
      metadata: {
        name: 'a',
        namespace: 'b',
        annotations: {
          'cni.projectcalico.org/containerID': '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
          'cni.projectcalico.org/podIP': '10.0.0.1/32',
          'kubernetes.io/config.hash': '9f86d081884c7d659a2feaa0c55ad015',
          'kubernetes.io/config.source': 'file',
          'kubernetes.io/config.seen': '2024-01-01T00:00:00.123456789Z',
          'vpc.amazonaws.com/pod-eni':
            '[{"eniId":"eni-0123456789abcdef0","ifAddress":"02:11:22:33:44:55","privateIp":"10.0.0.1","vlanId":1}]',
          'k8s.v1.cni.cncf.io/network-status':
            '[{"name":"","interface":"eth0","ips":["10.0.0.1"],"mac":"0a:58:0a:00:00:01","default":true}]',
        },
      },
      spec: { containers: [{ name: 'x' }] },
      status: {},
    },
  ],
  [
    'ingresses',
    {
      metadata: {
        name: 'a',
        namespace: 'b',
        annotations: {
          'nginx.ingress.kubernetes.io/auth-secret': 'basic-auth',
          'nginx.ingress.kubernetes.io/auth-tls-secret': 'shop/ca',
          'nginx.ingress.kubernetes.io/proxy-body-size': '8m',
          'nginx.ingress.kubernetes.io/rewrite-target': '/$1',
          'nginx.ingress.kubernetes.io/auth-url': 'http://$host/oauth2/auth',
          'cert-manager.io/cluster-issuer': 'letsencrypt-prod',
        },
      },
      spec: { containers: [{ name: 'x' }] },
      status: {},
    },
  ],
  [
    'deployments',
    {
      metadata: {
        name: 'a',
        namespace: 'b',
        annotations: {
          'reloader.stakater.com/auto': 'true',
          'secret.reloader.stakater.com/reload': 'db-creds',
          'sidecar.istio.io/inject': 'true',
          'sidecar.istio.io/proxyCPU': '100m',
          'prometheus.io/path': '/metrics',
          'linkerd.io/inject': 'enabled',
          'vault.hashicorp.com/role': 'shop',
          'iam.amazonaws.com/role': 'shop',
          'deployment.kubernetes.io/revision': '3',
          'kubernetes.io/change-cause': 'kubectl set image deployment/web web=web:v2',
          'meta.helm.sh/release-name': 'web',
          'meta.helm.sh/release-namespace': 'shop',
          'field.cattle.io/publicEndpoints': '[{"port":80,"hostname":"a.b.c"}]',
          'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
          'rollout.argoproj.io/revision': '3',
          'fluxcd.io/automated': 'true',
          'autoscaling.alpha.kubernetes.io/conditions':
            '[{"type":"AbleToScale","status":"True","reason":"ReadyForNewScale","message":"recommended size matches current size"},{"type":"ScalingActive","status":"False","reason":"FailedGetResourceMetric","message":"the HPA was unable to compute the replica count: failed to get cpu utilization"}]',
          'autoscaling.alpha.kubernetes.io/current-metrics':
            '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":93}}]',
          'batch.kubernetes.io/job-tracking': '',
          'batch.kubernetes.io/cronjob-scheduled-timestamp': '2024-01-01T00:00:00Z',
          'volume.kubernetes.io/selected-node': 'ip-10-0-1-2.eu-west-1.compute.internal',
          'pv.kubernetes.io/provisioned-by': 'ebs.csi.aws.com',
          'volume.beta.kubernetes.io/storage-provisioner': 'ebs.csi.aws.com',
          'karpenter.sh/nodepool-hash': '12345678901234567890',
          'karpenter.sh/do-not-disrupt': 'true',
          'karpenter.k8s.aws/ec2nodeclass-hash-version': 'v4',
          'node.alpha.kubernetes.io/ttl': '0',
          'alpha.kubernetes.io/provided-node-ip': '10.0.0.1',
          'kubectl.kubernetes.io/default-container': 'web',
          'kubectl.kubernetes.io/restartedAt': '2024-01-01T00:00:00+01:00',
          'endpoints.kubernetes.io/last-change-trigger-time': '2024-01-01T00:00:00Z',
          'scheduler.alpha.kubernetes.io/critical-pod': '',
          'descheduler.alpha.kubernetes.io/evict': 'true',
          'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default',
          'container.apparmor.security.beta.kubernetes.io/web': 'localhost/k8s-web',
          'cluster.x-k8s.io/machine': 'shop-md-0-abc12',
        },
      },
      spec: { containers: [{ name: 'x' }] },
      status: {},
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: {
        containers: [
          {
            name: 'x',
            env: [
              { name: 'JAVA_OPTS', value: '-Xmx512m -Xms256M -Xss512k -XX:+UseG1GC' },
              { name: 'JAVA_TOOL_OPTIONS', value: '-XX:MaxRAMPercentage=75' },
              { name: 'NODE_OPTIONS', value: '--max-old-space-size=4096' },
              { name: 'DB_HOST', value: 'postgres' },
              { name: 'REDIS_HOST', value: 'redis-master' },
              { name: 'GOGC', value: 'off' },
              { name: 'GOMEMLIMIT', value: '512MiB' },
              { name: 'ENI', value: 'subnet-0123456789abcdef0' },
              { name: 'AWS_REGION', value: 'eu-west-1' },
              { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::123456789012:role/shop' },
              { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token' },
              { name: 'AWS_STS_REGIONAL_ENDPOINTS', value: 'regional' },
              { name: 'WARM_IP_TARGET', value: '5' },
              { name: 'AWS_VPC_K8S_CNI_LOGLEVEL', value: 'DEBUG' },
              { name: 'AWS_VPC_K8S_CNI_EXTERNALSNAT', value: 'false' },
              { name: 'ENABLE_PREFIX_DELEGATION', value: 'true' },
              { name: 'CLUSTER_NAME', value: 'shop-prod' },
              { name: 'VPC_ID', value: 'vpc-0123456789abcdef0' },
              { name: 'SPRING_PROFILES_ACTIVE', value: 'prod,aws' },
              { name: 'KAFKA_BROKERS', value: 'kafka-0:9092,kafka-1:9092' },
              { name: 'JDBC', value: 'jdbc:postgresql://db:5432/shop' },
              { name: 'LANG', value: 'en_US.UTF-8' },
              { name: 'MODE', value: 'worker' },
              { name: 'NAMESPACE', value: 'shop' },
              { name: 'ADDITIONAL_ENI_TAGS', value: '{}' },
              { name: 'ANNOTATE_POD_IP', value: 'false' },
              { name: 'POD_SECURITY_GROUP_ENFORCING_MODE', value: 'strict' },
              { name: 'AWS_VPC_CNI_NODE_PORT_SUPPORT', value: 'true' },
              { name: 'IMAGE', value: 'web:v1.2.3' },
              { name: 'IMG2', value: 'registry.example.com/a/web:v1.2.3' },
              { name: 'HTTP_PROXY', value: 'http://proxy:3128' },
              { name: 'NO_PROXY', value: '.svc,.cluster.local,10.0.0.0/8,localhost,127.0.0.1' },
              { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://otel-collector.obs:4317' },
            ],
          },
        ],
      },
      status: {},
    },
  ],
  [
    'pods',
    {
      metadata: { name: 'a', namespace: 'b' },
      spec: {
        containers: [
          {
            name: 'x',
            command: ['kube-apiserver'],
            args: [
              '--etcd-servers=https://127.0.0.1:2379',
              '--authorization-mode=Node,RBAC',
              '--service-account-signing-key-file=/etc/kubernetes/pki/sa.key',
              '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
              '--tls-private-key-file=/etc/tls.key',
              '--encryption-provider-config=/x',
              '--service-cluster-ip-range=10.96.0.0/12',
              '--enable-bootstrap-token-auth=true',
              '--leader-elect-resource-name=x',
              '--image=web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
              '--node-name=ip-10-0-1-2.ec2.internal',
              '--token-ttl=1h',
              '--tls-cipher-suites=TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
              '--v=2',
              '--aws-vpc-id=vpc-0123456789abcdef0',
              '--feature-gates=RotateKubeletServerCertificate=true',
              '--pod-infra=registry.k8s.io/pause:3.9',
              '-Xmx4g',
              '--max-tokens=4096',
              '--auth-token=simple',
              '--cookie-secure=true',
              '--cookie-name=_oauth2_proxy',
              '--cookie-samesite=lax',
              '--cookie-domain=.example.com',
              '--pass-access-token=true',
              '--set-authorization-header=true',
              '--skip-auth-regex=^/health',
              '--acme-http01-solver-image=quay.io/jetstack/cert-manager-acmesolver:v1.12.0',
              '--metric-labels-allowlist=pods=[*]',
              '--enable-leader-election',
              '--bind-address=0.0.0.0:8443',
              '--secret-name=tls',
              '--default-ssl-certificate=ingress/tls',
              '--publish-service=$(POD_NAMESPACE)/ingress-nginx-controller',
              '--election-id=ingress-nginx-leader',
              '--controller-class=k8s.io/ingress-nginx',
            ],
          },
        ],
      },
      status: {},
    },
  ],
  [
    'pods',
    {
      spec: {
        volumes: [
          {
            name: 'kube-api-access-x',
            projected: {
              sources: [
                { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
                { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
                { secret: { name: 's', items: [{ key: 'a', path: 'b' }] } },
              ],
            },
          },
          { secret: { secretName: 'x', items: [{ key: 'k', path: 'p' }], defaultMode: 420 } },
          {
            csi: {
              driver: 'secrets-store.csi.k8s.io',
              volumeAttributes: { secretProviderClass: 'shop-db' },
              nodePublishSecretRef: { name: 'x' },
            },
          },
        ],
        imagePullSecrets: [{ name: 'regcred' }],
      },
    },
  ],
  [
    'storageclasses',
    {
      parameters: {
        'csi.storage.k8s.io/provisioner-secret-name': 'a',
        'csi.storage.k8s.io/node-stage-secret-namespace': 'b',
        type: 'gp3',
        encrypted: 'true',
        kmsKeyId: 'arn:aws:kms:eu-west-1:1:key/9f86d081-884c-7d65-9a2f-eaa0c55ad015',
        'csi.storage.k8s.io/fstype': 'ext4',
      },
    },
  ],
  [
    'requestauthentications',
    {
      spec: {
        jwtRules: [
          {
            issuer: 'https://x.example.com',
            jwksUri: 'https://x/jwks',
            forwardOriginalToken: true,
            outputPayloadToHeader: 'x-jwt',
            fromHeaders: [{ name: 'Authorization', prefix: 'Bearer ' }],
          },
        ],
      },
    },
  ],
  [
    'gateways',
    { spec: { servers: [{ tls: { mode: 'SIMPLE', credentialName: 'web-tls' }, hosts: ['a.example.com'] }] } },
  ],
  [
    'serviceaccounts',
    {
      metadata: {
        name: 'x',
        annotations: {
          'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/x',
          'eks.amazonaws.com/token-expiration': '86400',
        },
      },
      secrets: [{ name: 'x-token-abc' }],
      imagePullSecrets: [{ name: 'regcred' }],
    },
  ],
  [
    'events',
    {
      reason: 'FailedMount',
      message:
        'MountVolume.SetUp failed for volume "creds" : references non-existent secret key: application.properties',
    },
  ],
  [
    'events',
    {
      reason: 'Pulled',
      message: 'Container image "ghcr.io/external-secrets/external-secrets:v0.9.11" already present on machine',
    },
  ],
  [
    'externalsecrets',
    {
      status: {
        conditions: [
          {
            message:
              'error processing spec.data[0] (key: prod/db), err: AccessDeniedException: User: arn:aws:sts::1:assumed-role/es/x is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbCdEf',
          },
        ],
      },
    },
  ],
  [
    'scaledobjects',
    {
      spec: {
        triggers: [
          {
            type: 'kafka',
            metadata: { bootstrapServers: 'kafka:9092', consumerGroup: 'x', topic: 't', lagThreshold: '5' },
            authenticationRef: { name: 'k' },
          },
        ],
      },
    },
  ],
  [
    'triggerauthentications',
    {
      spec: {
        secretTargetRef: [{ parameter: 'password', name: 'k', key: 'password' }],
        podIdentity: { provider: 'aws' },
      },
    },
  ],
  [
    'kafkausers',
    {
      spec: {
        authentication: { type: 'scram-sha-512', password: { valueFrom: { secretKeyRef: { name: 'x', key: 'y' } } } },
      },
    },
  ],
  [
    'clusters',
    {
      spec: {
        superuserSecret: { name: 'x' },
        bootstrap: { initdb: { secret: { name: 'y' } } },
        backup: {
          barmanObjectStore: {
            s3Credentials: {
              accessKeyId: { name: 'a', key: 'ACCESS_KEY_ID' },
              secretAccessKey: { name: 'a', key: 'SECRET' },
            },
          },
        },
      },
    },
  ],
  [
    'buckets',
    {
      spec: { writeConnectionSecretToRef: { name: 'x', namespace: 'y' }, providerConfigRef: { name: 'd' } },
      status: {
        conditions: [{ message: 'cannot get credentials: cannot get credentials secret: Secret "aws" not found' }],
      },
    },
  ],
  [
    'virtualservices',
    {
      spec: {
        hosts: ['token-service'],
        http: [{ route: [{ destination: { host: 'token-service.shop.svc.cluster.local', port: { number: 80 } } }] }],
      },
    },
  ],
  [
    'clusterroles',
    {
      rules: [
        {
          apiGroups: ['authorization.k8s.io'],
          resources: ['subjectaccessreviews', 'serviceaccounts/token', 'secrets'],
          verbs: ['create'],
        },
      ],
    },
  ],
  [
    'certificatesigningrequests',
    { spec: { request: 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K', usages: ['digital signature'] } },
  ],
  ['prioritylevelconfigurations', { spec: { limited: { limitResponse: { type: 'Queue', queuing: { queues: 64 } } } } }],
  [
    'deployments',
    {
      spec: {
        selector: { matchLabels: { 'pod-template-hash': '7d4b9c6f5' } },
        template: { metadata: { labels: { token: 'x' } } },
      },
    },
  ],
]

describe('what causes are read from comes out as it went in', () => {
  it.each(LINES)('in a log: %s', (line) => expect(redactText(`${line}\n`, { type: 'log' }).text).toBe(`${line}\n`))

  it.each(LINES)('in an event: %s', (message) => {
    const event = { reason: 'Failed', message }
    expect(redactList('events', [event]).items).toEqual([event])
  })

  it.each(OBJECTS)('in %s: %j', (resource, object) => expect(redactList(resource, [object]).items).toEqual([object]))

  it('in a string of which something else is replaced: every escape stays as it was written', () => {
    const message = String.raw`a\u003cb\u0026\/\u00e9 \"password=hunter2\" \u003e\t`
    const list = `{"items":[{"message":"${message}"}]}`
    const { text } = redactText(list, { type: 'list', group: '', resource: 'events' })
    expect(text.replace(/<redacted:key:[0-9a-f]{16}>/, 'hunter2')).toBe(list)
    expect(text).not.toBe(list)
  })

  it('in a page whose arguments and annotations hold 50,000 pairs each', () => {
    const pod = podWith({ args: ['a='.repeat(50_000)] }, { annotations: { 'kubernetes.io/a': 'a='.repeat(50_000) } })
    expect(redactList('pods', [pod, podWith({})]).items).toEqual([pod, podWith({})])
  })
})
