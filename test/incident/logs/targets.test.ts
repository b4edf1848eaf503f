import { describe, expect, it } from 'vitest'
import { templateOf } from './summaries.ts'

describe('the targets of a failing call', () => {
  it.each([
    ['dial tcp 10.0.0.1:5432: connect: connection refused', ['10.0.0.1:5432']],
    ['dial tcp [fd00::1]:5432: connect: connection refused', ['[fd00::1]:5432']],
    ['read tcp 10.0.0.9:40000->10.0.0.1:5432: read: connection reset by peer', ['10.0.0.1:5432']],
    ['Error: getaddrinfo ENOTFOUND Db.Shop', ['db.shop']],
    ['Error: getaddrinfo EAI_AGAIN db', ['db']],
    ['Error: connect ECONNREFUSED 10.0.0.1:6379', ['10.0.0.1:6379']],
    ['Error: 14 UNAVAILABLE: Name resolution failed for target dns:ad:8080', ['ad:8080']],
    [
      'details = "DNS resolution failed for catalog:8080: C-ares status is not ARES_SUCCESS qtype=A name=catalog is_balancer=0: Domain name not found"',
      ['catalog:8080'],
    ],
    ['Thrift: TSocket::open() connect() <Host: users Port: 9090>: Connection refused', ['users:9090']],
    [
      'server selection error: server selection timeout, current topology: { Type: Unknown, Servers: [{ Addr: mongo:27017, Type: Unknown }] }',
      ['mongo:27017'],
    ],
    ["No suitable servers found: [connection refused calling hello on 'mongo:27017']", ['mongo:27017']],
    ['Timeout performing HGET (5000ms), inst: 0, serverEndpoint: cache:6379: timed out', ['cache:6379']],
    [
      'It was not possible to connect to the redis server(s). UnableToConnect on cache:6379/Interactive: connection refused',
      ['cache:6379'],
    ],
    [
      '[2026-01-31T00:00:00Z] "GET /x HTTP/1.1" 503 UH no_healthy_upstream - "-" 0 19 0 - "-" "curl" "id" "reviews:9080" "-" outbound|9080|v3|reviews.shop.svc.cluster.local - 10.96.0.9:9080 10.42.0.9:50000 - -',
      ['reviews:9080'],
    ],
    ['HttpServerErrorException: 500 null from POST http://orders:8080/api', ['orders:8080']],
    ['Error: connect ECONNREFUSED ::1:6379', ['::1:6379']],
    [
      'could not connect to server: Connection refused Is the server running on host "db" (10.0.0.1) and accepting TCP/IP connections on port 5432?',
      ['db:5432'],
    ],
    ['connection to server at "db" (10.0.0.1), port 5432 failed: Connection refused', ['db:5432']],
    ['java.net.UnknownHostException: db.shop', ['db.shop']],
    ['Error connecting to Redis on cache:6379 (Errno::ECONNREFUSED)', ['cache:6379']],
    ['RedisConnectionException: UnableToConnect on cache:6379/Interactive: connection refused', ['cache:6379']],
    ['tcp connect (db:5432): connection refused - :econnrefused', ['db:5432']],
    ['Failed to connect to db:5432: Connection refused', ['db:5432']],
    ['publish to mq:5672 timed out: confirmation not received within 5s', ['mq:5672']],
    ['no response from stock.shop:8080: timed out', ['stock.shop:8080']],
    ['response to 10.0.0.9:49152 timed out', []],
    ['call to retry.go:42 timed out', []],
    ["HTTPConnectionPool(host='x', port=80): Read timed out.", ['x:80']],
    ['Post "https://svc.ns.svc:443/mutate?timeout=10s": context deadline exceeded', ['svc.ns.svc:443']],
    [
      '[error] 9#9: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.2, server: _, upstream: "http://10.0.0.1:8080/", host: "shop.example.com", referrer: "https://www.example.com/"',
      ['10.0.0.1:8080'],
    ],
    ['Unable to open jdbc:postgresql://db.shop:5432/orders: Connection refused', ['db.shop:5432']],
    ['redis://app:<redacted:url-password:0123456789abcdef>@cache:6379/0: connection refused', ['cache:6379']],
    ['amqp://mq.shop:5672: Connection refused', ['mq.shop:5672']],
    [
      'Connection to node -1 (kafka/10.0.0.1:9092) could not be established. Broker may not be available.',
      ['kafka:9092'],
    ],
    [
      '%3|1|FAIL|rdkafka#producer-1| kafka:9092/bootstrap: Connect to ipv4#10.0.0.1:9092 failed: Connection refused',
      ['10.0.0.1:9092', 'kafka:9092'],
    ],
    ["Can't connect to MySQL server on 'db:3306' (111)", ['db:3306']],
    ["curl: (7) Failed to connect to db port 80 after 0 ms: Couldn't connect to server", ['db:80']],
    ['Error 111 connecting to redis:6379. Connection refused.', ['redis:6379']],
    [
      'io.netty.channel.AbstractChannel$AnnotatedConnectException: Connection refused: payments/10.0.0.1:8080',
      ['payments:8080'],
    ],
    ['System.Net.Http.HttpRequestException: Connection refused (payments:8080)', ['payments:8080']],
    [
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 10.0.0.1:50051: connect: connection refused"',
      ['10.0.0.1:50051'],
    ],
    [
      'failed to connect to `host=db.shop user=app database=shop`: dial error (dial tcp 10.0.0.1:5432: connect: connection refused)',
      ['10.0.0.1:5432', 'db.shop'],
    ],
    ['plugin/loop: Loop (127.0.0.1:55953 -> :53) detected for zone ".", see https://coredns.io/plugins/loop', []],
    ['wait-for-it.sh: waiting 15 seconds for db:5432', ['db:5432']],
    ['nc: connect to db port 5432 (tcp) failed: Connection refused', ['db:5432']],
    [
      '[HPM] Error occurred while proxying request to http://api:8080/ [ECONNREFUSED] (https://nodejs.org/api/errors.html)',
      ['api:8080'],
    ],
    ['x509: certificate signed by unknown authority', []],
    ['no space left on device while writing http://x/', []],
  ])('are named by %s', async (line, targets) => {
    expect((await templateOf(line)).targets).toEqual(targets)
  })

  it('are the name that was looked up, and the name server is a resolver', async () => {
    const { targets, resolvers } = await templateOf(
      'dial tcp: lookup db.prod.svc.cluster.local on 10.96.0.10:53: read udp 10.0.0.7:4000->10.96.0.10:53: i/o timeout',
    )
    expect(targets).toEqual(['db.prod.svc.cluster.local'])
    expect(resolvers).toEqual(['10.96.0.10:53'])
  })

  it('are read of the fields of a JSON line', async () => {
    const { targets } = await templateOf(
      '{"level":"error","msg":"call failed","err":"context deadline exceeded","url":"http://pay:8080/x"}',
    )
    expect(targets).toEqual(['pay:8080'])
  })

  it('are gathered from all lines of a template, at most ten', async () => {
    const lines = Array.from({ length: 30 }, (_, host) => `dial tcp 10.0.0.${host}:80: connect: connection refused`)
    const { count, targets } = await templateOf(...lines)
    expect(count).toBe(30)
    expect(targets).toHaveLength(10)
    expect(targets).toContain('10.0.0.0:80')
  })

  it('are read of the lines with which libpq goes on', async () => {
    const { targets } = await templateOf(
      'psycopg2.OperationalError: could not connect to server: Connection refused',
      '\tIs the server running on host "db" (10.0.0.1) and accepting',
      '\tTCP/IP connections on port 5432?',
    )
    expect(targets).toEqual(['db:5432'])
  })
})
