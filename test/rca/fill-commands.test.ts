import { expect, it } from 'vitest'
import { analyze } from '../../src/rca/analyze.ts'
import { fillCommands } from '../../src/rca/fill-commands.ts'
import type { Finding } from '../../src/rules/rule.ts'
import { bundleOf, incidentOf } from '../incident/scene.ts'

const ACTION = { says: 'Do it.', command: 'kubectl delete {kind} {name} -n {namespace}', changes: true }

async function fill(subject: Finding['subject']): Promise<string | undefined> {
  const finding: Finding = {
    kind: 'cause',
    subject,
    strength: 'weak',
    from: undefined,
    says: 'x',
    cites: [{ file: 'x', line: 1, words: 'x' }],
  }
  return fillCommands(await incidentOf({ objects: [] }), finding, [ACTION])[0]?.command
}

it('puts names into commands', async () => {
  expect(await fill({ kind: 'Deployment', namespace: 'shop', name: 'web-1.2' })).toBe(
    'kubectl delete deployment web-1.2 -n shop',
  )
})

it.each(['x; rm -rf /', '$(id)', '`id`', "x'y", '-A', 'a b', 'a\nb', 'a|b', 'a>b'])(
  'puts %j into no command that somebody will paste',
  async (name) => {
    expect(await fill({ kind: 'Deployment', namespace: 'shop', name })).toBe('kubectl delete deployment {name} -n shop')
  },
)

it('quotes the name of a bundle that a shell would read otherwise', async () => {
  const options = { name: "it's $(id).tar.gz", toolVersion: '0' }
  const { replay } = await analyze(bundleOf({ objects: [] }), options)
  expect(replay[0]).toBe("freezeframe verify 'it'\\''s $(id).tar.gz'")
})
