import { KubeError } from './client.ts'

/** Takes an error with one of these statuses for what was wanted anyway: it is gone already (404), it is there already (409). */
export function forgive(...statuses: readonly number[]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof KubeError && statuses.includes(error.status))) throw error
  }
}
