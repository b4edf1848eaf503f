import { type Message, speaker } from './message.ts'

const says = speaker('argo-cd')

/** What Argo CD, and other appliers of what is written elsewhere, say. */
export const argoCd = {
  'apply-conflict': speaker('kube-apiserver')('Two managers want to set the same field.', [
    /Apply failed with (?<count>\d+) conflicts?: conflicts? with "(?<manager>[^"]{1,253})"(?: with subresource "(?<subresource>[^"]{1,40})")?(?: using (?<version>[\w./]{1,120}))?:? ?(?<field>\.[\w.[\]="{}:/-]{1,300})?/,
    'staging/src/k8s.io/apimachinery/pkg/util/managedfields',
  ]),
  'argo-sync-failed': says('A sync did not apply everything.', [
    /one or more (?:objects failed to apply|synchronization tasks (?:completed unsuccessfully|are not valid))(?:[,.:] ?(?:reason: )?(?<cause>[^\n]{1,600}))?|ComparisonError|Sync operation to (?<revision>\w{1,64}) failed/,
    'gitops-engine pkg/sync/sync_context.go',
  ]),
  'argo-synced': says('A sync applied everything.', [
    /successfully synced \((?:all tasks run|no more tasks)\)|Sync operation to (?<revision>\w{1,64}) succeeded|Partial sync operation to (?<partial>\w{1,64}) succeeded/,
    'gitops-engine pkg/sync/sync_context.go',
  ]),
  'argo-sync-started': says('A sync began.', [
    /(?:Initiated (?:(?<automated>automated) )?sync to|Initiated partial sync to) '?(?<revision>[\w./-]{1,200})/,
    'controller/appcontroller.go',
  ]),
  'argo-status-changed': says('An application changed its state.', [
    /Updated (?<what>sync|health) status: (?<from>\w{0,20}) ?-> (?<to>\w{1,20})/,
    'controller/appcontroller.go',
  ]),
  'argo-manifests-failed': says('The wanted state could not be read from where it is written.', [
    /[Ff]ailed to (?:generate manifest|load (?:initial|target) state|get git client for repo)(?:[^\n:]{0,200}): (?<cause>[^\n]{1,400})/,
    'reposerver/repository/repository.go',
  ]),
  'removed-api-used': speaker('kubectl and helm')(
    'A manifest uses a version of a kind that the API server does not serve.',
    [
      /no matches for kind "(?<kind>[^"]{1,120})" in version "(?<version>[^"]{1,160})"/,
      'staging/src/k8s.io/apimachinery/pkg/api/meta/errors.go',
    ],
    [
      /unable to (?:build|recognize) (?:kubernetes objects from|"[^"]{1,300}":)(?<cause>[^\n]{1,300})/,
      'helm pkg/kube/client.go',
    ],
  ),
  'helm-upgrade-failed': speaker('helm')('A release was not installed or upgraded.', [
    /(?:UPGRADE FAILED|INSTALLATION FAILED): (?<cause>[^\n]{1,400})|another operation \(install\/upgrade\/rollback\) is in progress|Helm (?:upgrade|install|rollback) failed(?: for release \S{1,300}[^\n]{0,100}?)?: (?<failure>[^\n]{1,400})/,
    'cmd/helm',
  ]),
  'helm-release-locked': speaker('helm')('Another operation on the release has begun, and not ended.', [
    /(?:"HelmRelease":\{"name":"(?<object>[\w.-]{1,253})","namespace":"(?<namespace>[\w.-]{1,63})"\}[^\n]{0,600}?)?(?:for release (?<release>[\w./-]{1,253})[^\n]{0,120}?: )?another operation \(install\/upgrade\/rollback\) is in progress/,
    'pkg/action/action.go; before it, in a log, the object as controller-runtime names it',
  ]),
  'flux-reconcile-failed': speaker('flux')('A source or a release was not brought to its wanted state.', [
    /(?:[Rr]econciliation|[Hh]ealth check|dry-run|kustomize build) failed(?: after \S{1,20})?: (?<cause>[^\n]{1,400})|failed to checkout and determine revision: (?<source>[^\n]{1,300})/,
    'kustomize-controller',
  ]),
} satisfies Record<string, Message>
