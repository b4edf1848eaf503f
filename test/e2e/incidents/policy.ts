import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCertificate } from '../cluster/certificates.ts'
import { WORK_DIR } from '../cluster/cluster.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { applyObject } from './story.ts'

const PKI = join(WORK_DIR, 'pki')

/** Makes the certificate of the webhook `policy/policy-webhook`, as a Secret there. */
export async function certifyPolicy(): Promise<void> {
  await createCertificate(PKI, 'policy', '/CN=policy-webhook', 'DNS:policy-webhook.policy.svc')
  const [certificate, key] = ['policy.crt', 'policy.key'].map((name) => join(PKI, name))
  await kubectl(['create', 'namespace', 'policy'])
  await kubectl(['create', 'secret', 'tls', 'policy-webhook', '-n', 'policy', `--cert=${certificate}`, `--key=${key}`])
}

/** Lets every pod pass the webhook, and no answer be a no; those of the cluster and its own are made without it. */
export async function enforcePolicy(): Promise<void> {
  const caBundle = (await readFile(join(PKI, 'ca.crt'))).toString('base64')
  const exempt = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'policy'] }
  await applyObject({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'orchard-policy' },
    webhooks: [
      {
        name: 'pods.policy.orchard.example',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 5,
        namespaceSelector: { matchExpressions: [exempt] },
        clientConfig: {
          caBundle,
          service: { name: 'policy-webhook', namespace: 'policy', path: '/validate', port: 443 },
        },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
      },
    ],
  })
}
