import { badRequest } from './bad-query.ts'
import type { FieldTerm } from './fields.ts'
import { quote } from './quote.ts'

/** A field that a resource can be selected by. */
export interface SelectableField {
  /** As a field selector names it. */
  readonly path: string
  /** The members of an object that it is read from: the first that is not empty counts. An index that scans bytes needs no others. */
  readonly members: readonly string[]
  /** The value as the server compares it; what is missing or of a wrong type reads as the zero value of its type. */
  read(object: unknown): string
}

/** A resource, as far as its fields depend on it. */
export interface Resource {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespaced: boolean
}

/**
 * The fields that the API server can select a resource by (Kubernetes 1.34: pkg/apis/.../conversion.go says which, pkg/registry/.../strategy.go
 * how they are read); for a custom resource its name, its namespace and the `selectableFields` of its definition (`.spec.color`).
 */
export function selectableFields(resource: Resource, crdFields: readonly string[]): readonly SelectableField[] {
  const own = ownFields(resource)
  if (own !== undefined) return resource.namespaced ? [NAME, NAMESPACE, ...own] : [NAME, ...own]
  if (isBuiltIn(resource)) return [NAME, NAMESPACE]
  const custom = crdFields.map((jsonPath) => scalar(jsonPath.replace(/^\./, '')))
  return resource.namespaced ? [NAME, NAMESPACE, ...custom] : [NAME, ...custom]
}

/** Throws Refusal, with the server's words for this resource, if a term names a field that is none of these. */
export function checkFieldTerms(
  terms: readonly FieldTerm[],
  fields: readonly SelectableField[],
  resource: Resource,
): void {
  for (const { path } of terms) {
    if (!fields.some((field) => field.path === path)) throw badRequest(describeUnsupported(path, resource))
  }
}

function text(path: string, ...members: readonly string[]): SelectableField {
  return field(path, members, (value) => (typeof value === 'string' ? value : ''))
}

function flag(path: string): SelectableField {
  return field(path, [], (value) => String(value === true))
}

function count(path: string, ...members: readonly string[]): SelectableField {
  return field(path, members, (value) => (Number.isSafeInteger(value) ? String(value) : '0'))
}

/** A field of a custom resource: a string, an integer or a boolean, and empty where it is missing (apiextensions, selectableFields). */
function scalar(path: string): SelectableField {
  return field(path, [], (value) => (/^(?:string|number|boolean)$/.test(typeof value) ? String(value) : ''))
}

/** A field that is read from the member of its own name, unless others are named. */
function field(path: string, others: readonly string[], show: (value: unknown) => string): SelectableField {
  const members = others.length === 0 ? [path] : others
  const keys = members.map((member) => member.split('.'))
  const zero = show(undefined)
  return {
    path,
    members,
    read(object) {
      for (const one of keys) {
        const value = show(memberOf(object, one))
        if (value !== zero) return value
      }
      return zero
    },
  }
}

function memberOf(object: unknown, keys: readonly string[]): unknown {
  let value = object
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  return value
}

/** A field that the server takes and never fills. */
function always(path: string, value: string): SelectableField {
  return { path, members: [], read: () => value }
}

const NAME = text('metadata.name')
const NAMESPACE = text('metadata.namespace')

/** Both forms of an event are the same object; each group has its own names for the fields (pkg/apis/events/v1/conversion.go). */
function eventFields(object: 'involvedObject' | 'regarding', component: string): readonly SelectableField[] {
  const parts = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']
  return [
    ...parts.map((part) => text(`${object}.${part}`, `involvedObject.${part}`, `regarding.${part}`)),
    text('reason'),
    text(component, 'reportingComponent', 'reportingController'),
    text('type'),
  ]
}

const SIGNER = text('spec.signerName')

/** By group and resource; a resource that is not here has its name and namespace only. */
const FIELDS: Readonly<Record<string, readonly SelectableField[]>> = {
  '/pods': [
    text('spec.nodeName'),
    // The name of the first clients.
    text('spec.host', 'spec.nodeName'),
    text('spec.restartPolicy'),
    text('spec.schedulerName'),
    text('spec.serviceAccountName', 'spec.serviceAccountName', 'spec.serviceAccount'),
    flag('spec.hostNetwork'),
    text('status.phase'),
    // Where both are set and differ, the single one counts (pkg/apis/core/v1/conversion.go).
    text('status.podIP', 'status.podIP', 'status.podIPs.0.ip'),
    always('status.podIPs', ''),
    text('status.nominatedNodeName'),
  ],
  '/nodes': [flag('spec.unschedulable')],
  '/namespaces': [text('status.phase')],
  '/secrets': [text('type')],
  '/services': [text('spec.clusterIP'), text('spec.type')],
  '/replicationcontrollers': [count('status.replicas')],
  '/events': [
    ...eventFields('involvedObject', 'reportingComponent'),
    text('source', 'source.component', 'deprecatedSource.component', 'reportingComponent', 'reportingController'),
  ],
  'events.k8s.io/events': eventFields('regarding', 'reportingController'),
  'batch/jobs': [count('status.successful', 'status.succeeded')],
  'certificates.k8s.io/certificatesigningrequests': [SIGNER],
  'certificates.k8s.io/clustertrustbundles': [SIGNER],
  'certificates.k8s.io/podcertificaterequests': [SIGNER, text('spec.podName'), text('spec.nodeName')],
  'resource.k8s.io/resourceslices': [text('spec.nodeName'), text('spec.driver')],
}

/** Groups of the API server itself that look like those of custom resources (Kubernetes 1.34, pkg/apis). */
const GROUPS = [
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]

function ownFields({ group, resource }: Resource): readonly SelectableField[] | undefined {
  const key = `${group}/${resource}`
  return Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined
}

/** The group of a custom resource has a dot (apiextensions, validation of CustomResourceDefinitionSpec). */
function isBuiltIn({ group }: Resource): boolean {
  return !group.includes('.') || GROUPS.includes(group)
}

/** Three registrations of the server have words of their own. */
function describeUnsupported(path: string, resource: Resource): string {
  const { group, version } = resource
  if (group === 'batch' && resource.resource === 'jobs') return `field label ${quote(path)} not supported for Job`
  if (group === 'resource.k8s.io' && resource.resource === 'resourceslices')
    return `field label not supported for ${group}/${version}, Kind=ResourceSlice: ${path}`
  if (ownFields(resource) !== undefined || !isBuiltIn(resource)) return `field label not supported: ${path}`
  return `${quote(path)} is not a known field selector: only "metadata.name", "metadata.namespace"`
}
