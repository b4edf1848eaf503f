import { describe, expect, it } from 'vitest'
import { failingRequests } from '../../../src/rules/workload/failing-requests.ts'
import { ago, type Thing } from '../../incident/scene.ts'
import { served } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

function runs(name: string, calls: readonly string[] = []): readonly Thing[] {
  const env = calls.map((callee) => ({ name: `${callee.toUpperCase()}_ADDR`, value: `${callee}:80` }))
  return served(name, { containers: [{ spec: { env } }] })
}

const shop = [...runs('web', ['checkout']), ...runs('checkout', ['pay']), ...runs('pay'), ...runs('other')]

function logOf(name: string, line: string, times = 20, quiet = true): Record<string, string> {
  const begin = quiet ? `${ago(3000)} started\n` : ''
  const lines = Array.from({ length: times }, (_, index) => `${ago(600 - index * Math.floor(580 / times))} ${line}\n`)
  return { [`shop/${name}-6c8f7d9b5-abcde/app`]: begin + lines.join('') }
}

const WORDS = 'the loyalty level of this customer is not known'
const chain = {
  ...logOf('pay', `ERROR ${WORDS}, at charge (charge.js:45:13) of the payment service in the shop`),
  ...logOf('checkout', `ERROR could not charge the card: rpc error: code = Unknown desc = ${WORDS}`, 30),
  ...logOf('web', `Error: 13 INTERNAL: failed: ${WORDS}`, 60),
}

describe('failing-requests', () => {
  it('names the workload whose error the others pass on, however loud they are', async () => {
    const outcome = await evaluate(failingRequests, { objects: shop, logs: chain })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/pay'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(outcome.findings[0]?.affects).toContainEqual({ kind: 'Deployment', namespace: 'shop', name: 'web' })
    expect(outcome.rejections.map(({ subject }) => subject.name)).toEqual(['checkout', 'web'])
  })

  it('names the workload whose failed answers its callers tell of by its name', async () => {
    const outcome = await evaluate(failingRequests, {
      objects: shop,
      logs: {
        ...logOf('pay', "ERROR Unknown column 'contact' in 'field list'"),
        ...logOf('checkout', 'ERROR HttpServerErrorException: 500 from POST http://pay:80/charge'),
      },
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/pay'])
  })

  it('takes what was always logged for a weak sign', async () => {
    const logs = { ...chain, ...logOf('pay', `ERROR ${WORDS}`, 20, false) }
    const outcome = await evaluate(failingRequests, { objects: shop, logs })
    expect(outcome.findings[0]).toMatchObject({ subject: { name: 'pay' }, strength: 'weak' })
  })

  it.each([
    ['an error that nobody passes on', logOf('pay', `ERROR ${WORDS}`)],
    ['errors in other words', { ...logOf('pay', `ERROR ${WORDS}`), ...logOf('web', 'ERROR no template for the page') }],
    ['a few errors', { ...logOf('pay', `ERROR ${WORDS}`, 3), ...logOf('checkout', `ERROR pay: ${WORDS}`, 3) }],
    [
      'what a call without an answer is told as',
      {
        ...logOf('checkout', 'ERROR rpc error: code = Unavailable desc = dial tcp pay:80: connection refused'),
        ...logOf('web', 'ERROR checkout: rpc error: code = Unavailable desc = dial tcp pay:80: connection refused'),
      },
    ],
  ])('is quiet about %s', async (_, logs) => {
    const { findings } = await evaluate(failingRequests, { objects: shop, logs })
    expect(findings).toEqual([])
  })
})
