/** A request that is not answered with what it asked for: what its `metav1.Status` says. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** HTTP status. */
  readonly code: number
  /** `reason` as the API server writes it: NotFound, Forbidden, MethodNotAllowed … */
  readonly reason: string
  readonly details: Readonly<Record<string, unknown>> | undefined
  /** What a client must see that takes the refusal for an empty answer, as `kubectl describe` does with events. */
  readonly warning: string | undefined

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: Readonly<Record<string, unknown>>,
    warning?: string,
  ) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
    this.warning = warning
  }
}

/** Refuses what the bundle does not hold: with 403 what was denied, else with 404. Its absence says nothing about the cluster. */
export function notInBundle(
  what: string,
  why: string,
  { isDenied = false, details }: { isDenied?: boolean; details?: Refusal['details'] } = {},
): Refusal {
  const words = `not in this bundle: ${what}: ${why}`
  return isDenied
    ? new Refusal(403, 'Forbidden', words, details, words)
    : new Refusal(404, 'NotFound', words, details, words)
}
