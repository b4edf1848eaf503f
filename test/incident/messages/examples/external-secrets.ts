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
  [
    'vault-sealed',
    'Unhealthy',
    'Readiness probe failed: Key                Value\n---                -----\nSeal Type          shamir\nInitialized        true\nSealed             true\nTotal Shares       5',
    {},
  ],
  [
    'vault-login-refused',
    '',
    '[ERROR] agent.auth.handler: error authenticating: error="Error making API request. Code: 403"',
    { cause: 'Error making API request. Code: 403"' },
  ],
]
