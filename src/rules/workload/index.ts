import { imageNotFound } from './image-not-found.ts'

/** Failure modes of workloads and their configuration. */
export const workload = [imageNotFound] as const
