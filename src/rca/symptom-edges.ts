import type { SymptomClass } from '../rules/rule.ts'
import type { Relation } from './edges.ts'

/** What one symptom brings about, and by which relation. */
type Effect = readonly [SymptomClass, Relation]

/** What those come to who call pods that do not serve. */
const CALLERS: readonly Effect[] = [
  ['errors', 'calls'],
  ['not-ready', 'calls'],
  ['crashing', 'calls'],
  ['not-starting', 'calls'],
]

/** What one symptom brings about by itself. Whatever it is, components warn about it. */
export const symptomEdges: Readonly<Record<SymptomClass, readonly Effect[]>> = {
  crashing: [
    ['not-ready', 'touches'],
    ['no-endpoints', 'touches'],
    ['rollout-stalled', 'touches'],
    ['job-failing', 'touches'],
    ['unhealthy-condition', 'touches'],
    ['not-scaling', 'touches'],
    ...CALLERS,
    ['job-failing', 'calls'],
    ['warnings', 'touches'],
  ],
  'not-starting': [
    ['no-endpoints', 'touches'],
    ['rollout-stalled', 'touches'],
    ['job-failing', 'touches'],
    ['unhealthy-condition', 'touches'],
    ...CALLERS,
    ['warnings', 'touches'],
  ],
  'not-ready': [
    ['no-endpoints', 'touches'],
    ['rollout-stalled', 'touches'],
    ['unhealthy-condition', 'touches'],
    ...CALLERS,
    ['warnings', 'touches'],
  ],
  unscheduled: [
    ['no-endpoints', 'touches'],
    ['rollout-stalled', 'touches'],
    ['volume-failing', 'touches'],
    ['job-failing', 'touches'],
    ['unhealthy-condition', 'touches'],
    ...CALLERS,
    ['warnings', 'touches'],
  ],
  'not-created': [
    ['no-endpoints', 'touches'],
    ['rollout-stalled', 'touches'],
    ['job-failing', 'touches'],
    ['unhealthy-condition', 'touches'],
    ['errors', 'calls'],
    ['not-ready', 'calls'],
    ['crashing', 'calls'],
    ['warnings', 'touches'],
  ],
  evicted: [
    ['unscheduled', 'touches'],
    ['not-ready', 'touches'],
    ['no-endpoints', 'touches'],
    ['job-failing', 'touches'],
    ['warnings', 'touches'],
  ],
  'node-unhealthy': [
    ['not-ready', 'node'],
    ['evicted', 'node'],
    ['not-starting', 'node'],
    ['stuck-terminating', 'node'],
    ['warnings', 'node'],
  ],
  'volume-failing': [
    ['unscheduled', 'touches'],
    ['not-starting', 'touches'],
    ['warnings', 'touches'],
  ],
  'no-endpoints': [...CALLERS, ['job-failing', 'calls'], ['warnings', 'touches']],
  'control-plane-failing': [['warnings', 'touches']],
  'unhealthy-condition': [['warnings', 'touches']],
  'rollout-stalled': [
    ['not-ready', 'touches'],
    ['warnings', 'touches'],
  ],
  'stuck-terminating': [
    ['rollout-stalled', 'touches'],
    ['warnings', 'touches'],
  ],
  'not-scaling': [['warnings', 'touches']],
  'job-failing': [['warnings', 'touches']],
  errors: [
    ['not-ready', 'touches'],
    ['crashing', 'touches'],
    ['warnings', 'touches'],
  ],
  slow: [['warnings', 'touches']],
  warnings: [],
}
