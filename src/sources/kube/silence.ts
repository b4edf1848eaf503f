import { FreezeframeError } from '../../error.ts'

/** Two requests in turn have run into their time by then, and whatever is asked next would only wait as long. */
const PATIENCE_MS = 60_000

/** Notices a server that takes connections and answers nothing, ever: a wrong port, a load balancer without an API server behind it. */
export interface Silence {
  /** Throws SERVER_UNREACHABLE where it has been silent for too long. */
  asking(): void
  answered(): void
}

/** Listens for the first answer of a server; one that has ever spoken is not judged. */
export function createSilence(host: string): Silence {
  let begun: number | undefined
  let heard = false
  return {
    asking() {
      begun ??= performance.now()
      if (heard || performance.now() - begun < PATIENCE_MS) return
      throw new FreezeframeError(
        'SERVER_UNREACHABLE',
        `The API server ${host} has not answered any request for a minute.`,
        {
          remedy: 'Check the network, the VPN and the context.',
        },
      )
    },
    answered() {
      heard = true
    },
  }
}
