import type { Ref } from '../../src/incident/reference.ts'
import { type Cause, REPORT_FORMAT, type Report, type ReportFinding, type ReportRule } from '../../src/rca/report.ts'

/** The incident of the sample: a settings change that payments cannot read, and who suffers from it. */
const PAYMENTS: Ref = { kind: 'Deployment', namespace: 'shop', name: 'payments' }
const CHECKOUT: Ref = { kind: 'Deployment', namespace: 'shop', name: 'checkout' }
const SETTINGS: Ref = { kind: 'ConfigMap', namespace: 'shop', name: 'payments-settings' }

/** A finding with what a test does not care about filled in. */
export function finding(given: Partial<ReportFinding> = {}): ReportFinding {
  return {
    rule: 'crashing-containers',
    title: 'Containers end and are started again',
    kind: 'symptom',
    subject: PAYMENTS,
    strength: 'proof',
    from: '2026-01-31T23:51:12Z',
    to: null,
    says: 'Containers in 2 pods of payments end and are started again (up to 5 restarts): payments ended with Error, exit code 78.',
    cites: [1],
    ...given,
  }
}

const REFUSED = finding({
  rule: 'config-change-broke-app',
  title: 'A settings change that the program refuses',
  kind: 'cause',
  from: '2026-01-31T23:51:10Z',
  says: 'payments refuses to start since its settings changed: authorization.timeout "30" has no unit.',
  cites: [0],
})

const CRASHING = finding()

const REFUSALS = finding({
  rule: 'error-logs',
  title: 'Programs log failures',
  subject: CHECKOUT,
  strength: 'strong',
  from: '2026-01-31T23:52:00Z',
  says: 'checkout logs failures (26 lines): call failed upstream=payments error="connection refused"',
  cites: [2],
})

/** A cause with what a test does not care about filled in. */
export function cause(given: Partial<Cause> = {}): Cause {
  return {
    ...REFUSED,
    rank: 1,
    domain: 'workload',
    confidence: 'confirmed',
    points: {
      total: 92,
      parts: [
        { for: 'evidence', points: 40, says: 'its evidence is proof' },
        { for: 'coverage', points: 30, says: 'it explains 100 % of what is broken around it' },
      ],
    },
    chain: [
      { ...REFUSED, by: '', inferred: false },
      { ...CRASHING, by: 'so that', inferred: false },
    ],
    triggers: [
      finding({
        rule: 'recent-change',
        title: 'A change',
        kind: 'trigger',
        subject: SETTINGS,
        from: '2026-01-31T23:50:48Z',
        says: 'kubectl-edit changed the ConfigMap payments-settings.',
        cites: [3],
      }),
    ],
    amplifiers: [],
    sustaining: [],
    explains: [0, 1],
    against: [],
    common: [],
    missing: [],
    rivals: [
      { rule: 'container-oomkilled', subject: PAYMENTS, says: 'The container ended with Error, not with OOMKilled.' },
    ],
    mechanism: 'A program reads its settings when it starts, and refuses one that it does not understand.',
    actions: [UNDO],
    fix: ['Check settings before they are rolled out.'],
    alternative: false,
    ...given,
  }
}

const UNDO = {
  says: 'Put the old settings back, then restart it.',
  command: 'kubectl -n shop rollout restart deployment/payments',
  changes: true,
}

/** A rule's outcome. */
export function rule(id: string, given: Partial<ReportRule> = {}): ReportRule {
  return { id, title: id, domain: 'workload', status: 'clear', why: '', rejections: [], ...given }
}

