import { describe, expect, it } from 'vitest'
import { fdOrInotifyExhaustion } from '../../../src/rules/compute/fd-or-inotify-exhaustion.ts'
import { ago } from '../../incident/scene.ts'
import { crashed, pod } from '../../incident/things.ts'
import { evaluate, subjectsOf } from '../check.ts'

const LINE = 'ERROR accept4: too many open files; retrying in 1s'

describe('fd-or-inotify-exhaustion', () => {
  it('names the workload that can open no more files', async () => {
    const sick = pod('shop/web-1', { ready: false, containers: [{ status: crashed() }] })
    const outcome = await evaluate(fdOrInotifyExhaustion, {
      objects: [sick],
      logs: { 'shop/web-1/app': `${ago(60)} ${LINE}\n` },
    })
    expect(subjectsOf(outcome)).toEqual(['Pod shop/web-1'])
    expect(outcome.findings[0]?.kind).toBe('cause')
  })

  it('calls it a risk where nothing suffers, and rejects what is over', async () => {
    const objects = [pod('shop/web-1')]
    const fresh = await evaluate(fdOrInotifyExhaustion, { objects, logs: { 'shop/web-1/app': `${ago(60)} ${LINE}\n` } })
    expect(fresh.findings[0]?.kind).toBe('risk')
    const over = await evaluate(fdOrInotifyExhaustion, {
      objects,
      logs: { 'shop/web-1/app': `${ago(3000)} ${LINE}\n` },
    })
    expect([over.status, over.rejections.length]).toEqual(['clear', 1])
  })
})
