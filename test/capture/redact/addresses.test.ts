import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../../src/capture/redact/redact.ts'

const { redact } = createRedactor({ key: Buffer.alloc(32), configData: false, dropNodeImages: false })

function redacted(text: string): string {
  return redact(Buffer.from(text), { type: 'connections' }).body.toString()
}

describe('the addresses of connections', () => {
  it('are hidden where they are those of clients out in the world, the same by the same name', () => {
    const text = redacted(
      '{ "source": "203.0.113.7", "entries": 1 }, { "source": "203.0.113.7" }, { "source": "2001:db8::7" }',
    )
    const names = [...text.matchAll(/"source": "(<redacted:address:[0-9a-f]{16}>)"/g)].map(([, name]) => name)
    expect(names).toHaveLength(3)
    expect(names[0]).toBe(names[1])
    expect(names[0]).not.toBe(names[2])
  })

  it('stay where they are of the cluster, or of what it calls', () => {
    const own = ['10.0.0.1', '172.31.0.9', '100.64.3.4', '169.254.169.254', '127.0.0.1', 'fd00::1', '::1']
    const text = own.map((one) => `{ "source": "${one}", "address": "203.0.113.7" }`).join()
    expect(redacted(text)).toBe(text)
  })

  it('are hidden in a whole table both times that a line names them', () => {
    const line = (client: string) =>
      `tcp      6 99 ESTABLISHED src=${client} dst=10.96.0.9 sport=5 dport=80 src=10.1.0.1 dst=${client} sport=8080 dport=5 [ASSURED] use=1`
    const text = redacted(`${line('203.0.113.7')}\n${line('10.0.0.1')}\n`)
    expect(text).not.toContain('203.0.113.7')
    expect(text.split('\n')[1]).toBe(line('10.0.0.1'))
    expect(text).toContain('dst=10.96.0.9 sport=5')
    const out =
      'tcp 6 9 SYN_SENT src=10.0.0.1 dst=203.0.113.9 sport=9 dport=443 [UNREPLIED] src=203.0.113.9 dst=10.0.0.1 sport=443 dport=9 use=1'
    expect(redacted(out)).toBe(out)
  })
})
