import { describe, expect, it } from 'vitest'
import { summariseLines, summariseText } from './summaries.ts'

describe('a stack trace', () => {
  it('of Python gives its beginning and its end', async () => {
    expect(
      await said(
        'ERROR:root:order failed',
        'Traceback (most recent call last):',
        '  File "/app/main.py", line 3, in <module>',
        '    raise TimeoutError("connection refused")',
        'psycopg2.OperationalError: connection to server at "db" (10.0.0.1), port 5432 failed: Connection refused',
        '',
        'The above exception was the direct cause of the following exception:',
        '',
        'Traceback (most recent call last):',
        '  File "/app/main.py", line 5, in <module>',
        'shop.errors.OrderFailed: no order',
        'INFO:root:going on',
      ),
    ).toEqual([
      ['error', '', 'ERROR:root:order failed'],
      ['error', 'panic', 'Traceback (most recent call last):'],
      [
        'error',
        'connection-refused',
        'psycopg2.OperationalError: connection to server at "db" (10.0.0.1), port 5432 failed: Connection refused',
      ],
      ['error', '', 'shop.errors.OrderFailed: no order'],
    ])
  })

  it('of Java gives its head and every cause', async () => {
    expect(
      await said(
        '2026-01-31 00:00:00.123 ERROR 1 --- [main] c.e.Shop : cannot start',
        'org.springframework.beans.factory.BeanCreationException: no pool',
        '\tat com.zaxxer.hikari.Pool.timedOut(Pool.java:1) ~[hikari.jar:na]',
        'Caused by: java.net.ConnectException: Connection refused',
        '\tat java.base/sun.nio.ch.Net.pollConnect(Native Method)',
        '\t... 12 more',
      ),
    ).toEqual([
      ['error', '', '2026-01-31 00:00:00.123 ERROR 1 --- [main] c.e.Shop : cannot start'],
      ['error', '', 'org.springframework.beans.factory.BeanCreationException: no pool'],
      ['error', 'connection-refused', 'Caused by: java.net.ConnectException: Connection refused'],
    ])
  })

  it('of Node gives the error, not the source', async () => {
    expect(
      await said(
        '/app/index.js:10',
        "    throw new Error('connection refused')",
        '    ^',
        '',
        'Error: getaddrinfo ENOTFOUND db',
        '    at GetAddrInfoReqWrap.onlookup [as oncomplete] (node:dns:107:26) {',
        '  errno: -3008,',
        '}',
      ),
    ).toEqual([['error', 'dns-failure', 'Error: getaddrinfo ENOTFOUND db']])
  })

  it('of Go gives the panic', async () => {
    expect(
      await said(
        'panic: runtime error: index out of range [3] with length 2',
        '',
        'goroutine 1 [running]:',
        'main.main()',
        '\t/app/main.go:10 +0x1d',
        'exit status 2',
      ),
    ).toEqual([['fatal', 'panic', 'panic: runtime error: index out of range [3] with length 2']])
  })

  it('of .NET gives the message on the line behind the category', async () => {
    expect(
      await said(
        'fail: Microsoft.Extensions.Hosting.Internal.Host[9]',
        '      BackgroundService failed',
        '      System.Net.Http.HttpRequestException: Connection refused (payments:8080)',
        '         at System.Net.Http.ConnectAsync(String host)',
        'info: Microsoft.Hosting.Lifetime[0]',
        '      Application is shutting down...',
      ),
    ).toEqual([
      ['error', '', 'fail: Microsoft.Extensions.Hosting.Internal.Host[9]'],
      ['error', '', '      BackgroundService failed'],
      ['error', 'connection-refused', '      System.Net.Http.HttpRequestException: Connection refused (payments:8080)'],
      ['info', 'graceful-shutdown', '      Application is shutting down...'],
    ])
  })

  it('of .NET gives its inner exception the address that the head names', async () => {
    const { templates } = await summariseLines(
      'Unhandled exception. Npgsql.NpgsqlException (0x80004005): Failed to connect to 10.0.0.1:5432',
      ' ---> System.Net.Sockets.SocketException (111): Connection refused',
      '   at Npgsql.Internal.NpgsqlConnector.Connect(NpgsqlTimeout timeout)',
    )
    expect(templates.map(({ targets }) => targets)).toEqual([[], ['10.0.0.1:5432']])
  })

  it('within a JSON string belongs to its line', async () => {
    const line = JSON.stringify({
      level: 'error',
      msg: 'order failed',
      stack_trace: 'java.lang.RuntimeException: x\n\tat a.b(C.java:1)\nCaused by: java.net.UnknownHostException: db\n',
    })
    expect(await said(line)).toEqual([['error', 'dns-failure', line]])
  })

  it('ends where something is missing', async () => {
    const frames = 'Traceback (most recent call last):\n  File "/app/main.py", line 3, in <module>\n'
    const message = '    connection refused\n'
    const { templates } = await summariseText(`${frames}--- freezeframe gap: 12345 bytes left out ---\n${message}`)
    expect(templates.map(({ classes }) => classes)).toEqual([['panic'], ['connection-refused']])
    expect((await summariseText(frames + message)).templates).toHaveLength(1)
  })
})

async function said(...lines: readonly string[]): Promise<readonly (readonly [string, string, string])[]> {
  const { templates } = await summariseLines(...lines)
  return templates.map(({ level, classes, example }) => [level, classes.join(), example.text])
}
