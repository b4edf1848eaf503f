import {
  groupVersion,
  type LedgerStatus,
  listPagePath,
  resourceName,
  type Scope,
  type ServedResource,
} from '../src/bundle/format.ts'
import type { Close, CollectContext, Evidence } from '../src/collector.ts'
import { KubeError } from '../src/sources/kube/client.ts'
import type { Discovery } from '../src/sources/kube/discovery.ts'
import { type ListPage, listPages } from '../src/sources/kube/list.ts'
import { ledgerStatus } from '../src/sources/kube/status.ts'
import { inTurn } from './in-turn.ts'
import { obtainedBy } from './obtained.ts'

/** The part of a resource that a list needs. */
export type Listed = Pick<ServedResource, 'group' | 'version' | 'resource' | 'namespaced'>

/**
 * Lists a resource, in each namespace asked for or cluster-wide, into raw pages; each list is a scope of its own, so that one that is
 * denied costs only itself.
 */
export function listResource(context: CollectContext, resource: Listed): AsyncGenerator<Evidence | Close> {
  const namespaces = resource.namespaced ? context.settings.namespaces : undefined
  return inTurn(
    (namespaces ?? [undefined]).map((namespace) => ({
      scope: listScope(resource, namespace),
      collect: () => listOne(context, resource, namespace),
    })),
  )
}

/** Lists a resource in one namespace (undefined: all of them), or what a field selector leaves of it. */
export async function* listOne(
  context: CollectContext,
  resource: Listed,
  namespace: string | undefined,
  selector?: string,
): AsyncGenerator<Evidence | Close> {
  const scope = listScope(resource, namespace, selector)
  let objects = false
  let restarted: string | undefined
  try {
    const list = {
      path: listPath(resource, namespace),
      ...(selector === undefined ? {} : { query: { fieldSelector: selector } }),
      limit: context.settings.pageSize,
      signal: context.signal,
    }
    for await (const page of listPages(context.kube, list)) {
      objects ||= !page.empty
      restarted ??= page.restarted
      yield describePage(scope, listPagePath(resource, namespace, page.number, selector), resource, page)
    }
    yield { type: 'close', scope, status: objects ? 'complete' : 'empty', ...(restarted ? { reason: restarted } : {}) }
  } catch (error) {
    if (!(error instanceof KubeError)) throw error
    const status = objects ? 'partial' : await listFailure(context, resource, error)
    yield { type: 'close', scope, status, reason: error.message }
  }
}

/**
 * What became of a list, or a watch, that failed. A 404 means that a resource is not served only where discovery does not name it either:
 * a proxy in front, or an API server that is still starting, answers it to everything.
 */
export async function listFailure(context: CollectContext, resource: Listed, error: unknown): Promise<LedgerStatus> {
  const status = ledgerStatus(error)
  if (!(error instanceof KubeError) || error.status !== 404) return status
  const discovery = await context.discovery.catch(() => undefined)
  return discovery && !mayServe(discovery, resource) ? status : 'failed'
}

function mayServe({ resources, stale }: Discovery, resource: Listed): boolean {
  const version = groupVersion(resource)
  return (
    stale.some((one) => one.groupVersion === version) ||
    resources.some(
      (one) =>
        one.resource === resource.resource && (groupVersion(one) === version || one.alsoServedAs.includes(version)),
    )
  )
}

/** What the ledger says a list is about. */
export function listScope(resource: Listed, namespace: string | undefined, selector?: string): Scope {
  return {
    resource: resourceName(resource),
    ...(namespace === undefined ? {} : { namespace }),
    ...(selector === undefined ? {} : { selector }),
  }
}

/** `/api/v1/namespaces/shop/pods`, `/apis/apps/v1/deployments`. */
export function listPath(resource: Listed, namespace: string | undefined): string {
  const root = resource.group === '' ? '/api' : '/apis'
  const place = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  return `${root}/${groupVersion(resource)}${place}/${resource.resource}`
}

function describePage(scope: Scope, path: string, resource: Listed, page: ListPage): Evidence {
  return {
    type: 'evidence',
    scope,
    path,
    body: page.body,
    content: { type: 'list', group: resource.group, resource: resource.resource },
    obtained: obtainedBy(page.request, page),
  }
}
