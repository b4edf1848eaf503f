import { describe, expect, it } from 'vitest'
import { ephemeralLimitExceeded } from '../../../src/rules/disk/ephemeral-limit-exceeded.ts'
import { node } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'
import { evicted } from './pressure.ts'

describe('ephemeral-limit-exceeded', () => {
  it.each([
    'Usage of EmptyDir volume "scratch" exceeds the limit "8Mi". ',
    'Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ',
    'Container app exceeded its local ephemeral storage limit "1Gi". ',
  ])('names the workload: %s', async (message) => {
    const outcome = await evaluate(ephemeralLimitExceeded, { objects: [node('node-1'), evicted('web-1', message)] })
    expect(subjectsOf(outcome)).toEqual(['Pod shop/web-1'])
  })

  it('is quiet when the node was full, and about yesterday', async () => {
    const low = 'The node was low on resource: ephemeral-storage. '
    expect((await evaluate(ephemeralLimitExceeded, { objects: [evicted('web-1', low)] })).status).toBe('clear')
    const old = evicted('web-1', 'Usage of EmptyDir volume "scratch" exceeds the limit "8Mi". ', 90_000)
    expect((await evaluate(ephemeralLimitExceeded, { objects: [old] })).status).toBe('clear')
  })
})
