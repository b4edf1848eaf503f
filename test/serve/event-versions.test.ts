import { describe, expect, it } from 'vitest'
import { convertEvent } from '../../src/serve/event-versions.ts'

const METADATA = { name: 'web.17', namespace: 'shop', uid: 'e1' }
const POD = { kind: 'Pod', namespace: 'shop', name: 'web', fieldPath: 'spec.containers{app}' }

/** As a kubelet reports through core/v1, in the order of the API server. */
const OLD_CORE = {
  metadata: METADATA,
  involvedObject: POD,
  reason: 'BackOff',
  message: 'Back-off restarting failed container',
  source: { component: 'kubelet', host: 'n1' },
  firstTimestamp: '2026-01-31T08:00:00Z',
  lastTimestamp: '2026-01-31T08:01:00Z',
  count: 7,
  type: 'Warning',
  eventTime: null,
  reportingComponent: 'kubelet',
  reportingInstance: 'n1',
}
const OLD_EVENTS = {
  metadata: METADATA,
  eventTime: null,
  reportingController: 'kubelet',
  reportingInstance: 'n1',
  reason: 'BackOff',
  regarding: POD,
  note: 'Back-off restarting failed container',
  type: 'Warning',
  deprecatedSource: { component: 'kubelet', host: 'n1' },
  deprecatedFirstTimestamp: '2026-01-31T08:00:00Z',
  deprecatedLastTimestamp: '2026-01-31T08:01:00Z',
  deprecatedCount: 7,
}

/** As the scheduler reports through events.k8s.io/v1. */
const NEW_CORE = {
  kind: 'Event',
  apiVersion: 'v1',
  metadata: METADATA,
  involvedObject: POD,
  reason: 'FailedScheduling',
  message: '0/2 nodes are available',
  source: {},
  firstTimestamp: null,
  lastTimestamp: null,
  type: 'Warning',
  eventTime: '2026-01-31T08:00:00.012809Z',
  series: { count: 2, lastObservedTime: '2026-01-31T08:00:03.324989Z' },
  action: 'Scheduling',
  related: { kind: 'Node', name: 'n1' },
  reportingComponent: 'default-scheduler',
  reportingInstance: 'default-scheduler-0',
}
const NEW_EVENTS = {
  kind: 'Event',
  apiVersion: 'events.k8s.io/v1',
  metadata: METADATA,
  eventTime: '2026-01-31T08:00:00.012809Z',
  series: { count: 2, lastObservedTime: '2026-01-31T08:00:03.324989Z' },
  reportingController: 'default-scheduler',
  reportingInstance: 'default-scheduler-0',
  action: 'Scheduling',
  reason: 'FailedScheduling',
  regarding: POD,
  related: { kind: 'Node', name: 'n1' },
  note: '0/2 nodes are available',
  type: 'Warning',
  deprecatedSource: {},
  deprecatedFirstTimestamp: null,
  deprecatedLastTimestamp: null,
}

describe('an event', () => {
  it.each([
    ['reported through core', OLD_CORE, OLD_EVENTS],
    ['reported through events.k8s.io', NEW_CORE, NEW_EVENTS],
  ])('%s is shown by both groups, field by field in the order of the server', (_, core, events) => {
    expect(JSON.stringify(convertEvent(core, 'events.k8s.io/v1'))).toBe(JSON.stringify(events))
    expect(JSON.stringify(convertEvent(events, 'v1'))).toBe(JSON.stringify(core))
  })

  it('prints what is not set as the server does', () => {
    expect(
      JSON.stringify(convertEvent({ metadata: {}, reportingComponent: '', count: 0, series: {} }, 'events.k8s.io/v1')),
    ).toBe(
      '{"metadata":{},"eventTime":null,"series":{"count":0,"lastObservedTime":null},"regarding":{},"deprecatedSource":{},"deprecatedFirstTimestamp":null,"deprecatedLastTimestamp":null}',
    )
    expect(JSON.stringify(convertEvent({ metadata: {}, series: { count: 0 } }, 'v1'))).toBe(
      '{"metadata":{},"involvedObject":{},"source":{},"firstTimestamp":null,"lastTimestamp":null,"eventTime":null,"series":{"lastObservedTime":null},"reportingComponent":"","reportingInstance":""}',
    )
  })

  it('keeps fields that neither group knows, whatever they are called', () => {
    const event = JSON.parse('{"metadata":{},"future":{"a":1},"__proto__":{"b":2},"constructor":3}')
    const shown = convertEvent(event, 'events.k8s.io/v1')
    expect(JSON.stringify(shown)).toMatch(/"future":\{"a":1\},"__proto__":\{"b":2\},"constructor":3\}$/)
    expect(JSON.stringify(convertEvent(shown, 'v1'))).toMatch(
      /"future":\{"a":1\},"__proto__":\{"b":2\},"constructor":3\}$/,
    )
  })

  it('may be anything in a bundle of a stranger', () => {
    for (const event of [{}, { series: 7 }, { series: [] }, { apiVersion: 7, involvedObject: 'pod' }])
      expect(() => convertEvent(convertEvent(event, 'events.k8s.io/v1'), 'v1')).not.toThrow()
  })
})
