import { describe, expect, it } from 'vitest'
import { keyOfLastItem, keyOfToken, omitItemsUpTo } from '../../../src/sources/kube/list-order.ts'

const token = (start: string) =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: 807, start })).toString('base64url')

const list = (...names: string[]) =>
  Buffer.from(JSON.stringify({ items: names.map((name) => ({ metadata: { name } })) }))

describe('a continue token', () => {
  it.each([
    ['/shop/web-1\0', 'shop/web-1'],
    ['shop/web-1\0', 'shop/web-1'],
    ['/n1\0', 'n1'],
  ])('of the API server says behind which object a page ends: %j', (start, key) => {
    expect(keyOfToken(token(start))).toBe(key)
  })

  it.each(['', 'abc', token('no end'), token('/a/b/c\0'), Buffer.from('[1]').toString('base64url')])(
    'of another server says nothing: %j',
    (other) => expect(keyOfToken(other)).toBeUndefined(),
  )
})

describe('the objects of a page', () => {
  it('are told apart by the key of the last one, where they are in order', () => {
    expect(keyOfLastItem(list('a', 'b'))).toBe('b')
    expect(keyOfLastItem(list('b', 'a'))).toBeUndefined()
  })

  it('are cut byte for byte, whatever their strings hold', () => {
    const body = Buffer.from('{"items": [{"metadata":{"name":"a","x":"],{\\"}"}} , {"metadata":{"name":"b"}}]}')
    expect(omitItemsUpTo(body, 'a')).toMatchObject({ omitted: 1, empty: false })
    expect(omitItemsUpTo(body, 'a').body.toString()).toBe('{"items": [ {"metadata":{"name":"b"}}]}')
  })
})
