import pLimit from 'p-limit'

/** One unit of work: a collector and a target. Lower rank runs first; equal ranks in the order of arrival. */
export interface Task {
  readonly key: string
  rank: number
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
export function createTaskQueue(concurrency: number, onIdle: () => void): TaskQueue {
  const limit = pLimit(concurrency)
  const waiting: Task[] = []
  let running = 0

  async function runNext(): Promise<void> {
    const task = waiting.shift()
    if (!task) return
    running++
    try {
      await task.run()
    } finally {
      running--
      if (running === 0 && waiting.length === 0) onIdle()
    }
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
