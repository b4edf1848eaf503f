import { type Message, speaker } from './message.ts'

const says = speaker('external-secrets')

/** What those say that bring secrets from elsewhere. */
export const externalSecrets = {
  'secret-store-not-ready': says(
    'The store of secrets cannot be used: its credentials are refused, or it does not exist.',
    [
      /(?:ClusterSecretStore|SecretStore) "?(?<store>[\w.-]{1,253})"? (?:is not ready|not found)|(?:could not get ClusterSecretStore|could not get SecretStore|unable to create client|unable to validate store)(?:[^\n]{0,20}?"(?<named>[^"]{1,253})")?/,
      'pkg/controllers/secretstore',
    ],
  ),
  'external-secret-not-refreshed': says('A secret was not read from its store, so the old value stays.', [
    /could not get secret data from provider|error (?:processing|retrieving) (?:spec\.data\[\d+\]|secret)[^\n]{0,40}|could not update [Ss]ecret/,
    'pkg/controllers/externalsecret/externalsecret_controller.go',
  ]),
  'external-secret-missing': says('The store has no such secret, or no such property in it.', [
    /(?:^|: )Secret does not exist|Secrets Manager can't find the specified secret(?: value)?|key (?<key>\S{1,253}) does not exist in secret (?<secret>\S{1,253})|ResourceNotFoundException: Secrets Manager/,
    'providers/v1',
  ]),
  'secret-provider-mount-failed': speaker('secrets-store-csi-driver')('A secret was not mounted from its store.', [
    /failed to mount (?:secrets store )?objects for pod (?<pod>[\w./-]{1,320})|failed to get secretproviderclass (?<class>[\w./-]{1,320})|provider not found: provider "(?<provider>[^"]{1,100})"/,
    'pkg/secrets-store/nodeserver.go',
  ]),
  'vault-sealed': speaker('vault')(
    'Vault is sealed: it gives nothing to anybody until it is unsealed with its keys.',
    [/[Vv]ault is sealed/, 'http/handler.go'],
    [/^Seal Type[^\n]{1,80}\n(?:[^\n]{1,120}\n){0,6}Sealed {2,20}true\b/m, 'command/format.go'],
  ),
  'vault-login-refused': speaker('vault-agent')('Vault refuses a login.', [
    /error authenticating: error="?(?<cause>[^\n]{1,300})/,
    'internalshared/auth/auth.go',
  ]),
} satisfies Record<string, Message>
