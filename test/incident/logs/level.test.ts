import { describe, expect, it } from 'vitest'
import { readLevel } from '../../../src/incident/logs/level.ts'
import { summariseLines } from './summaries.ts'

describe('the level of a line', () => {
  it.each([
    ['info', 'time=2026-01-31T00:00:00Z level=info msg="no errors"'],
    ['error', 'time=2026-01-31T00:00:00Z level=ERROR msg="x"'],
    ['error', 't=2026-01-31T00:00:00+0000 lvl=eror msg="x"'],
    ['warn', '{"level":"warn","msg":"x"}'],
    ['error', '{"severity": "ERROR", "message": "x"}'],
    ['fatal', '{"level":60,"time":1,"msg":"x"}'],
    ['info', '{"name":"web","hostname":"x","level":30,"msg":"an error"}'],
    ['error', '{"message":"x","log.level":"error"}'],
    ['warn', '{"asctime": "x", "levelname": "WARNING", "message": "x"}'],
    ['error', '{"@t":"2026","@l":"Error","@m":"x"}'],
    ['error', '{"version":"1.1","level":3,"short_message":"x"}'],
    ['error', '{"t":{"$date":"2026-01-31T00:00:00.000+00:00"},"s":"E","c":"NETWORK","msg":"x"}'],
    ['error', 'E0131 12:00:00.000000       1 controller.go:12] "Failed" err="x"'],
    ['info', 'I0131 12:00:00.000000       1 controller.go:12] "error count" errors=0'],
    ['error', '2026-01-31T00:00:00.000Z\tERROR\tmain.go:12\tx'],
    ['warn', '2026-01-31T00:00:00.000000Z\twarn\tenvoy config\tx'],
    ['error', '2026-01-31 00:00:00,123 [main] ERROR com.shop.Order - x'],
    ['info', '2026-01-31 00:00:00.123  INFO 1 --- [main] c.e.shop.Shop : ERROR pages mapped'],
    ['error', '2026-01-31 00:00:00,123 - shop.orders - ERROR - x'],
    ['error', 'ERROR:root:x'],
    ['info', 'INFO:     Started server process [1]'],
    ['error', '2026/01/31 00:00:00 [error] 29#29: *1 x'],
    ['fatal', 'nginx: [emerg] x'],
    ['warn', '[2026-01-31 00:00:00.000][1][warning][config] x'],
    ['error', '2026-01-31 00:00:00.000 UTC [1] ERROR:  x'],
    ['fatal', 'FATAL:  x'],
    ['info', '2026-01-31 00:00:00.000 UTC [1] LOG:  x'],
    ['error', '2026-01-31T00:00:00.000000Z 0 [ERROR] [MY-010119] [Server] Aborting'],
    ['error', 'npm ERR! code ELIFECYCLE'],
    ['error', '[ERROR] plugin/errors: 2 x'],
    ['error', '<3>x'],
    ['warn', '1:M 31 Jan 2026 00:00:00.000 # x'],
    ['info', '1:M 31 Jan 2026 00:00:00.000 * x'],
    ['error', 'fail: Shop.Orders[0]'],
    ['error', '[00:00:00 ERR] x'],
    ['error', '12:00AM ERR x error="y"'],
    ['error', '[2026-01-31T00:00:00Z ERROR shop] x'],
    ['error', '  2026-01-31T00:00:00Z ERROR shop: x'],
    ['error', 'E, [2026-01-31T00:00:00.123 #1] ERROR -- : x'],
    ['fatal', 'PHP Fatal error:  x'],
    ['error', '2026-01-31 00:00:00.000 [error] <0.1.0> x'],
    ['error', '[2026-01-31 00:00:00,123] ERROR [Broker id=1] x (kafka.server)'],
    ['error', 'Error: Cannot find module x'],
    ['error', 'java.lang.IllegalStateException: x'],
    ['error', '2026/01/31 00:00:00 failed to load x: y'],
  ])('is %s of %s', (level, line) => {
    expect(readLevel(line)).toBe(level)
  })

  it.each([
    'There are 0 errors',
    'error_count=0',
    'No errors found',
    'errorHandler registered',
    'Error rate: 0%',
    'GET /error/page HTTP/1.1',
    'http://shop/errors?level=ERROR',
    'Log level set to DEBUG',
    'Starting with log level ERROR',
    'lastError: none',
    'ERROR_PAGES=/x',
    'Loaded module warning',
    '{"msg":"ERROR"}',
    '',
  ])('is unknown of %s', (line) => {
    expect(readLevel(line)).toBe('unknown')
  })

  it('is error where a line without one has a class that means failure, and stays unknown where it means progress', async () => {
    const { levels } = await summariseLines(
      'dial tcp 10.0.0.1:80: connect: connection refused',
      'waiting for db',
      'hello',
    )
    expect(levels).toEqual({ fatal: 0, error: 1, warn: 0, info: 0, debug: 0, unknown: 2 })
  })

  it('is error of a request that failed in an access log in JSON', async () => {
    const { templates } = await summariseLines('{"path":"/x","status":503}', '{"path":"/x","status":200,"bytes":503}')
    expect(templates.map(({ level, classes, count }) => ({ level, classes, count }))).toEqual([
      { level: 'error', classes: ['unavailable'], count: 1 },
    ])
  })

  it('keeps no line that says nothing of trouble', async () => {
    const { templates } = await summariseLines(
      'Starting web 1.2.3 with 0 errors',
      'info: connection timed out handler registered',
      'user unauthorized access count 0',
      'payment gateway timeout rate 0.1%',
      '10.0.0.7 - - [31/Jan/2026:00:00:00 +0000] "GET /timed-out/errors HTTP/1.1" 200 7 "-" "connection refused"',
      '{"level":"info","msg":"listening","url":"http://x/error"}',
      'http_requests_total{code="503"} 0',
      'time=x level=debug msg="cache hit"',
    )
    expect(templates).toEqual([])
  })
})
