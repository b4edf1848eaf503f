import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Cause, Report } from '../../src/rca/report.ts'
import { renderText } from '../../src/report/text.ts'
import { cause, finding, HOSTILE, healthyReport, rule, sampleReport } from './sample-report.ts'

describe('the text of a report', () => {
  it('tells an explained incident', async () => {
    await expect(renderText(sampleReport())).toMatchFileSnapshot('snapshots/explained.txt')
  })

  it('shows the points of every cause when asked why', async () => {
    await expect(renderText(manyCauses(), { why: true })).toMatchFileSnapshot('snapshots/why.txt')
  })

  it('tells several incidents, and cuts what is many with a count', async () => {
    await expect(renderText(manyCauses())).toMatchFileSnapshot('snapshots/many.txt')
  })

  it('tells what nothing explains, and how to look at it', async () => {
    await expect(renderText(unexplained())).toMatchFileSnapshot('snapshots/unexplained.txt')
  })

  it('says of a cluster that is well what was looked at', async () => {
    await expect(renderText(healthyReport())).toMatchFileSnapshot('snapshots/healthy.txt')
  })

  it('calls nothing healthy that it could not look at', () => {
    const denied = { evidence: 'pods', how: 'none', why: 'denied: the identity "ops" lacks list pods' } as const
    const blind = renderText(healthyReport({ coverage: [denied] }))
    expect(blind).not.toContain('HEALTHY')
    expect(blind).toMatch(/^NOT KNOWN .*\n {2}But pods could not be looked at\.\n/)
    const logs = { evidence: 'logs', how: 'none', why: 'denied' } as const
    const told = { ...healthyReport().verdict, says: 'Nothing is seen to be broken, as far as is seen without logs.' }
    expect(renderText(healthyReport({ coverage: [logs] }))).toContain('But logs could not be looked at.')
    expect(renderText(healthyReport({ coverage: [logs], verdict: told }))).toMatch(/^NOT KNOWN .*without logs\.\n\n/)
    const cut = renderText(healthyReport({ bundle: { ...healthyReport().bundle, truncated: 'the file ends early' } }))
    expect(cut).not.toContain('HEALTHY')
    expect(cut).toContain('the bundle is not whole: the file ends early.')
  })

  it('says on the first screen what it was narrowed to', () => {
    const focus = { object: 'Deployment/shop/web', from: '2026-01-31T23:00:00Z', to: null }
    expect(firstScreen(renderText(sampleReport({ focus })))).toContain(
      '  Only    what hangs together with Deployment/shop/web, from 2026-01-31 23:00:00\n          UTC.',
    )
  })
})

describe('the first screen', () => {
  it('holds verdict, place, reach, onset and what to do, however long the words are', () => {
    const long = 'a long story about what payments could not do '.repeat(40)
    const report = manyCauses({
      verdict: { status: 'explained', confidence: 'confirmed', says: long },
    })
    const screen = firstScreen(renderText(report))
    for (const word of ['CONFIRMED', 'Where', 'Reach', 'Since', 'Do now', 'kubectl -n shop rollout restart'])
      expect(screen).toContain(word)
  })

  it('never breaks a command, so that it can be pasted', () => {
    const command = `kubectl -n shop patch deployment payments --type merge -p '${JSON.stringify({ spec: { template: { spec: { containers: [{ name: 'payments', image: 'registry.example/payments:1.2.3' }] } } } })}'`
    const report = sampleReport({ mitigation: [{ says: 'Patch it.', command, changes: true, cause: 1 }] })
    expect(renderText(report).split('\n')).toContain(`     ${command}`)
  })
})

it('tells no sentence twice', () => {
  const text = renderText(manyCauses()).replace(/\s+/g, ' ')
  for (const { says } of manyCauses().symptoms) expect(text.split(says).length - 1).toBeLessThanOrEqual(1)
})

it('keeps to 80 columns but for what is pasted whole: commands, places, names', () => {
  for (const report of [sampleReport(), manyCauses(), unexplained(), healthyReport()])
    for (const line of renderText(report, { why: true }).split('\n'))
      if (line.length > 80) expect(line).toMatch(/^ +(freezeframe serve .*|[^ ]+)$/)
})

