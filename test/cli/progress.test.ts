import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { LedgerStatus } from '../../src/bundle/format.ts'
import type { CaptureEvent } from '../../src/capture/events.ts'
import { draw } from '../../src/cli/progress/draw.ts'
import { createTally, type Tally } from '../../src/cli/progress/tally.ts'
import { startFakeCluster } from './fake-cluster.ts'
import { runCli } from './run.ts'

const plain = (_style: string, text: string) => text

function closed(collector: string, resource: string, status: LedgerStatus): CaptureEvent {
  return { type: 'closed', line: { collector, scope: { resource }, status, requests: 1, bytes: 0, files: [] } }
}

function progress(elapsed: number, bytesReceived: number): CaptureEvent {
  return {
    type: 'progress',
    elapsed,
    bytesReceived,
    bytesWritten: 900_000,
    requests: 1412,
    inFlight: 5,
    limit: 8,
    throttled: 2,
  }
}

const EVENTS: readonly CaptureEvent[] = [
  { type: 'started', collector: 'changes', band: 0 },
  {
    type: 'connected',
    server: 'https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com',
    version: 'v1.34.4-eks-abcdef',
  },
  { type: 'queued', collector: 'objects', title: 'All other objects', band: 4, count: 63 },
  { type: 'queued', collector: 'pods', title: 'Pods', band: 1, count: 1 },
  { type: 'started', collector: 'pods', band: 1 },
  { type: 'file', collector: 'pods', path: 'cluster/core/v1/pods/_all/0001.json', bytes: 4_200_000 },
  { type: 'finished', collector: 'pods', band: 1 },
  { type: 'started', collector: 'objects', band: 4 },
  closed('objects', 'configmaps', 'denied'),
  closed('objects', 'widgets.example.com', 'failed'),
  closed('objects', 'gadgets.example.com', 'empty'),
  progress(0, 0),
  progress(2000, 8_388_608),
]

function tallyOf(events: readonly CaptureEvent[]): Tally {
  const tally = createTally()
  for (const event of events) tally.add(event)
  return tally
}

const frame = { columns: 80, rows: 24, elapsed: 12_345, deadline: 300_000, paint: plain }

describe('the live view', () => {
  it('shows the collectors in the order of volatility, the totals, and what was denied', async () => {
    await expect(`${draw(tallyOf(EVENTS), frame).join('\n')}\n`).toMatchFileSnapshot('snapshots/live.txt')
  })

  it.each([
    [80, 24],
    [40, 10],
    [20, 3],
    [200, 60],
  ])('fits a terminal of %i columns and %i rows', (columns, rows) => {
    const lines = draw(tallyOf(EVENTS), { ...frame, columns, rows })
    expect(lines.length).toBeLessThan(rows)
    expect(Math.max(...lines.map((line) => stripVTControlCharacters(line).length))).toBeLessThan(columns)
  })

  it('does not let a name move the cursor', () => {
    const evil = closed('objects', 'a\x1b[2Jb\nc', 'denied')
    expect(draw(tallyOf([evil]), frame).join('')).not.toMatch(/\p{Cc}/u)
  })
})

it('plain lines are one for each collector, not one for each file', async () => {
  const cluster = await startFakeCluster({ pods: 30 })
  const { stderr } = await runCli(['capture', '-o', '-'], { env: { KUBECONFIG: cluster.kubeconfig } })
  await cluster.close()
  const told = stderr.split('\n').filter((line) => /^\[\d:\d\d\] logs: /.test(line))
  expect(told).toEqual([expect.stringContaining('60 files')])
  expect(stderr.split('\n').length).toBeLessThan(25)
  expect(stderr).not.toContain('\x1b')
})
