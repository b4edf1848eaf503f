import { describe, expect, it } from 'vitest'
import { readinessProbeFailing } from '../../../src/rules/workload/readiness-probe-failing.ts'
import { ago, repeated } from '../../incident/scene.ts'
import { event, pod, service } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const NAME = 'web-6c8f7d9b5-x7k2p'
const spec = (port: number) => ({
  ports: [{ containerPort: 8080 }],
  readinessProbe: { httpGet: { path: '/ready', port } },
})
const sick = (port = 8080, created = 900) =>
  pod(`shop/${NAME}`, { owner: 'ReplicaSet/web-6c8f7d9b5', created, ready: false, containers: [{ spec: spec(port) }] })
const said = (cause: string) =>
  event('shop', `Pod/${NAME}`, 'Unhealthy', `Readiness probe failed: ${cause}`, { count: 80, first: 880, last: 5 })
const REFUSED = 'Get "http://10.244.0.10:9090/ready": dial tcp 10.244.0.10:9090: connect: connection refused'

describe('readiness-probe-failing', () => {
  it('names a path that is not there', async () => {
    const outcome = await evaluate(readinessProbeFailing, {
      objects: [sick(), said('HTTP probe failed with statuscode: 404')],
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
  })

  it('names a port that the container does not declare', async () => {
    const outcome = await evaluate(readinessProbeFailing, { objects: [sick(9090), said(REFUSED)] })
    expect(outcome.findings[0]?.says).toContain('a port that the container does not declare')
  })

  it('only suggests where the application says so itself, and rejects where its calls fail', async () => {
    const unwell = said('HTTP probe failed with statuscode: 503')
    expect((await evaluate(readinessProbeFailing, { objects: [sick(), unwell] })).findings[0]?.strength).toBe('weak')
    const logs = {
      [`shop/${NAME}/app`]: `${ago(20)} ERROR dial tcp db.shop.svc.cluster.local:5432: connect: connection refused\n`,
    }
    const outcome = await evaluate(readinessProbeFailing, { objects: [sick(), unwell, service('shop/db')], logs })
    expect(outcome).toMatchObject({ status: 'clear', rejections: [{ kind: 'rejected' }] })
  })

  it('gives a pod time to start', async () => {
    expect((await evaluate(readinessProbeFailing, { objects: [sick(8080, 60), said(REFUSED)] })).status).toBe('clear')
  })

  it('names a wrong path although calls fail, and minds neither the calls of others nor those that do not fail', async () => {
    const call = `${ago(20)} ERROR dial tcp db.shop.svc.cluster.local:5432: connect: connection refused\n`
    const lost = said('HTTP probe failed with statuscode: 404')
    const own = { objects: [sick(), lost, service('shop/db')], logs: { [`shop/${NAME}/app`]: call } }
    expect((await evaluate(readinessProbeFailing, own)).findings[0]?.strength).toBe('strong')
    const env = [{ name: 'DB_URL', value: 'tcp://db:5432' }]
    const web = pod(`shop/${NAME}`, {
      owner: 'ReplicaSet/web-6c8f7d9b5',
      created: 900,
      ready: false,
      containers: [{ spec: { ...spec(8080), env } }],
    })
    const other = pod('shop/api-6c8f7d9b5-aaaaa', { owner: 'ReplicaSet/api-6c8f7d9b5' })
    const outcome = await evaluate(readinessProbeFailing, {
      objects: [web, said('HTTP probe failed with statuscode: 503'), service('shop/db'), other],
      logs: { 'shop/api-6c8f7d9b5-aaaaa/app': call },
    })
    expect(subjectsOf(outcome)).toEqual(['Deployment shop/web'])
  })

  const unwell = said('HTTP probe failed with statuscode: 503')
  const again = (line: string, times: number, from: number) =>
    Array.from(
      { length: times },
      (_, index) => `${ago(from - Math.floor((index * (from - 5)) / times))} ${line}\n`,
    ).join('')

  it('quotes the error that an unready container repeats, whatever it means', async () => {
    const line = 'FATAL:  could not start replication: requested segment 00000003 is gone'
    const outcome = await evaluate(readinessProbeFailing, {
      objects: [sick(), unwell],
      logs: { [`shop/${NAME}/app`]: again(line, 30, 850) },
    })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain('30 times: "FATAL: could not start replication')
    expect(outcome.findings[0]?.cites[0]).toMatchObject({ file: expect.stringContaining(`${NAME}/app.log`) })
  })

  it('says whom the container does not trust', async () => {
    const line =
      'E0201 11:50:00.000000       1 scraper.go:149] "Failed to scrape node" err="Get \\"https://10.0.0.9:10250/metrics/resource\\": tls: failed to verify certificate: x509: cannot validate certificate for 10.0.0.9 because it doesn\'t contain any IP SANs" node="node-1"'
    const outcome = await evaluate(readinessProbeFailing, {
      objects: [sick(), unwell],
      logs: { [`shop/${NAME}/app`]: again(line, 30, 850) },
    })
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain('It does not trust the certificate')
  })

  it('knows a store of secrets that waits for its keys by the words of its probe', async () => {
    const sealed = said(
      'Key          Value\n---          -----\nSeal Type    shamir\nInitialized  true\nSealed       true',
    )
    const outcome = await evaluate(readinessProbeFailing, { objects: [sick(), sealed] })
    expect(outcome.findings[0]).toMatchObject({ strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain('Vault is sealed')
    const open = said(
      'Key          Value\n---          -----\nSeal Type    shamir\nInitialized  true\nSealed       false',
    )
    expect((await evaluate(readinessProbeFailing, { objects: [sick(), open] })).findings[0]?.strength).toBe('weak')
  })

  it('quotes no error that a ready pod repeats as well, that is over, or that was there before the pod was not ready', async () => {
    const line = 'ERROR cannot load the list of holidays'
    const says = async (logs: Record<string, string>, since = 900) => {
      const well = pod('shop/web-6c8f7d9b5-aaaaa', { owner: 'ReplicaSet/web-6c8f7d9b5' })
      const outcome = await evaluate(readinessProbeFailing, { objects: [sick(8080, since), well, unwell], logs })
      expect(outcome.findings[0]?.strength).toBe('weak')
      return outcome.findings[0]?.says
    }
    const own = again(line, 30, 850)
    expect(await says({ [`shop/${NAME}/app`]: own, 'shop/web-6c8f7d9b5-aaaaa/app': own })).not.toContain('holidays')
    const over = again(line, 30, 3000).replaceAll(/.*T11:[345].*\n/g, '')
    expect(await says({ [`shop/${NAME}/app`]: over }, 4000)).not.toContain('holidays')
    expect(await says({ [`shop/${NAME}/app`]: again(line, 30, 3000) })).not.toContain('holidays')
  })

  it('is no surer for an error beside a probe that only gets no answer in time', async () => {
    const slow = said('Get "http://10.244.0.10:8080/ready": context deadline exceeded')
    const outcome = await evaluate(readinessProbeFailing, {
      objects: [sick(), slow],
      logs: { [`shop/${NAME}/app`]: again('ERROR cannot load the list of holidays', 30, 850) },
    })
    expect(outcome.findings[0]?.strength).toBe('weak')
    expect(outcome.findings[0]?.says).toContain('list of holidays')
  })

  it('is no surer for a call that gets no answer', async () => {
    const outcome = await evaluate(readinessProbeFailing, {
      objects: [sick(), unwell],
      logs: { [`shop/${NAME}/app`]: again('ERROR request timed out', 30, 850) },
    })
    expect(outcome.findings[0]?.strength).toBe('weak')
    expect(outcome.findings[0]?.says).toContain('request timed out')
  })

  it.each([
    ['stands back', 'ERROR convert: fork/exec /usr/bin/convert: resource temporarily unavailable', 'weak'],
    ['is told', 'ERROR the index is not loaded', 'strong'],
  ])('where the log has an error that is told by a rule of its own, or not: it %s', async (_, line, strength) => {
    const { findings } = await evaluate(readinessProbeFailing, {
      objects: [sick(), said('HTTP probe failed with statuscode: 503')],
      logs: { [`shop/${NAME}/app`]: repeated(line, 40, 880, 5) },
    })
    expect(findings[0]?.strength).toBe(strength)
  })

  it('quotes what the command of a probe says is wrong, not how it got on before', async () => {
    const answer =
      '2026-02-01 11:58:00.000 [INFO][612] health.go 202: peering established = 0\nBIRD is not ready: no session\n'
    const { findings } = await evaluate(readinessProbeFailing, { objects: [sick(), said(answer)] })
    expect(findings[0]?.says).toContain('("BIRD is not ready: no session")')
    const alone = said('2026-02-01 11:58:00.000 [INFO][612] health.go 202: peering established = 0')
    expect((await evaluate(readinessProbeFailing, { objects: [sick(), alone] })).findings[0]?.says).toContain('peering')
  })
})
