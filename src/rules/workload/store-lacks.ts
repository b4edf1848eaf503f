import type { MessageId } from '../../incident/messages/index.ts'

/**
 * What a store that refuses is for want of. connections, shards, memory, disk, writes, locks: it is short of it. alarm: of memory or disk, and its
 * publishers wait. quorum: its members do not agree or do not see each other. login: it does not let the client in. pace: clients do not keep up.
 */
export type Lack =
  | 'connections'
  | 'shards'
  | 'memory'
  | 'alarm'
  | 'disk'
  | 'writes'
  | 'locks'
  | 'quorum'
  | 'login'
  | 'pace'

/** What each refusal is for want of. */
export const LACKS = {
  'postgres-connections-exhausted': 'connections',
  'pgbouncer-connections-exhausted': 'connections',
  'mysql-connections-exhausted': 'connections',
  'redis-connections-exhausted': 'connections',
  'redis-memory-full': 'memory',
  'elastic-shards-exhausted': 'shards',
  'rabbit-alarm': 'alarm',
  'elastic-memory-full': 'memory',
  'memcached-memory-full': 'memory',
  'postgres-disk-full': 'disk',
  'mysql-disk-full': 'disk',
  'mongo-disk-full': 'disk',
  'kafka-disk-full': 'disk',
  'elastic-read-only': 'disk',
  'redis-not-persisting': 'disk',
  'postgres-read-only': 'writes',
  'mysql-read-only': 'writes',
  'redis-read-only': 'writes',
  'mongo-not-primary': 'writes',
  'kafka-too-few-replicas': 'writes',
  'rabbit-partitioned': 'quorum',
  'elastic-no-master': 'quorum',
  'kafka-consumer-too-slow': 'pace',
  'postgres-locked': 'locks',
  'mysql-locked': 'locks',
  'postgres-login-refused': 'login',
  'mysql-login-refused': 'login',
  'redis-login-refused': 'login',
  'mongo-login-refused': 'login',
  'mongo-tls-required': 'login',
  'rabbit-login-refused': 'login',
  'kafka-login-refused': 'login',
} as const satisfies Partial<Record<MessageId, Lack>>

/** A refusal of a data store, by its place in `messages/`. */
export type RefusalId = keyof typeof LACKS

/** How each want is told of the store. */
export const TELLS: Readonly<Record<Lack, string>> = {
  connections: 'has no connection left for its clients',
  shards: 'has as many shards as it may, and makes no new index',
  memory: 'is at its limit of memory and refuses its clients',
  alarm: 'is short of memory or disk, and blocks whoever publishes',
  disk: 'is out of disk, or cannot write to it, and refuses writes',
  writes: 'takes no writes',
  quorum: 'has members that do not work together, and refuses part of what its clients ask',
  locks: 'lets its clients wait for locks until they give up',
  login: 'does not let its clients in',
  pace: 'has more to read than its consumers can',
}
