/** What a line is to the line before it. */
export type Part =
  /** A line of its own. */
  | 'head'
  /** A frame of a stack, a line of source, or what else belongs to the head. */
  | 'frame'
  /** Belongs to the head, and says what happened: `Caused by: …`, the end of a Python traceback. */
  | 'cause'
  /** Belongs to the head, and may say something. */
  | 'more'

/** Tells the lines of a stack trace from others. */
export interface Trace {
  read(text: string): Part
  /** Forgets what came: something is missing, or a line with a level began anew. */
  reset(): void
}

export function createTrace(): Trace {
  let isPython = false
  let isDotnet = false
  return {
    read(text) {
      if (isIndented(text)) return readIndented(text)
      const wasPython = isPython
      isPython = TRACEBACK.test(text)
      isDotnet = DOTNET.test(text)
      if (CAUSE.test(text) || (wasPython && !isPython && PYTHON_END.test(text))) return 'cause'
      if (FRAME.test(text)) {
        isPython = wasPython
        return 'frame'
      }
      return 'head'
    },
    reset() {
      isPython = false
      isDotnet = false
    },
  }

  function readIndented(text: string): Part {
    const said = text.trimStart()
    if (isPython || FRAME.test(said) || SOURCE.test(said)) return TRACEBACK.test(said) ? 'more' : 'frame'
    const isMessage = isDotnet
    isDotnet = false
    return isMessage || CAUSE.test(said) ? 'cause' : 'more'
  }
}

export function isIndented(text: string): boolean {
  const code = text.charCodeAt(0)
  return code === 0x20 || code === 0x09
}

const TRACEBACK = /^Traceback \(most recent call last\)/
const PYTHON_END = /^[A-Za-z_][\w.]{0,200}(?::|$)/
const CAUSE = /^(?:Caused by|Suppressed|Wrapped by): /

/** .NET's console logger has the message on the next line. */
const DOTNET = /^(?:fail|crit|warn): \S{1,300}\[\d{1,9}\]$/

/** Java, Node, .NET: `at x.y(z)`; Go: `goroutine 1 [running]:`; Python: `File "x", line 1`; Ruby: `from x:1:in`. */
const FRAME =
  /^(?:at (?:async )?\S|\.\.\. \d{1,6} (?:more|common)|goroutine \d{1,12} \[|created by \S|File "|from \S{1,300}:\d|--- End of |\^+$|#\d{1,4} )/

/** A line of the program that a trace shows. */
const SOURCE = /^(?:throw|raise|return|await|yield|if|const|let|var|import|with|except|catch) /