it('draws names longer than the width', () => {
  const name = 'payments-'.repeat(28)
  const subject = { kind: 'Deployment', namespace: 'shop', name }
  const text = renderText(sampleReport({ causes: [cause({ subject, says: `${name} refuses to start.` })] }))
  expect(text).toContain(`Deployment shop/${name}\n`)
  expect(text).toContain(`\n    ${name}\n    refuses to start.\n`)
})

it('makes the words of a stranger harmless', () => {
  const text = renderText(hostile(), { why: true })
  expect([...text.matchAll(/[^\P{Cc}\n]|\p{Cf}/gu)].length).toBe(0)
  expect(stripVTControlCharacters(text) === text).toBe(true)
  expect(text.length).toBeLessThan(80_000)
  expect(/^# heading/m.test(text)).toBe(false)
})

it('colours words and nothing else', () => {
  const painted = renderText(manyCauses(), { paint: (style, words) => `<${style}>${words}</${style}>` })
  expect(painted).toContain('<bold><red>CONFIRMED</red></bold>')
  expect(painted).toContain('<yellow>[changes the cluster]</yellow>')
  expect(painted.replace(/<\/?(bold|dim|red|yellow|green|cyan)>/g, '')).toBe(renderText(manyCauses()))
})

it('never changes what it draws', () => {
  const report = manyCauses()
  const before = JSON.stringify(report)
  renderText(report, { why: true })
  expect(JSON.stringify(report)).toBe(before)
})

function firstScreen(text: string): string {
  return text.split('\n').slice(0, 24).join('\n')
}

/** Two incidents with an alternative each, more symptoms than anybody reads, and gaps. */
function manyCauses(given: Partial<Report> = {}): Report {
  const web = { kind: 'Deployment', namespace: 'storefront', name: 'web' }
  const other = (rank: number, more: Partial<Cause>): Cause =>
    cause({
      rank,
      rule: `cause-${rank}`,
      title: `Cause ${rank}`,
      subject: web,
      says: `web fails for reason ${rank}.`,
      chain: [],
      triggers: [],
      explains: [],
      confidence: 'possible',
      ...more,
    })
  const action = (rank: number) => ({ says: `Do this for ${rank}.`, changes: false, cause: rank })
  return sampleReport({
    causes: [
      cause(),
      other(2, { alternative: true, against: [{ says: 'web was well an hour later.', cites: [2] }] }),
      other(3, { confidence: 'probable' }),
      other(4, {}),
      other(5, {}),
    ],
    mitigation: [...sampleReport().mitigation, ...[2, 3, 4, 5].map(action)],
    symptoms: [
      ...sampleReport().symptoms,
      ...Array.from({ length: 12 }, (_, index) => ({
        ...finding({ subject: web, says: `web number ${index} does not answer.` }),
        symptom: 'not-ready' as const,
        affects: [],
        weight: 4,
        causes: [],
      })),
    ],
    risks: Array.from({ length: 5 }, (_, index) => finding({ kind: 'risk', says: `Weak spot ${index}.` })),
    evidenceLoss: [finding({ kind: 'evidence-loss', says: 'The pod was deleted before its log was read.' })],
    rules: [...sampleReport().rules, rule('broken', { status: 'crashed', why: 'a is not a function.' })],
    ...given,
  })
}

function unexplained(): Report {
  const [first] = sampleReport().causes
  const root = finding()
  return sampleReport({
    verdict: {
      status: 'unsure',
      confidence: 'insufficient-evidence',
      says: `Nothing in the bundle says why: ${root.says}`,
    },
    mitigation: [],
    causes: [
      cause({
        ...root,
        confidence: 'insufficient-evidence',
        chain: [],
        triggers: first?.triggers ?? [],
        explains: [1],
      }),
    ],
  })
}

/** Every word that comes from a bundle is hostile. */
function hostile(): Report {
  const swap = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string')
      return ['from', 'to', 'at', 'start', 'end', 'confidence', 'status', 'kind', 'how'].includes(key) ? value : HOSTILE
    if (Array.isArray(value)) return value.map((one) => swap(one))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, swap(one, name)]))
  }
  return swap(manyCauses()) as Report
}
