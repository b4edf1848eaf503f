import { describe, expect, it } from 'vitest'
import { podWith, redactList, redactText } from './redactor.ts'

/** One planted secret for each place where people keep them; none may come out in any form. */
const PLANTED = {
  envLiteral: 'canary env literal',
  envSecretName: 'canary9env',
  envUrl: 'canary9url',
  flag: 'canary9flag',
  nextFlag: 'canary9next',
  script: 'canary9script',
  annotation: 'canary annotation text',
  appliedEnv: 'canary applied env',
  appliedAnnotation: 'canary applied note',
  jsonAnnotation: 'canary json words',
  configMap: 'canary config value',
  binary: 'Y2FuYXJ5OWJpbmFyeQ==',
  secretField: 'canary9field',
  secretList: 'canary9list',
  eventUrl: 'canary9event',
  logPair: 'canary9log',
  logJson: 'canary9json',
} as const

const APPLIED = JSON.stringify({
  kind: 'Deployment',
  metadata: { annotations: { 'example.com/note': PLANTED.appliedAnnotation } },
  spec: { template: { spec: { containers: [{ env: [{ name: 'A', value: PLANTED.appliedEnv }] }] } } },
})

const template = podWith(
  {
    env: [
      { name: 'GREETING', value: PLANTED.envLiteral },
      { name: 'DB_PASSWORD', value: PLANTED.envSecretName },
      { name: 'DATABASE', value: `postgres://app:${PLANTED.envUrl}@db:5432/shop` },
    ],
    command: ['sh', '-c', `export API_KEY=${PLANTED.script}; exec run`],
    args: [`--password=${PLANTED.flag}`, '--token', PLANTED.nextFlag],
    livenessProbe: { httpGet: { path: '/', httpHeaders: [{ name: 'X', value: 'y' }] } },
  },
  {
    annotations: {
      'example.com/owner': PLANTED.annotation,
      'example.com/settings': JSON.stringify({ greeting: PLANTED.jsonAnnotation }),
      'kubectl.kubernetes.io/last-applied-configuration': APPLIED,
    },
  },
)

/** The value itself, and what base64 and JSON make of it. */
function forms(value: string): string[] {
  return [
    value,
    Buffer.from(value).toString('base64').replace(/=+$/, ''),
    JSON.stringify(JSON.stringify(value)).slice(3, -3),
  ]
}

describe('no planted secret comes out', () => {
  const change = JSON.stringify({ observedAt: '2026-01-31T08:00:00Z', type: 'MODIFIED', object: template })
  const log = `2026-01-31T08:00:00Z login db_password=${PLANTED.logPair}\n2026-01-31T08:00:01Z {"auth":{"apiKey":"${PLANTED.logJson}"}}\n`
  const outputs: Readonly<Record<string, string>> = {
    pods: redactList('pods', [template]).text,
    deployments: redactList('deployments', [{ metadata: template.metadata, spec: { template } }]).text,
    controllerrevisions: redactList('controllerrevisions', [{ data: { spec: { template } } }]).text,
    orders: redactList('orders', [
      { spec: { template, credentials: { user: PLANTED.secretField, list: [PLANTED.secretList] } } },
    ]).text,
    configmaps: redactList('configmaps', [
      { metadata: { name: 'x' }, data: { a: PLANTED.configMap }, binaryData: { b: PLANTED.binary } },
    ]).text,
    events: redactList('events', [{ message: `pull https://app:${PLANTED.eventUrl}@registry.example.com/ failed` }])
      .text,
    changes: redactText(`${change}\n${change}\n`, { type: 'changes', group: '', resource: 'pods' }).text,
    log: redactText(log, { type: 'log' }).text,
  }

  it.each(Object.keys(outputs))('from %s', (name) => {
    for (const [place, secret] of Object.entries(PLANTED))
      for (const form of forms(secret)) expect(outputs[name]?.includes(form), `${place} as ${form}`).toBe(false)
  })

  it('though each of them went in', () => {
    const everything = Object.values(outputs).join('')
    expect(everything.match(/<redacted:/g)?.length).toBeGreaterThan(Object.keys(PLANTED).length)
  })
})
