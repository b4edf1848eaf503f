/** A request that is not answered with what it asked for: what its `metav1.Status` says. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** HTTP status. */
  readonly code: number
  /** `reason` as the API server writes it: NotFound, Forbidden, MethodNotAllowed … */
  readonly reason: string
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(code: number, reason: string, message: string, details?: Readonly<Record<string, unknown>>) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }
}
