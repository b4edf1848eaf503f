import { describe, expect, it } from 'vitest'
import { corednsConfigBroken } from '../../../src/rules/dns/coredns-config-broken.ts'
import type { Thing } from '../../incident/scene.ts'
import { thing, wrote } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { COREFILE, cluster, INSIDE, logOf, logs, nameServer, SLOW } from './cluster.ts'

describe('coredns-config-broken', () => {
  it.each([
    [
      'plugin/loop: Loop (127.0.0.1:55953 -> :53) detected for zone ".", see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO 4547991504243258144.3688648895315093531."',
    ],
    ["/etc/coredns/Corefile:5 - Error during parsing: Unknown directive 'forwrd'"],
  ])('names the ConfigMap that CoreDNS complains about: %s', async (line) => {
    const objects = [...cluster, ...nameServer({ ready: false, corefile: COREFILE })]
    const outcome = await evaluate(corednsConfigBroken, { objects, logs: logs(`[FATAL] ${line}`) })
    expect(subjectsOf(outcome)).toEqual(['ConfigMap kube-system/coredns'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'proof' })
  })

  it('is a risk while the servers run with the old one', async () => {
    const line = '[ERROR] Restart failed: /etc/coredns/Corefile:5 - Error during parsing: Unknown directive'
    const outcome = await evaluate(corednsConfigBroken, {
      objects: [...cluster, ...nameServer({ corefile: COREFILE })],
      logs: logs(line),
    })
    expect(outcome.findings[0]).toMatchObject({ kind: 'risk' })
  })

  it.each([
    ['no plugin kubernetes', COREFILE.replace(/ +kubernetes [^}]*}\n/, ''), 'proof'],
    ['answers for cluster.lokal', COREFILE.replace('cluster.local', 'cluster.lokal'), 'strong'],
  ])('sees that no Service resolves: %s', async (words, corefile, strength) => {
    const outcome = await evaluate(corednsConfigBroken, {
      objects: [...cluster, ...nameServer({ corefile })],
      logs: logOf(INSIDE),
    })
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength })
    expect(outcome.findings[0]?.says).toContain(words)
  })

  it('takes a change shortly before for the cause, and a later one not', async () => {
    const changed = (seconds: number): Thing =>
      thing('v1', 'ConfigMap', 'kube-system/coredns', {
        metadata: { managedFields: [wrote('kubectl-edit', seconds, { 'f:data': { 'f:Corefile': {} } })] },
        data: { Corefile: COREFILE },
      })
    const of = (seconds: number) =>
      evaluate(corednsConfigBroken, { objects: [...cluster, ...nameServer(), changed(seconds)], logs: logOf(SLOW) })
    expect((await of(700)).findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(await of(120)).toMatchObject({ status: 'clear', rejections: [{}] })
  })

  const corefileWith = (lines: string) => COREFILE.replace('    kubernetes', `${lines}\n    kubernetes`)

  it.each([
    ['template', '    template ANY ANY svc.cluster.local {\n      rcode NXDOMAIN\n    }'],
    ['template', '    template IN A {\n      match .*\\.svc\\.cluster\\.local\\.$\n      rcode NXDOMAIN\n    }'],
    ['rewrite', '    rewrite name suffix .svc.cluster.local .svc.nowhere.invalid'],
    ['hosts', '    hosts {\n      10.0.0.9 old.example.com\n    }'],
  ])('names the line that answers for Services in the place of Kubernetes: %s', async (plugin, lines) => {
    const objects = [...cluster, ...nameServer({ corefile: corefileWith(lines) })]
    const outcome = await evaluate(corednsConfigBroken, { objects, logs: logOf(INSIDE) })
    expect(subjectsOf(outcome)).toEqual(['ConfigMap kube-system/coredns'])
    expect(outcome.findings[0]).toMatchObject({ kind: 'cause', strength: 'strong' })
    expect(outcome.findings[0]?.says).toContain(`its line "${plugin}`)
  })

  it.each([
    ['of the addresses that the cluster has none of', '    template ANY AAAA {\n      rcode NOERROR\n    }'],
    ['of another zone', '    template ANY ANY corp.example {\n      rcode NXDOMAIN\n    }'],
    ['of other names', '    template IN A {\n      match ^old\\.example\\.com\\.$\n      rcode NXDOMAIN\n    }'],
    ['that pass on what they do not know', '    hosts {\n      10.0.0.9 old.example.com\n      fallthrough\n    }'],
    ['of one alias', '    rewrite name shop.example.com web.shop.svc.cluster.local'],
  ])('does not blame lines %s', async (_, lines) => {
    const objects = [...cluster, ...nameServer({ corefile: corefileWith(lines) })]
    expect(await evaluate(corednsConfigBroken, { objects, logs: logOf(INSIDE) })).toMatchObject({
      status: 'clear',
      rejections: [{}],
    })
  })

  it('hardly believes in a change where servers lack the time to answer', async () => {
    const metadata = { managedFields: [wrote('kubectl-edit', 700, { 'f:data': { 'f:Corefile': {} } })] }
    const config = thing('v1', 'ConfigMap', 'kube-system/coredns', { metadata, data: { Corefile: COREFILE } })
    const objects = [...cluster, ...nameServer(), config]
    const busy = '[WARNING] plugin/health: Local health request to "http://:8080/health" took more than 1s: 1.4s'
    const of = (...lines: string[]) => evaluate(corednsConfigBroken, { objects, logs: logs(busy, ...lines) })
    expect((await of(SLOW)).findings).toMatchObject([{ strength: 'weak' }])
    expect((await of(SLOW, INSIDE)).findings).toMatchObject([{ strength: 'strong' }])
  })
})
