import { expect, it } from 'vitest'
import { explainExitCode } from '../../../src/incident/messages/exit-codes.ts'

it.each([
  [0, 'success', undefined],
  [1, 'application-error', undefined],
  [126, 'not-executable', undefined],
  [127, 'command-not-found', undefined],
  [134, 'sigabrt', 'SIGABRT'],
  [137, 'sigkill', 'SIGKILL'],
  [139, 'sigsegv', 'SIGSEGV'],
  [143, 'sigterm', 'SIGTERM'],
  [162, 'signal-34', 'signal 34'],
  [42, 'application-error', undefined],
  [255, 'out-of-range', undefined],
])('exit code %i is %s', (code, name, signal) => {
  const explained = explainExitCode(code)
  expect([explained.name, explained.signal]).toEqual([name, signal])
  expect(explained.means).toMatch(/^The .*\.$/)
})
