/** By what a kind of data store is known, whoever built its image. */
export interface StoreKind {
  /** What its images are called: the last part of the name, of whatever maker. */
  readonly image: RegExp
  /** How its Services and the variables that name it are called, and the schemes of its addresses. */
  readonly name: RegExp
  /** On which ports it listens unless told otherwise. */
  readonly ports: readonly number[]
}

/** Data stores by their names in `messages/`. */
export const STORES: Readonly<Record<string, StoreKind>> = {
  // hub.docker.com/_/postgres, postgresql.org libpq-connect (schemes, PGHOST), runtime-config-connection (5432).
  PostgreSQL: {
    image: /postgres|pgbouncer|timescale|spilo|cockroach|pgvector/,
    name: /postgres|(?:^|[-_])pg(?:$|[-_]|host)|pgbouncer|timescale/i,
    ports: [5432],
  },
  // hub.docker.com/_/mysql, _/mariadb; dev.mysql.com, connecting-using-uri-or-key-value-pairs; 3306 by IANA.
  MySQL: { image: /mysql|mariadb|percona|tidb/, name: /mysql|maria|percona/i, ports: [3306] },
  // hub.docker.com/_/redis; redis.conf and valkey.conf `port 6379`; the schemes redis and rediss by IANA.
  Redis: {
    image: /redis|valkey|keydb|dragonfly/,
    name: /redis|valkey|keydb|dragonfly/i,
    ports: [6379],
  },
  // hub.docker.com/_/mongo; mongodb.com, connection-string and default-mongodb-port.
  MongoDB: { image: /mongo|documentdb|ferretdb/, name: /mongo/i, ports: [27017] },
  // hub.docker.com/_/rabbitmq; rabbitmq.com, uri-spec and networking (5672, with TLS 5671).
  RabbitMQ: { image: /rabbitmq/, name: /rabbit|amqp/i, ports: [5672, 5671] },
  // hub.docker.com/_/elasticsearch, opensearchproject/opensearch; elastic.co, network settings (9200).
  Elasticsearch: { image: /elasticsearch|opensearch/, name: /elastic|opensearch/i, ports: [9200] },
  // hub.docker.com/r/apache/kafka; kafka.apache.org, quickstart (9092); docs.redpanda.com.
  Kafka: { image: /kafka|redpanda/, name: /kafka|redpanda/i, ports: [9092] },
  // hub.docker.com/_/memcached; doc/protocol.txt (11211 by IANA).
  Memcached: { image: /memcached/, name: /memcache/i, ports: [11211] },
}
