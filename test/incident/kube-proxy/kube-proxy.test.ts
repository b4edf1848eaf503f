import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readIncident } from '../../../src/incident/incident.ts'
import { checkCitations } from '../../../src/rca/check-citations.ts'
import { unwrittenRulesOn } from '../../../src/rules/network/unwritten-rules.ts'
import { proxyCounters } from '../node-answers.ts'
import { bundleOf, incidentOf, type Scene } from '../scene.ts'
import { node } from '../things.ts'

const HEALTH = 'nodes/n1/0/kube-proxy/healthz.txt'

async function healthOf(text: string, status = 200) {
  const scene: Scene = { objects: [node('n1')], files: { [HEALTH]: text }, statuses: { [HEALTH]: status } }
  const { kubeProxies } = await incidentOf(scene)
  const [health] = kubeProxies.of('n1')?.health ?? []
  if (health) expect(await checkCitations(bundleOf(scene), [health.citation])).toEqual([])
  return health
}

describe('the health of kube-proxy', () => {
  it.each([
    [
      '{"lastUpdated": "2026-02-01 11:50:00.5 +0000 UTC m=+1.2","currentTime": "2026-02-01 11:55:00.5 +0000 UTC m=+301.2", "nodeEligible": true}',
      { isHealthy: false, isEligible: true, staleSeconds: 300 },
    ],
    [
      '{"lastUpdated": "0001-01-01 00:00:00 +0000 UTC","currentTime": "2026-02-01 11:55:00 +0000 UTC m=+301.2"}',
      { isHealthy: false, isEligible: true, staleSeconds: undefined },
    ],
    [
      '{"lastUpdated": "2026-02-01 11:55:00 +0000 UTC","currentTime": "2026-02-01 11:55:00 +0000 UTC", "nodeEligible": false}',
      { isHealthy: false, isEligible: false },
    ],
    [
      '{"lastUpdated":"2026-02-01T11:54:00Z","currentTime":"2026-02-01T11:55:00Z","nodeEligible":true,"healthy":false,"status":{"IPv4":{"lastUpdated":"2026-02-01T11:45:00.123456789Z","healthy":false},"IPv6":{"lastUpdated":"2026-02-01T11:54:00Z","healthy":true}}}',
      { isHealthy: false, isEligible: true, staleSeconds: 599.877 },
    ],
    [
      '{"lastUpdated":"2026-02-01T11:54:00Z","currentTime":"2026-02-01T11:55:00Z","nodeEligible":false,"healthy":false,"status":{"IPv4":{"lastUpdated":"2026-02-01T11:45:00Z","healthy":true}}}',
      { isHealthy: true, isEligible: false, staleSeconds: undefined },
    ],
  ])('is read of %s', async (text, expected) => {
    expect(await healthOf(text, 503)).toMatchObject(expected)
  })

  it('is well with 200, and nothing of what others answer', async () => {
    const well = '{"lastUpdated": "2026-02-01 11:50:00 +0000 UTC","currentTime": "2026-02-01 11:55:00 +0000 UTC"}'
    expect(await healthOf(well)).toMatchObject({ isHealthy: true, staleSeconds: undefined })
    for (const text of ['ok', '', '{}', '[]', '{"lastUpdated":1,"currentTime":2}', `${well}x`, 'x'.repeat(9000)])
      expect(await healthOf(text, 503)).toBeUndefined()
  })

  it('is never misread where it is cut off or its times are none', async () => {
    const text = '{"lastUpdated": "2026-02-01 11:50:00 +0000 UTC","currentTime": "9999-99-99 99:99:99 +9999 UTC"}'
    expect((await healthOf(text, 503))?.staleSeconds).toBeUndefined()
    for (let length = 0; length < text.length; length++)
      expect(await healthOf(text.slice(0, length), 503)).toBeUndefined()
  })
})

describe('a kube-proxy that is well', () => {
  it('is one of which we have a recording, though its rules are old', async () => {
    const paths = [0, 1].flatMap((sample) =>
      ['metrics.txt', 'healthz.txt'].map((file) => `nodes/trial-1/${sample}/kube-proxy/${file}`),
    )
    const files = Object.fromEntries(
      paths.map((path) => [path, readFileSync(`fixtures/cni-and-kube-proxy/${path}`, 'utf8')]),
    )
    const incident = await incidentOf({ objects: [node('trial-1')], files })
    const proxy = incident.kubeProxies.of('trial-1')
    expect(proxy?.health.map(({ isHealthy }) => isHealthy)).toEqual([true, true])
    const written = proxy?.counters.series('kubeproxy_sync_proxy_rules_last_timestamp_seconds') ?? []
    expect(written.map(({ labels, last }) => [labels.ip_family, Math.round(last.value)])).toEqual([
      ['IPv4', 1795616723],
      ['IPv6', 1795616708],
    ])
    expect(unwrittenRulesOn(incident, 'trial-1')).toBeUndefined()
  })

  it('is none whose families are told apart: one that has nothing to write is not late', async () => {
    const lines = (four: number, six: number): string =>
      [
        'process_start_time_seconds 1.7699e+09',
        `kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds{ip_family="IPv4"} ${four}`,
        `kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds{ip_family="IPv6"} ${six}`,
        'kubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family="IPv6"} 1.7699401e+09',
        'kubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family="IPv4"} 1.7699405e+09',
        '',
      ].join('\n')
    const rulesOf = async (four: number, six: number) => {
      const files = Object.fromEntries(
        [0, 1].map((sample) => [`nodes/n1/${sample}/kube-proxy/metrics.txt`, lines(four, six)]),
      )
      return unwrittenRulesOn(await incidentOf({ objects: [node('n1')], files }), 'n1')
    }
    expect(await rulesOf(1_769_940_400, 1_769_940_000)).toBeUndefined()
    expect(await rulesOf(1_769_940_400, 1_769_940_200)).toMatchObject({ isOnlyLate: true })
  })

  it('is one that was asked twice within a few seconds, whatever waits', async () => {
    const files = proxyCounters('n1', { asked: 1_769_940_500 })
    const bundle = bundleOf({ objects: [node('n1')], files })
    const soon = bundle.manifest.files.map(({ obtained, ...file }) => ({
      ...file,
      obtained: { ...obtained, monotonicMs: file.path.includes('/1/') ? 9000 : 1000 },
    }))
    const incident = await readIncident({ ...bundle, manifest: { ...bundle.manifest, files: soon } })
    expect(unwrittenRulesOn(incident, 'n1')).toBeUndefined()
    expect(unwrittenRulesOn(await readIncident(bundle), 'n1')).toMatchObject({ isOnlyLate: true })
  })

  it.each([
    ['was asked just now, after an hour of rest', { asked: [1_769_940_000, 1_769_943_600] as const }],
    ['failed once and succeeded', { failed: [0, 1] as const, written: [1_769_940_001, 1_769_940_020] as const }],
    [
      'wrote between the samples what it had been asked to',
      { asked: 1_769_940_010, written: [1_769_940_001, 1_769_940_020] as const },
    ],
    ['failed long ago', { failed: 7 }],
    ['started anew', { asked: [5, 5] as const, written: 0, started: [1, 2] as const }],
    ['was never asked', { asked: 0, written: 0 }],
  ])('is one that %s', async (_, counted) => {
    const incident = await incidentOf({ objects: [node('n1')], files: proxyCounters('n1', counted) })
    expect(unwrittenRulesOn(incident, 'n1')).toBeUndefined()
  })
})
