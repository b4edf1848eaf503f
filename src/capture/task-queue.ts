import pLimit from 'p-limit'

/** One unit of work: a collector and a target. Lower rank runs first; equal ranks in the order of arrival. */
export interface Task {
  readonly key: string
  rank: number
  /** Of one group so many run at a time as the queue allows; undefined for a task that is in none. */
  readonly group?: string | undefined
  run(): Promise<void>
}

/** A queue that may be re-ordered while it is worked off, by at most `concurrency` tasks at a time. */
export interface TaskQueue {
  add(task: Task): void
  /** Gives a waiting task a new rank; false where it is not waiting (running, done or never added). */
  promote(key: string, rank: number): boolean
  /** Empties the queue and returns what had not started. */
  drain(): Task[]
  /** True when nothing waits and nothing runs. */
  idle(): boolean
}

/** Creates a queue; `onIdle` is called each time its last task ends. */
export function createTaskQueue(
  concurrency: number,
  onIdle: () => void,
  perGroup: number | ((group: string) => number) = Number.POSITIVE_INFINITY,
): TaskQueue {
  const limit = pLimit(concurrency)
  const waiting: Task[] = []
  const groups = new Map<string, number>()
  let running = 0
  /** Starts that found only tasks whose groups were full: each is made up for when a task ends. */
  let parked = 0

  async function runNext(): Promise<void> {
    const index = waiting.findIndex(({ group }) => group === undefined || countOf(group) < limitOf(group))
    const [task] = index < 0 ? [] : waiting.splice(index, 1)
    if (!task) {
      if (waiting.length > 0) parked++
      return
    }
    count(task, 1)
    try {
      await task.run()
    } finally {
      count(task, -1)
      if (running === 0 && waiting.length === 0) onIdle()
      for (; parked > 0; parked--) void limit(runNext)
    }
  }

  function limitOf(group: string): number {
    return typeof perGroup === 'number' ? perGroup : perGroup(group)
  }

  function countOf(group: string | undefined): number {
    return group === undefined ? 0 : (groups.get(group) ?? 0)
  }

  function count({ group }: Task, change: 1 | -1): void {
    running += change
    if (group !== undefined) groups.set(group, countOf(group) + change)
  }

  return {
    add(task) {
      insert(waiting, task)
      void limit(runNext)
    },
    promote(key, rank) {
      const index = waiting.findIndex((task) => task.key === key)
      const [task] = index < 0 ? [] : waiting.splice(index, 1)
      if (!task) return false
      task.rank = rank
      insert(waiting, task)
      return true
    },
    drain: () => waiting.splice(0),
    idle: () => running === 0 && waiting.length === 0,
  }
}

/** Keeps the queue sorted by rank; a binary search finds the place behind the last task of the same rank. */
function insert(waiting: Task[], task: Task): void {
  let low = 0
  let high = waiting.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((waiting[middle]?.rank ?? 0) <= task.rank) low = middle + 1
    else high = middle
  }
  waiting.splice(low, 0, task)
}
