import { describe, expect, it } from 'vitest'
import { isOwnProbe } from '../../src/incident/own-probe.ts'

const named = (name: string) => ({ metadata: { name } })

describe('what a capture has created itself', () => {
  it('is no part of the incident: its Jobs, their pods, and what is said of them', () => {
    expect(isOwnProbe('jobs', named('freezeframe-probe-01d9e35e-1'))).toBe(true)
    expect(isOwnProbe('pods', named('freezeframe-probe-01d9e35e-12-j9dcn'))).toBe(true)
    const about = { kind: 'Pod', name: 'freezeframe-probe-01d9e35e-1-j9dcn' }
    expect(isOwnProbe('events', { ...named('x.18abc'), involvedObject: about })).toBe(true)
    expect(isOwnProbe('events', { ...named('x.18abc'), regarding: about })).toBe(true)
  })

  it('is nothing else, whatever its name begins with', () => {
    expect(isOwnProbe('pods', named('freezeframe-probe-tests-1'))).toBe(false)
    expect(isOwnProbe('services', named('freezeframe-probe-01d9e35e-1'))).toBe(false)
    expect(isOwnProbe('events', { involvedObject: { kind: 'Pod', name: 'web-1' } })).toBe(false)
  })
})
