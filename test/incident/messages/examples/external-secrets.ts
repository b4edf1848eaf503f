import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  ['secret-store-not-ready', 'SecretSyncedError', 'ClusterSecretStore "aws" is not ready', { store: 'aws' }],
  ['external-secret-not-refreshed', 'UpdateFailed', 'could not get secret data from provider', {}],
  ['external-secret-missing', 'SecretSyncedError', 'Secret does not exist', {}],
  [
    'external-secret-missing',
    'UpdateFailed',
    "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    {},
  ],
  [
    'secret-provider-mount-failed',
    'FailedMount',
    'MountVolume.SetUp failed for volume "secrets" : rpc error: code = Unknown desc = failed to mount secrets store objects for pod shop/web-0, err: rpc error',
    { pod: 'shop/web-0' },
  ],
  ['vault-sealed', '', 'Code: 503. Errors: * Vault is sealed', {}],
]
