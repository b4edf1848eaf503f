import { expect, it } from 'vitest'
import { grpcPingsRefused } from '../../../src/rules/workload/grpc-pings-refused.ts'
import { ago } from '../../incident/scene.ts'
import { pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const NAME = 'shop/web-6c8f7d9b5-x7k2p'
const REFUSED =
  'ERROR rpc error: code = Unavailable desc = closing transport due to: connection error: desc = "error reading from server: EOF", received prior goaway: code: ENHANCE_YOUR_CALM, debug data: "too_many_pings"'

/** A client that is well, and says this so often until so many seconds ago. */
const saying = (line: string, times: number, last = 10) => ({
  objects: [pod(NAME, { owner: 'ReplicaSet/web-6c8f7d9b5' })],
  logs: {
    [`${NAME}/app`]: Array.from({ length: times }, (_, index) => `${ago(last + 15 * (times - index))} ${line}\n`).join(
      '',
    ),
  },
})

it('names the client whose pings are refused until now', async () => {
  const outcome = await evaluate(grpcPingsRefused, saying(REFUSED, 40))
  expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
  expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  expect(outcome.findings[0]?.says).toContain('40 lines')
})

it('is quiet about a few that were refused, and about what is over', async () => {
  expect(await evaluate(grpcPingsRefused, saying(REFUSED, 3))).toMatchObject({ findings: [], rejections: [{}] })
  expect((await evaluate(grpcPingsRefused, saying(REFUSED, 40, 3000))).findings).toEqual([])
})

/** A busy client that is well: it says something else every so many seconds, and this line once in so many seconds, for so long. */
const busyBut = (line: string, every: number, since: number) => ({
  objects: [pod(NAME, { owner: 'ReplicaSet/web-6c8f7d9b5' })],
  logs: {
    [`${NAME}/app`]: Array.from({ length: 2800 }, (_, index) => 84_000 - 30 * index)
      .map((at) => `${ago(at)} ${at <= since && (at - 60) % every === 0 ? line : 'INFO served'}\n`)
      .join(''),
  },
})

it('is quiet about a ping that is refused now and then, and tells those that are refused since some time without a pause', async () => {
  expect(await evaluate(grpcPingsRefused, busyBut(REFUSED, 3600, 84_000))).toMatchObject({
    findings: [],
    rejections: [{}],
  })
  expect((await evaluate(grpcPingsRefused, busyBut(REFUSED, 7200, 84_000))).findings).toEqual([])
  expect((await evaluate(grpcPingsRefused, busyBut(REFUSED, 60, 1800))).findings).toMatchObject([
    { strength: 'strong' },
  ])
})

it('is quiet about connections that a server ends for their age, and about a limit of requests', async () => {
  for (const line of [
    REFUSED.replace('ENHANCE_YOUR_CALM', 'NO_ERROR').replace('too_many_pings', 'max_age'),
    REFUSED.replace('too_many_pings', ''),
  ])
    expect((await evaluate(grpcPingsRefused, saying(line, 40))).findings).toEqual([])
})
