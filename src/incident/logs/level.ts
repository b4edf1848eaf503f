import type { LogLevel } from './log-summary.ts'

/** What precedes a level where a line has one: times, names, numbers. */
const HEAD = 200

/** The level that a line gives itself, in any of the usual formats; its words are not judged. */
export function readLevel(text: string): LogLevel {
  if (text.charCodeAt(0) === 0x7b) return levelOfJson(text)
  const head = text.length > HEAD ? text.slice(0, HEAD) : text
  const named = KLOG.exec(head) ?? LOGFMT.exec(head)
  if (named) return levelOfWord(named[1])
  return levelOfMark(head) ?? levelOfStart(head)
}

/** client-go and every component of Kubernetes: `E0131 12:00:00.000000       1 file.go:12] …`. */
const KLOG = /^([IWEF])\d{4} \d\d:\d\d:/

/** logrus, slog, zerolog, log15. */
const LOGFMT = /(?:^|\s)(?:level|lvl|severity|loglevel|levelname)=["']?([A-Za-z]+)/i

/** zap, pino, bunyan, logrus, winston, ECS, Serilog, python-json-logger, Google's `severity`. */
const JSON_LEVEL =
  /"(?:@l|[Ll]vl|(?:log\.|[Ll]og)?[Ll]evel(?:_?[Nn]ame)?|[Ss]everity(?:_?[Tt]ext)?)"\s{0,4}:\s{0,4}(?:"(\w{1,16})|(\d{1,3}))/

/** MongoDB since 4.4. */
const MONGO = /^\{"t":.{0,60},\s{0,4}"s":"([FEWID])/

function levelOfJson(text: string): LogLevel {
  const [, word, number] = JSON_LEVEL.exec(text) ?? MONGO.exec(text) ?? []
  return number === undefined ? levelOfWord(word) : levelOfNumber(Number(number))
}

/** pino and bunyan count up in tens, syslog (GELF) down from 0. */
function levelOfNumber(number: number): LogLevel {
  if (number >= 10)
    return number >= 60 ? 'fatal' : number >= 50 ? 'error' : number >= 40 ? 'warn' : number >= 30 ? 'info' : 'debug'
  return levelOfSyslog(number)
}

function levelOfSyslog(severity: number): LogLevel {
  return severity <= 2 ? 'fatal' : severity === 3 ? 'error' : severity === 4 ? 'warn' : severity <= 6 ? 'info' : 'debug'
}

/**
 * A level in capitals (log4j, logback, Python, env_logger, zerolog's console, Postgres), or in brackets or between tabs in any case (nginx,
 * Envoy, MySQL, RabbitMQ, zap's console, Istio).
 */
const CAPITALS =
  /(?<![\w.$/=?&-])(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL|PANIC|ALERT|EMERG|DBG|INF|WRN|ERR|FTL|LOG(?=:))(?![\w.$/=-]| (?:rate|count)\b)/
const BRACKETS =
  /[[<(\t|](trace|debug|info|notice|warn|warning|error|err|crit|critical|alert|emerg|fatal|panic|system|note)(?:[\]>)|]|\t)/i

function levelOfMark(head: string): LogLevel | undefined {
  const brackets = BRACKETS.exec(head)
  const capitals = CAPITALS.exec(head)
  const first = brackets && (!capitals || brackets.index < capitals.index) ? brackets : capitals
  if (!first || isProse(head.slice(0, first.index))) return undefined
  return levelOfWord(first[1] ?? first[0])
}

/** A sentence that speaks of a level, `Log level set to DEBUG`, has none. */
const PROSE = /^[A-Za-z][A-Za-z ]*$|[A-Za-z][a-z']+,? [A-Za-z][a-z']+:? ?$/

function isProse(prefix: string): boolean {
  return prefix !== '' && PROSE.test(prefix)
}

const STAMP = /^\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?\]?:?\s{1,4}/
const DOTNET = /^(fail|crit|warn|info|dbug|trce): /
const NPM = /^npm (ERR!|error|WARN|warn|notice)(?=\s|$)/
const SYSLOG = /^<(\d{1,3})>/
const REDIS = /^\d{1,7}:[A-Z] \d\d \w{3} \d{4} [\d:.]{8,12} ([.*#-]) /
const WORD =
  /^(?:[\w./-]{1,64}: |PHP )?(fatal(?= error: |: )|panic(?=: )|critical(?=: )|error(?=: |\[)|warn(?:ing)?(?=: )|deprecated(?=: ))/i
const EXCEPTION = /^(?:[\w$.]{0,200}\.)?(?:[A-Z]\w{0,80})?(?:Error|Exception)(?::|$)/
const FAILURE = /^(?:failed to|cannot|could not|unable to|can't|couldn't|fatal error|error [a-z]{3,12}ing) /i

/** How a line without a mark begins says it, often after a time. */
function levelOfStart(head: string): LogLevel {
  const text = head.replace(STAMP, '')
  const syslog = SYSLOG.exec(text)
  if (syslog) return levelOfSyslog(Number(syslog[1]) & 7)
  const redis = REDIS.exec(text)
  if (redis) return redis[1] === '#' ? 'warn' : redis[1] === '*' ? 'info' : 'debug'
  const word = DOTNET.exec(text) ?? NPM.exec(text) ?? WORD.exec(text)
  if (word) return levelOfWord(word[1])
  return EXCEPTION.test(text) || FAILURE.test(text) ? 'error' : 'unknown'
}

function levelOfWord(word = ''): LogLevel {
  return LEVELS.get(word.toLowerCase()) ?? 'unknown'
}

const LEVELS: ReadonlyMap<string, LogLevel> = new Map([
  ...names('debug', 'trace trce debug dbug dbg d fine verbose'),
  ...names('info', 'info inf information i notice note log system default'),
  ...names('warn', 'warn warning wrn w deprecated'),
  ...names('error', 'error err eror err! e fail severe'),
  ...names('fatal', 'fatal ftl f crit critical c alert emerg emergency panic dpanic'),
])

function names(level: LogLevel, words: string): (readonly [string, LogLevel])[] {
  return words.split(' ').map((word) => [word, level] as const)
}
