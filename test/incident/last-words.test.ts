import { describe, expect, it } from 'vitest'
import { crashesOf } from '../../src/incident/crash.ts'
import { type LastWords, lastWordsOf } from '../../src/incident/last-words.ts'
import { ago, incidentOf } from './scene.ts'
import { crashed, pod } from './things.ts'

const place = 'shop/web-6c8f7d9b5-abcde'

async function wordsOf(text: string): Promise<LastWords | undefined> {
  const lines = text.split('\n').map((line) => `${ago(62)} ${line}\n`)
  const incident = await incidentOf({
    objects: [pod(place, { owner: 'ReplicaSet/web-6c8f7d9b5', ready: false, containers: [{ status: crashed() }] })],
    logs: { [`${place}/app.previous`]: lines.join('') },
  })
  const [crash] = incident.pods.flatMap((one) => crashesOf(incident, one))
  return crash && lastWordsOf(incident, crash)
}

const TRACEBACK = `Traceback (most recent call last):
  File "/app/main.py", line 12, in <module>
    main()
    ~~~~^^
`

describe('the last words', () => {
  it.each([
    ["KeyError: 'DATABASE_URL'", 'missing-configuration'],
    ["PermissionError: [Errno 13] Permission denied: '/data'", 'permission-denied'],
    [
      'psycopg2.OperationalError: connection to server at "db" (10.0.0.5), port 5432 failed: Connection refused',
      'connection-refused',
    ],
    ['psycopg2.OperationalError: FATAL:  password authentication failed for user "app"', 'authentication-failed'],
  ])('of Python are the exception, not its title: %s', async (line, meaning) => {
    const words = await wordsOf(`starting\n${TRACEBACK}${line}`)
    expect(words?.text).toBe(line)
    expect(words?.classes).toEqual(expect.arrayContaining([meaning, 'panic']))
    expect(words?.citation).toMatchObject({ words: line })
  })

  it('of Python are the first exception where the last was only made of it, and the last where it came of its handling', async () => {
    const first = `${TRACEBACK}redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.\n`
    const last = `${TRACEBACK}shop.Failed: no cart`
    const direct = '\nThe above exception was the direct cause of the following exception:\n\n'
    const during = '\nDuring handling of the above exception, another exception occurred:\n\n'
    expect((await wordsOf(first + direct + last))?.text).toContain('redis:6379')
    expect((await wordsOf(first + during + last))?.text).toBe('shop.Failed: no cart')
  })

  it('of Python are no exception that was only logged', async () => {
    const logged = `ERROR:root:order failed\n${TRACEBACK}KeyError: 'sku'\n`
    const port = await wordsOf(`${logged}INFO:root:going on\nERROR:root:listen: address already in use`)
    expect(port).toMatchObject({ text: 'ERROR:root:listen: address already in use', classes: ['address-in-use'] })
    const calm = await wordsOf(logged + 'INFO:root:going on\n'.repeat(30))
    expect(calm?.classes).not.toContain('panic')
    expect((await wordsOf(`${logged}INFO:root:stopped`))?.classes).toContain('panic')
  })

  it('of Java are the last cause, or the one before that names whom it called', async () => {
    const head = `org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'pool'
\tat org.springframework.A.b(A.java:1)
Caused by: org.postgresql.util.PSQLException: Connection to db:5432 refused. Check that the hostname and port are correct.
\t... 59 common frames omitted
`
    expect((await wordsOf(`${head}Caused by: java.net.ConnectException: Connection refused`))?.text).toContain(
      'db:5432',
    )
    expect(
      (await wordsOf(`${head}Caused by: java.lang.IllegalArgumentException: Could not resolve placeholder 'key'`))
        ?.text,
    ).toContain('placeholder')
  })

  const bean = `ERROR 1 --- [main] o.s.boot.SpringApplication : Application run failed

org.springframework.beans.factory.BeanCreationException: Error creating bean with name 'entityManagerFactory'
\tat org.springframework.A.b(A.java:1)
Caused by: org.hibernate.HibernateException: Access to DialectResolutionInfo cannot be null when 'hibernate.dialect' not set`

  it.each([
    [
      `ERROR 1 --- [main] com.zaxxer.hikari.pool.HikariPool : HikariPool-1 - Exception during pool initialization.

java.sql.SQLException: Access denied for user 'ts'@'10.42.0.13' (using password: YES)
\tat com.mysql.A.b(A.java:1)`,
      "Access denied for user 'ts'",
    ],
    ['ERROR Cannot write\njava.io.IOException: No space left on device\n\tat java.io.A.b(A.java:1)', 'No space left'],
  ])('of Spring are the failure that its own words are for', async (before, words) => {
    expect((await wordsOf(`${before}\n${bean}`))?.text).toContain(words)
  })

  it('of Spring are its own where nothing before them means anything', async () => {
    expect((await wordsOf(`INFO started\n${bean}`))?.text).toContain('hibernate.dialect')
    const before = 'ERROR java.net.ConnectException: Connection refused\nINFO connected'
    const own = bean.replace(
      /Caused by: .*/,
      "Caused by: java.lang.IllegalArgumentException: Could not resolve placeholder 'key'",
    )
    expect((await wordsOf(`${before}\n${own}`))?.text).toContain('placeholder')
  })

  it("of Spring Boot are its failure analysis' description", async () => {
    const words = await wordsOf(`***************************
APPLICATION FAILED TO START
***************************

Description:

Web server failed to start. Port 8080 was already in use.

Action:

Identify and stop the process that's listening on port 8080.`)
    expect(words).toMatchObject({
      text: 'Web server failed to start. Port 8080 was already in use.',
      classes: ['panic', 'address-in-use'],
    })
  })

  it('of Go are the panic, not the signal behind it', async () => {
    const panic = 'panic: runtime error: invalid memory address or nil pointer dereference'
    const words = await wordsOf(
      `${panic}\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48f5a5]\n\ngoroutine 1 [running]:\nmain.main()`,
    )
    expect(words?.text).toBe(panic)
  })

  it('of Node are the error, not the members or the trailer behind it', async () => {
    const words = await wordsOf(`node:events:497
      throw er; // Unhandled 'error' event
      ^

Error: listen EADDRINUSE: address already in use :::3000
    at Server.setupListenHandle [as _listen2] (node:net:1898:16)
Emitted 'error' event on Server instance at:
    at emitErrorNT (node:net:1877:8) {
  code: 'EADDRINUSE',
  port: 3000
}

Node.js v20.11.0`)
    expect(words?.text).toBe('Error: listen EADDRINUSE: address already in use :::3000')
  })

  it('of Rust are the message on the line behind the place', async () => {
    const words = await wordsOf(`thread 'main' panicked at src/main.rs:14:10:
DATABASE_URL must be set: NotPresent
note: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`)
    expect(words).toMatchObject({ text: 'DATABASE_URL must be set: NotPresent' })
    expect(words?.classes).toEqual(['panic', 'missing-configuration'])
  })

  it('of .NET are the inner exception', async () => {
    const words = await wordsOf(`Unhandled exception. Npgsql.NpgsqlException (0x80004005): Failed to connect
 ---> System.Net.Sockets.SocketException (111): Connection refused
   at Npgsql.Internal.NpgsqlConnector.Connect(NpgsqlTimeout timeout)
   --- End of inner exception stack trace ---`)
    expect(words?.classes).toEqual(['panic', 'connection-refused'])
  })

  it('of a group of exceptions in Python are its member', async () => {
    const words = await wordsOf(`  + Exception Group Traceback (most recent call last):
  |   File "/app/main.py", line 3, in <module>
  |     asyncio.run(main())
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/main.py", line 9, in w
    |     raise ValueError("no shard")
    | ValueError: no shard
    +------------------------------------`)
    expect(words?.text).toBe('ValueError: no shard')
  })

  it('of a line of logfmt are its message and its error', async () => {
    const words = await wordsOf(
      'ts=1 level=error msg="Error loading config" file=/etc/p.yml err="yaml: line 9: did not find expected key"',
    )
    expect(words?.text).toBe('Error loading config: yaml: line 9: did not find expected key')
  })

  it('of a line of JSON are what it says', async () => {
    const line = JSON.stringify({
      level: 'fatal',
      ts: 1,
      msg: 'cannot init store',
      error: 'lookup mongo: no such host',
    })
    const words = await wordsOf(line)
    expect(words?.text).toBe('cannot init store: lookup mongo: no such host')
    expect(words?.citation).toMatchObject({ words: line })
  })

  it('are not those of a supervisor that saw it end', async () => {
    const words = await wordsOf(`[2026-02-01 11:58:01 +0000] [7] [ERROR] Exception in worker process
${TRACEBACK}django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.
[2026-02-01 11:58:01 +0000] [1] [ERROR] Worker (pid:7) exited with code 3
[2026-02-01 11:58:01 +0000] [1] [ERROR] Reason: Worker failed to boot.`)
    expect(words?.text).toContain('SECRET_KEY')
  })

  it('do not take an ordinary title for an announcement', async () => {
    expect((await wordsOf('Description:\nA tool that serves.'))?.isError).toBe(false)
  })

  it('of a database are what it refuses, not that it gives up then', async () => {
    const refusal = '12:00:01 0 [ERROR] WSREP: It may not be safe to bootstrap the cluster from this node.'
    const end = '12:00:02 0 [ERROR] WSREP: wsrep::connect(gcomm://) failed: 7\n12:00:02 0 [ERROR] Aborting'
    expect((await wordsOf(`12:00:00 0 [Note] Start\n${refusal}\n${end}`))?.text).toBe(refusal)
    const other = '12:00:03 0 [ERROR] Aborting the import: line 7 has no key'
    expect((await wordsOf(`${refusal}\n${other}`))?.text).toBe(other)
  })
})
