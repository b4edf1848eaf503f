/** Writes an event as one of its two groups does. */
export function convertEvent(event: unknown, to: 'v1' | 'events.k8s.io/v1'): object {
  return { ...(event as object), apiVersion: to }
}
