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
  /** Whether a line that seems to have a level of its own is what the lines before announced: an exception under Python's title. */
  awaits(text: string): boolean
  /** Forgets what came: something is missing, or a line with a level began anew. */
  reset(): void
}

export function createTrace(): Trace {
  let isPython = false
  let isDotnet = false
  /** The line before says that the next one says what happened. */
  let isAnnounced = false
  /** Spring Boot's failure analysis: what happened stands under a title. */
  let isAnalysis = false
  let isChained = false
  let isGroup = false
  return {
    read(text) {
      const wasAnnounced = isAnnounced
      isAnnounced = PANICKED.test(text) || (isAnalysis && text === 'Description:')
      isAnalysis = isAnalysis ? !isAnnounced : text === 'APPLICATION FAILED TO START'
      if (wasAnnounced) return 'cause'
      if (GROUP.test(text)) {
        isGroup = true
        return 'head'
      }
      if (isIndented(text)) return isGroup ? readMember(text) : readIndented(text)
      isGroup = false
      if (CHAIN.test(text)) {
        isChained = true
        return 'frame'
      }
      return readPlain(text)
    },
    awaits: (text) => isAnnounced || (isPython && PYTHON_ERROR.test(text)),
    reset() {
      isPython = false
      isDotnet = false
      isAnnounced = false
      isAnalysis = false
      isChained = false
      isGroup = false
    },
  }

  function readPlain(text: string): Part {
    const wasPython = isPython
    const wasChained = isChained
    isChained = false
    isPython = isTitle(text)
    isDotnet = DOTNET.test(text)
    if (isPython && wasChained) return 'more'
    if (CAUSE.test(text) || (wasPython && !isPython && PYTHON_END.test(text))) return 'cause'
    if (FRAME.test(text)) {
      isPython = wasPython
      return 'frame'
    }
    return SPRING.test(text) ? 'frame' : 'head'
  }

  /** A line of an exception group: `    | ValueError: no shard`. */
  function readMember(text: string): Part {
    const said = text.replace(/^[\s|]{1,80}/, '')
    return PYTHON_ERROR.test(said) && !said.startsWith('ExceptionGroup: ') ? 'cause' : 'frame'
  }

  function readIndented(text: string): Part {
    const said = text.trimStart()
    if (isPython || FRAME.test(said) || SOURCE.test(said)) return isTitle(said) ? 'more' : 'frame'
    const isMessage = isDotnet
    isDotnet = false
    return isMessage || CAUSE.test(said) ? 'cause' : 'more'
  }
}

export function isIndented(text: string): boolean {
  const code = text.charCodeAt(0)
  return code === 0x20 || code === 0x09
}

function isTitle(text: string): boolean {
  return text.includes('Traceback') && TRACEBACK.test(text)
}

/** After a level or a name, as uvicorn's logger has it, too. */
const TRACEBACK = /^(?:[\w:.[\]-]{1,40}\s{1,8}){0,4}Traceback \(most recent call last\)/

/** Python since 3.11, asyncio's TaskGroup. */
const GROUP = /^\s{0,8}\+ Exception Group Traceback/
const PYTHON_ERROR = /^(?:[A-Za-z_]\w{0,80}\.){0,12}\w{0,80}(?:Error|Exception)(?::|$)/
const PYTHON_END = /^[A-Za-z_][\w.]{0,200}(?::|$)/

/** Java; .NET's inner exceptions: ` ---> System.Net.Sockets.SocketException (111): Connection refused`; the message of a C++ exception. */
const CAUSE = /^(?:(?:Caused by|Suppressed|Wrapped by): |---> \S|what\(\): )/

/** Python, between an exception and the one that was made of it; what happened while one was handled is a matter of its own. */
const CHAIN = /^The above exception was the direct cause of the following exception:$/

/** Rust since 1.73 has the message on the next line. */
const PANICKED = /^thread '[^']{0,200}' (?:\(\d{1,10}\) )?panicked at \S{1,300}:\d{1,7}:\d{1,7}:$/

/** Lines and titles of Spring Boot's failure analysis. */
const SPRING = /^(?:\*{20,}|Description:)$/

/** .NET's console logger has the message on the next line. */
const DOTNET = /^(?:fail|crit|warn): \S{1,300}\[\d{1,9}\]$/

/** Java, Node, .NET: `at x.y(z)`; Go: `goroutine 1 [running]:`; Python: `File "x", line 1`; Ruby: `from x:1:in`. */
const FRAME =
  /^(?:at (?:async )?\S|\.\.\. \d{1,6} (?:more|common)|goroutine \d{1,12} \[|created by \S|File "|from \S{1,300}:\d|--- End of |\^+$|#\d{1,4} |\[signal SIG)/

/** A line of the program that a trace shows. */
const SOURCE =
  /^(?:triggerUncaughtException\(|(?:throw|raise|return|await|yield|if|const|let|var|import|with|except|catch) )/
