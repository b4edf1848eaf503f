import { expect, it } from 'vitest'
import { irsaDenied } from '../../src/rules/aws/irsa-denied.ts'
import { certExpired } from '../../src/rules/control-plane/cert-expired.ts'
import { repeated } from '../incident/scene.ts'
import { pod } from '../incident/things.ts'
import { evaluate } from './check.ts'

const NAME = 'shop/web-6c8f7d9b5-x7k2p'
const CASES = [
  [certExpired, 'ERROR tls: failed to verify certificate: x509: certificate has expired or is not yet valid'],
  [
    irsaDenied,
    'ERROR AccessDenied: User: arn:aws:sts::123456789012:assumed-role/web/1 is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::invoices/1',
  ],
] as const

/** A caller that is well, and serves beside what it says. */
const saying = (log: string) => ({
  objects: [pod(NAME, { owner: 'ReplicaSet/web-6c8f7d9b5' })],
  logs: { [`${NAME}/app`]: log.split('\n').sort().join('\n') },
})

it.each(CASES)('is quiet about what a program that is well met once an hour for a day', async (rule, line) => {
  const log = repeated('INFO served', 2000, 86_000, 2) + repeated(line, 24, 85_000, 30)
  expect((await evaluate(rule, saying(log))).findings).toEqual([])
})

it.each(CASES)('tells what one meets without a pause until now, new to its log', async (rule, line) => {
  const log = repeated('INFO served', 600, 6000, 2) + repeated(line, 90, 900, 2)
  expect((await evaluate(rule, saying(log))).findings).toMatchObject([{ kind: 'cause' }])
})

it('takes an outbreak that is over for no news', async () => {
  const [[rule, line]] = CASES
  const log = repeated('INFO served', 600, 6000, 2) + repeated(line, 90, 4500, 3600)
  expect((await evaluate(rule, saying(log))).findings).toEqual([])
})