/** A report as analysis would give it, made by hand: what is drawn does not depend on which rules there are. */
export function sampleReport(given: Partial<Report> = {}): Report {
  return {
    format: REPORT_FORMAT,
    tool: { name: 'freezeframe', version: '0.0.0' },
    bundle: {
      name: 'freezeframe-prod-20260131T235959Z.tar.gz',
      root: '0'.repeat(64),
      cluster: 'prod',
      version: 'v1.34.4',
      window: { start: '2026-01-31T23:59:00.000Z', end: '2026-01-31T23:59:59.000Z' },
      outcome: 'complete',
      truncated: null,
      destination: null,
      clockOffsets: {},
    },
    focus: { object: null, from: null, to: null },
    verdict: { status: 'explained', confidence: 'confirmed', says: REFUSED.says },
    failureDomain: {
      kind: 'workload',
      name: 'shop/payments',
      says: 'What is broken is the Deployment shop/payments.',
    },
    blastRadius: {
      says: '2 pods, 2 workloads in the namespace shop.',
      workloads: [CHECKOUT, PAYMENTS],
      services: [],
      nodes: [],
      namespaces: ['shop'],
      pods: { failing: 2, total: 18 },
    },
    mitigation: [{ ...UNDO, cause: 1 }],
    causes: [cause()],
    symptoms: [
      { ...CRASHING, symptom: 'crashing', affects: [PAYMENTS], weight: 6, causes: [1] },
      { ...REFUSALS, symptom: 'errors', affects: [CHECKOUT], weight: 3, causes: [1] },
    ],
    risks: [],
    evidenceLoss: [],
    timeline: [
      moment('2026-01-31T23:50:48Z', 'change', SETTINGS, 'kubectl-edit changed the ConfigMap payments-settings.', [3]),
      moment('2026-01-31T23:51:10Z', 'cause', PAYMENTS, REFUSED.says, [0]),
      moment('2026-01-31T23:51:12Z', 'symptom', PAYMENTS, CRASHING.says, [1]),
      moment('2026-01-31T23:59:00Z', 'capture', { kind: 'Cluster', name: 'cluster' }, 'The capture began.', []),
      moment('2026-01-31T23:59:59Z', 'capture', { kind: 'Cluster', name: 'cluster' }, 'The capture ended.', []),
    ],
    rules: [
      rule('config-change-broke-app', { status: 'fired', why: 'It found 1.' }),
      rule('container-oomkilled', {
        rejections: [{ subject: PAYMENTS, says: 'The container ended with Error, not with OOMKilled.' }],
      }),
      rule('conntrack-table-full', { status: 'not-evaluated', why: 'It needs conntrack (nobody asked for it).' }),
    ],
    coverage: [{ evidence: 'conntrack', how: 'none', why: 'nobody asked for it' }],
    next: ['1 rules were not evaluated for want of conntrack.'],
    replay: [
      'freezeframe verify freezeframe-prod-20260131T235959Z.tar.gz',
      'freezeframe serve freezeframe-prod-20260131T235959Z.tar.gz -- kubectl get events -A',
    ],
    citations: [
      {
        file: 'logs/shop/payments-57cc9bf855-mhgbp/ecb539f8/payments.log',
        line: 2,
        words:
          'time=2026-01-31T23:51:10Z level=fatal msg="cannot start: invalid setting" setting=authorization.timeout value="30"',
      },
      {
        file: 'cluster/core/v1/pods/_all/0001.json',
        pointer: '/items/9/status/containerStatuses/0/state/terminated/exitCode',
        words: '78',
      },
      {
        file: 'logs/shop/checkout-7fb86f8b7b-kk9px/0e027982/checkout.log',
        line: 2,
        words: 'level=error msg="call failed" upstream=payments error="connection refused"',
      },
      {
        file: 'cluster/core/v1/configmaps/_all/0001.json',
        pointer: '/items/4/metadata/managedFields/0/time',
        words: '2026-01-31T23:50:48Z',
      },
    ],
    ...given,
  }
}

function moment(
  at: string,
  kind: Report['timeline'][number]['kind'],
  about: Ref,
  says: string,
  cites: readonly number[],
): Report['timeline'][number] {
  return { at, uncertainty: 1000, about, kind, says, cites }
}

/** The report of a cluster that is well. */
export function healthyReport(given: Partial<Report> = {}): Report {
  return sampleReport({
    verdict: { status: 'healthy', confidence: null, says: 'Nothing is seen to be broken.' },
    failureDomain: { kind: 'none', name: '', says: 'Nothing is seen to be broken.' },
    blastRadius: {
      says: 'Nothing is seen to be broken.',
      workloads: [],
      services: [],
      nodes: [],
      namespaces: [],
      pods: { failing: 0, total: 18 },
    },
    mitigation: [],
    causes: [],
    symptoms: [],
    timeline: [],
    rules: [rule('image-not-found'), rule('container-oomkilled')],
    coverage: [],
    next: [],
    citations: [],
    ...given,
  })
}

/** Words that somebody put into a cluster to harm whoever reads of it: escape sequences, bidi, new lines, markup, and very many. */
export const HOSTILE = `\x1b]0;owned\x07\x1b[2Jred\u202Eevil\u2066\r\n\n# heading\n<img src=x onerror=alert(1)> | \`code\` ![x](https://evil.example/p.png) @team #1 ~~no~~ $x$ <redacted:env-value:ab12> ${'A'.repeat(10_000)}`
