import { describe, expect, it } from 'vitest'
import { parseGetQuery, parseListQuery, readQuery } from '../../src/serve/query.ts'
import { everything } from '../../src/serve/selectors/labels.ts'
import { refusal } from './selectors/refusal.ts'

describe('the parameters of a list', () => {
  it('are none by default', () => {
    expect(list('')).toEqual({
      labels: everything,
      fields: [],
      watch: false,
      allowWatchBookmarks: false,
      sendInitialEvents: undefined,
      resourceVersion: '',
      resourceVersionMatch: '',
      limit: 0,
      continue: '',
      timeoutSeconds: undefined,
      pretty: undefined,
    })
  })

  it.each(['watch', 'watch=', 'watch=1', 'watch=true', 'watch=no', 'watch=00'])('%s is a watch', (query) =>
    expect(list(query).watch).toBe(true),
  )

  it.each(['watch=0', 'watch=false', 'watch=FALSE', 'watch=0&watch=1', 'Watch=1', 'watch=1;limit=1', 'watch=%'])(
    '%s is none',
    (query) => expect(list(query).watch).toBe(false),
  )

  it.each([
    ['limit=500', { limit: 500 }],
    ['limit=-1', { limit: 0 }],
    ['limit=%2B2', { limit: 2 }],
    ['limit=1&limit=x', { limit: 1 }],
    ['timeoutSeconds=0', { timeoutSeconds: undefined }],
    ['timeoutSeconds=-5', { timeoutSeconds: -5 }],
    ['resourceVersion=5&resourceVersionMatch=Exact', { resourceVersion: '5', resourceVersionMatch: 'Exact' }],
    ['continue=abc&resourceVersion=0', { continue: 'abc' }],
    ['pretty=1', { pretty: true }],
    ['pretty=yes', { pretty: false }],
    ['pretty=', { pretty: undefined }],
    ['watch=1', { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }],
    ['watch=1&resourceVersion=5', { sendInitialEvents: undefined, resourceVersionMatch: '' }],
    [
      'watch=1&resourceVersion=5&resourceVersionMatch=NotOlderThan&sendInitialEvents=false',
      { sendInitialEvents: false },
    ],
    ['fieldSelector=a%3Db', { fields: [{ path: 'a', operator: '=', value: 'b' }] }],
  ])('%s means %j', (query, meaning) => expect(list(query)).toMatchObject(meaning))

  it('hold a selector of labels', () => {
    const { labels } = list('labelSelector=app+in+%28web%29')
    expect([labels({ app: 'web' }), labels({})]).toEqual([true, false])
  })

  it.each([
    ['limit=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['limit=', 'strconv.ParseInt: parsing "": invalid syntax'],
    ['timeoutSeconds=9223372036854775808', 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
    ['timeoutSeconds=y&limit=x', 'strconv.ParseInt: parsing "y": invalid syntax'],
    ['limit=x&labelSelector=!', 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['labelSelector=%21&fieldSelector=a', "unable to parse requirement: found '', expected: identifier"],
    ['fieldSelector=a', "invalid selector: 'a'; can't understand 'a'"],
    ['continue=abc&resourceVersion=5', 'specifying resource version is not allowed when using continue'],
    [
      'resourceVersion=x',
      'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ],
  ])('%s is a bad request', (query, message) => {
    expect(refusal(() => list(query))).toEqual({ code: 400, reason: 'BadRequest', message, details: undefined })
  })

  it.each([
    ['resourceVersionMatch=Exact', 'resourceVersionMatch is forbidden unless resourceVersion is provided'],
    [
      'resourceVersionMatch=Exact&resourceVersion=0',
      'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      'resourceVersionMatch=Exact&resourceVersion=1&continue=a',
      'resourceVersionMatch is forbidden when continue is provided',
    ],
    [
      'resourceVersionMatch=x&resourceVersion=1',
      'Unsupported value: "x": supported values: "Exact", "NotOlderThan", ""',
    ],
    ['sendInitialEvents=true', 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
    ['watch=1&sendInitialEvents=true', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'],
    ['watch=1&resourceVersionMatch=Exact', 'forbidden for watch unless sendInitialEvents is provided'],
    ['watch=1&continue=a', 'resourceVersionMatch is forbidden when continue is provided'],
  ])('%s is invalid', (query, words) => {
    const { code, reason, message } = refusal(() => list(query))
    expect([code, reason]).toEqual([422, 'Invalid'])
    expect(message).toMatch(/^ListOptions\.meta\.k8s\.io "" is invalid: /)
    expect(message).toContain(words)
  })

  it('are refused with every cause', () => {
    expect(refusal(() => list('resourceVersionMatch=x&sendInitialEvents=1')).details).toEqual({
      group: 'meta.k8s.io',
      kind: 'ListOptions',
      causes: [
        {
          reason: 'FieldValueForbidden',
          message: 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
          field: 'resourceVersionMatch',
        },
        {
          reason: 'FieldValueNotSupported',
          message: 'Unsupported value: "x": supported values: "Exact", "NotOlderThan", ""',
          field: 'resourceVersionMatch',
        },
        {
          reason: 'FieldValueForbidden',
          message: 'Forbidden: sendInitialEvents is forbidden for list',
          field: 'sendInitialEvents',
        },
      ],
    })
  })

  it('of a watch from a version that is none fail as they fail the server', () => {
    expect(refusal(() => list('watch=1&resourceVersion=x'))).toMatchObject({ code: 500, reason: '' })
  })
})

describe('the parameters of a get', () => {
  it('are a version and how it is printed', () => {
    expect(parseGetQuery(readQuery('resourceVersion=7&pretty=true&limit=x'))).toEqual({
      resourceVersion: '7',
      pretty: true,
    })
  })

  it('are no export, and no version that is none', () => {
    expect(refusal(() => parseGetQuery(readQuery('export')))).toMatchObject({ code: 400 })
    expect(refusal(() => parseGetQuery(readQuery('resourceVersion=-1')))).toMatchObject({ code: 500, reason: '' })
  })
})

function list(query: string) {
  return parseListQuery(readQuery(query))
}
