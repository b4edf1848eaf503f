import { describe, expect, it } from 'vitest'
import { type CaptureFlags, readRequest } from '../../src/cli/capture/request.ts'

const FLAGS = { format: 'text', progress: 'auto', deadline: '5m', logs: 'suspects', samples: '2' } as const

function read(flags: Partial<CaptureFlags>) {
  const context = { collectors: [], stdoutIsTerminal: false, now: new Date(0) }
  return readRequest({ ...FLAGS, ...flags }, context)
}

describe('what is read of nodes', () => {
  it('is two samples of suspects and controls, half a minute apart', async () => {
    expect(await read({})).toMatchObject({ nodes: 'suspects', samples: 2, interval: 30_000 })
  })

  it('is one sample where the deadline leaves no time for two, and an interval that was asked for must fit', async () => {
    expect(await read({ deadline: '20s' })).toMatchObject({ samples: 1 })
    expect(await read({ deadline: '20s', interval: '5s' })).toMatchObject({ samples: 2, interval: 5000 })
    await expect(read({ deadline: '20s', interval: '20s' })).rejects.toThrow(
      '--interval "20s" is not shorter than the deadline (20s).',
    )
  })

  it('is of all nodes, of none, or of those with these names', async () => {
    expect(await read({ nodes: ['none'] })).toMatchObject({ nodes: 'none' })
    expect(await read({ nodes: ['n1', 'n2', 'n1'] })).toMatchObject({ nodes: ['n1', 'n2'] })
    await expect(read({ nodes: ['all', 'n1'] })).rejects.toThrow('--nodes "all,n1" joins "all" with names.')
    await expect(read({ nodes: [''] })).rejects.toThrow('--nodes "" names no node.')
  })
})
