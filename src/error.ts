/**
 * An error meant for a person: one sentence with the offending value, a remedy, a stable code and the cause.
 * The CLI prints `message` and `remedy`; it never prints a stack trace, a response header or a body.
 */
export class FreezeframeError extends Error {
  override readonly name = 'FreezeframeError'
  readonly code: ErrorCode
  readonly remedy: string | undefined

  constructor(code: ErrorCode, message: string, options: { remedy?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.remedy = options.remedy
  }
}

/** Stable codes, printed with `--format json` and usable by automation. */
export type ErrorCode =
  | 'KUBECONFIG_MISSING'
  | 'KUBECONFIG_INVALID'
  | 'CONTEXT_UNKNOWN'
  | 'CREDENTIALS_INVALID'
  | 'SERVER_UNREACHABLE'
  | 'SERVER_CERTIFICATE'
  | 'REQUEST_FAILED'
  | 'REQUEST_DENIED'
  | 'REQUEST_TIMED_OUT'
  | 'OPTION_INVALID'
  | 'OUTPUT_EXISTS'
  | 'OUTPUT_UNWRITABLE'
  | 'OUTPUT_FULL'
  | 'BUNDLE_MISSING'
  | 'BUNDLE_INVALID'
  | 'BUNDLE_TOO_NEW'
  | 'BUNDLE_UNSAFE'
  | 'BUNDLE_TRUNCATED'
  | 'ENTRY_MISSING'
  | 'REDACTION_FAILED'
  | 'NODE_TOO_OLD'
  | 'CAPTURE_EMPTY'
  | 'FOCUS_MISSING'
  | 'REPORT_INVALID'
  | 'REPORT_TOO_NEW'
  | 'REPORT_UNSOUND'
