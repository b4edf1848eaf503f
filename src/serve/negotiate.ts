import { Refusal } from './refusal.ts'

/** The forms that objects are given out in. */
export interface Form {
  readonly as: 'objects' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
  /** Version of `meta.k8s.io` that the form is written in. */
  readonly version: 'v1' | 'v1beta1'
}

const OBJECTS: Form = { as: 'objects', version: 'v1' }

/**
 * Chooses the first form of an Accept header that we have; qualities do not count, as in the API server
 * (apiserver/pkg/endpoints/handlers/negotiation). Throws a Refusal with 406.
 */
export function negotiate(accept: string): Form {
  if (accept.trim() === '') return OBJECTS
  for (const clause of accept.split(',')) {
    const form = readClause(clause)
    if (form) return form
  }
  const message = 'only the following media types are accepted: application/json'
  throw new Refusal(406, 'NotAcceptable', message)
}

function readClause(clause: string): Form | undefined {
  const [type = '', ...parameters] = clause.split(';').map((part) => part.trim().toLowerCase())
  if (!['application/json', 'application/*', '*/*'].includes(type)) return undefined
  const given = new Map(parameters.map((one) => one.split('=', 2) as [string, string]))
  const as = given.get('as')
  if (as === undefined) return OBJECTS
  const name = TRANSFORMS.find((one) => one.toLowerCase() === as)
  const version = given.get('v')
  if (!name || given.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined
  return { as: name, version }
}

const TRANSFORMS = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'] as const
