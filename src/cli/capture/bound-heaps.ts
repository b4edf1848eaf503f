import { setFlagsFromString } from 'node:v8'

/**
 * Sizes the heaps of a large capture, so that they are as large after seconds as after minutes. V8 lets a heap grow to four times what was
 * alive in it; at two and a half times, it is marked three times more often, for 10 ms each, and 20 MiB smaller. V8 reads the flag after
 * each collection (MemoryController::GrowingFactor, v8/src/heap/memory-controller.cc).
 *
 * The redaction makes several MiB of small objects for each page, all garbage when the page is done. In the 1 MiB that V8 begins with, many
 * of them would be copied twice and then wait for a marking. V8 reads that flag when a worker starts (Heap::ConfigureHeap, heap.cc).
 */
export function boundHeaps(): void {
  setFlagsFromString('--heap-growing-percent=150')
  setFlagsFromString('--min-semi-space-size=4')
}
