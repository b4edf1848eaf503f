import { describe, expect, it } from 'vitest'
import { compileFieldSelector, keptFields, readFields } from '../../../src/serve/selectors/field-match.ts'
import { parseFieldSelector } from '../../../src/serve/selectors/fields.ts'
import { selectableFields } from '../../../src/serve/selectors/selectable.ts'

const FIELDS = selectableFields({ group: '', version: 'v1', resource: 'services', namespaced: true }, [])
const VALUES = readFields(FIELDS, { metadata: { name: 'web' }, spec: { type: 'NodePort', clusterIP: '10.0.0.1' } })

describe('the values that an index keeps', () => {
  it('are those of all fields but name and namespace', () => {
    expect(keptFields(FIELDS).map((field) => field.path)).toEqual(['spec.clusterIP', 'spec.type'])
    expect(VALUES).toEqual(['10.0.0.1', 'NodePort'])
  })

  it.each([
    ['', true],
    ['spec.type=NodePort', true],
    ['spec.type!=NodePort', false],
    ['spec.type=NodePort,spec.clusterIP!=None', true],
    ['spec.type=NodePort,spec.type=ClusterIP', false],
    ['metadata.name=web,metadata.namespace=shop', true],
    ['metadata.name!=web', false],
    ['metadata.namespace=', false],
  ])('%j selects by them: %s', (text, isSelected) => {
    const matches = compileFieldSelector(parseFieldSelector(text), FIELDS)
    expect(matches(VALUES, 'web', 'shop')).toBe(isSelected)
  })
})
