import { setFlagsFromString } from 'node:v8'

/**
 * What an analysis keeps is a third of what it reads; V8 lets the heap grow to several times what lives before it looks, and a large bundle
 * would take half a GiB. Looking when it has grown by half costs a sixth of the time. V8 reads the flag after every collection
 * (MemoryController::GrowingFactor, v8/src/heap/memory-reducer and heap-controller.cc).
 */
export function collectGarbageMore(): void {
  setFlagsFromString('--heap-growing-percent=40')
}
