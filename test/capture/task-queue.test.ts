import { expect, it } from 'vitest'
import { createTaskQueue } from '../../src/capture/task-queue.ts'

function recorder() {
  const order: string[] = []
  const gates = new Map<string, () => void>()
  const task = (key: string, rank: number) => ({
    key,
    rank,
    run: () =>
      new Promise<void>((resolve) => {
        order.push(key)
        gates.set(key, resolve)
      }),
  })
  async function finish(key: string) {
    gates.get(key)?.()
    await settle()
  }
  return { order, task, finish }
}

/** Lets p-limit start what it may. */
async function settle() {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

it('runs the lowest rank first, equal ranks in order of arrival, and no more at once than allowed', async () => {
  const { order, task, finish } = recorder()
  const queue = createTaskQueue(1, () => {})
  for (const [key, rank] of [
    ['first', 5],
    ['late', 4],
    ['b1', 2],
    ['b2', 2],
    ['a', 1],
  ] as const)
    queue.add(task(key, rank))
  await settle()
  expect(order).toEqual(['a'])
  for (const key of ['a', 'b1', 'b2', 'late']) await finish(key)
  expect(order).toEqual(['a', 'b1', 'b2', 'late', 'first'])
})

it('moves a waiting task to the front, and only a waiting one', async () => {
  const { order, task, finish } = recorder()
  const queue = createTaskQueue(1, () => {})
  for (const key of ['a', 'b', 'c']) queue.add(task(key, 2))
  await settle()
  expect(queue.promote('c', -1)).toBe(true)
  expect(queue.promote('a', -1)).toBe(false)
  expect(queue.promote('unknown', -1)).toBe(false)
  await finish('a')
  await finish('c')
  expect(order).toEqual(['a', 'c', 'b'])
})

it('drains what has not started, and tells when it is idle', async () => {
  let idle = 0
  const { order, task, finish } = recorder()
  const queue = createTaskQueue(2, () => idle++)
  for (const key of ['a', 'b', 'c', 'd']) queue.add(task(key, 1))
  await settle()
  expect(queue.drain().map((one) => one.key)).toEqual(['c', 'd'])
  await finish('a')
  expect([idle, queue.idle()]).toEqual([0, false])
  await finish('b')
  expect([idle, queue.idle()]).toEqual([1, true])
  expect(order).toEqual(['a', 'b'])
})

it('runs no more of one group at once than allowed, and lets the others pass', async () => {
  const { order, task, finish } = recorder()
  let ended = 0
  const queue = createTaskQueue(3, () => ended++, 1)
  for (const [key, group] of [
    ['a1', 'a'],
    ['a2', 'a'],
    ['a3', 'a'],
    ['b1', 'b'],
    ['none', undefined],
  ] as const)
    queue.add({ ...task(key, 1), group })
  await settle()
  expect(order).toEqual(['a1', 'b1', 'none'])
  for (const key of ['b1', 'none']) await finish(key)
  expect(order).toEqual(['a1', 'b1', 'none'])
  for (const key of ['a1', 'a2', 'a3']) await finish(key)
  expect(order).toEqual(['a1', 'b1', 'none', 'a2', 'a3'])
  expect(queue.idle()).toBe(true)
  expect(ended).toBe(1)
})

it('may allow more of a group once that has shown what it can do', async () => {
  const { order, task, finish } = recorder()
  const proven = new Set<string>()
  const queue = createTaskQueue(
    9,
    () => {},
    (group) => (proven.has(group) ? 2 : 1),
  )
  for (const key of ['a1', 'a2', 'a3', 'a4']) queue.add({ ...task(key, 1), group: 'a' })
  await settle()
  expect(order).toEqual(['a1'])
  proven.add('a')
  await finish('a1')
  expect(order).toEqual(['a1', 'a2', 'a3'])
})
