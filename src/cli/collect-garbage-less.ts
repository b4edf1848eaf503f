import { setFlagsFromString } from 'node:v8'

/**
 * V8 counts the pages that live outside of its heap, and beside them the heap is so small that it would be marked every 200 ms: a tenth of
 * the CPU time of a large capture. It may grow to four times what was alive, which costs about 25 MiB. V8 reads the flag after each
 * collection (MemoryController::GrowingFactor, v8/src/heap/memory-controller.cc).
 */
export function collectGarbageLess(): void {
  setFlagsFromString('--heap-growing-percent=300')
}
