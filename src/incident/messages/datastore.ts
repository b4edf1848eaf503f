import { type Message, speaker } from './message.ts'

const postgres = speaker('PostgreSQL')
const mysql = speaker('MySQL')
const redis = speaker('Redis')
const mongo = speaker('MongoDB')
const rabbit = speaker('RabbitMQ')
const elastic = speaker('Elasticsearch')
const kafka = speaker('Kafka')
const memcached = speaker('Memcached')

/** What databases, caches and queues answer their clients when they are up and cannot, or will not, do what they are asked. */
export const datastore = {
  'postgres-connections-exhausted': postgres('The database has no connection left for another client.', [
    /sorry, too many clients already|remaining connection slots are reserved|too many connections for (?:role|database) "[^"]{1,100}"/,
    'src/backend/storage/lmgr/proc.c, utils/init/postinit.c',
  ]),
  'postgres-read-only': postgres('The database takes no writes.', [
    /cannot execute [A-Z ]{3,30} in a read-only transaction/,
    'src/backend/tcop/utility.c',
  ]),
  'postgres-disk-full': postgres('The disk of the database is full.', [
    /could not (?:extend file|write (?:to )?(?:file|block)|create file)[^\n]{0,300}No space left on device/,
    'src/backend/storage/smgr/md.c',
  ]),
  'postgres-locked': postgres('Statements of the database wait for the locks of each other.', [
    /canceling statement due to lock timeout|process \d{1,9} still waiting for \w{1,40} on |\bdeadlock detected\b/,
    'src/backend/tcop/postgres.c, storage/lmgr',
  ]),
  'postgres-login-refused': postgres('The database refuses the login of a client.', [
    /password authentication failed for user|no pg_hba\.conf entry for host|role "[^"]{1,100}" (?:does not exist|is not permitted to log in)/,
    'src/backend/libpq/auth.c',
  ]),
  'pgbouncer-connections-exhausted': postgres(
    'The pooler before the database takes no further client, or has no connection for one in time.',
    [
      /no more connections allowed \(max_client_conn\)|(?:pooler error|FATAL|ERROR)[^\n=]{0,60}?\bquery_wait_timeout\b(?!\s{0,2}[:=])/,
      'PgBouncer src/client.c, src/janitor.c',
    ],
  ),
  'mysql-connections-exhausted': mysql('The database has no connection left for another client.', [
    /\bToo many connections\b|has exceeded the 'max_user_connections' resource/,
    'share/messages_to_clients.txt, ER_CON_COUNT_ERROR',
  ]),
  'mysql-read-only': mysql('The database takes no writes.', [
    /running with the --(?:super-)?read-only option so it cannot execute/,
    'share/messages_to_clients.txt, ER_OPTION_PREVENTS_STATEMENT',
  ]),
  'mysql-disk-full': mysql('The disk or a table of the database is full.', [
    /The table '[^']{1,200}' is full|Disk is full writing '[^']{1,200}'/,
    'share/messages_to_clients.txt, ER_RECORD_FILE_FULL, EE_DISK_FULL',
  ]),
  'mysql-locked': mysql('Statements of the database wait for the locks of each other.', [
    /Lock wait timeout exceeded; try restarting transaction|Deadlock found when trying to get lock/,
    'share/messages_to_clients.txt, ER_LOCK_WAIT_TIMEOUT',
  ]),
  'mysql-login-refused': mysql('The database refuses the login of a client.', [
    /Access denied for user '[^']{0,100}'@'[^']{1,200}'/,
    'share/messages_to_clients.txt, ER_ACCESS_DENIED_ERROR',
  ]),
  'redis-connections-exhausted': redis('The cache has no connection left for another client.', [
    /ERR max number of clients reached/,
    'src/networking.c',
  ]),
  'redis-memory-full': redis('The cache is at its limit of memory and takes no writes.', [
    /OOM command not allowed when used memory > 'maxmemory'/,
    'src/server.c',
  ]),
  'redis-not-persisting': redis('The cache cannot save its data, and takes no writes for that.', [
    /MISCONF Redis is configured to save RDB snapshots|MISCONF Errors writing to the AOF file|MISCONF Valkey is configured to save RDB snapshots|Write error saving DB on disk|Failed opening the (?:temp )?RDB file/,
    'src/server.c, rdb.c',
  ]),
  'redis-read-only': redis('The cache is a replica and takes no writes.', [
    /READONLY You can't write against a read only (?:replica|slave)/,
    'src/server.c',
  ]),
  'redis-login-refused': redis('The cache refuses the login of a client.', [
    /NOAUTH Authentication required|WRONGPASS invalid username-password pair|ERR invalid password|NOPERM (?:User|this user|No permissions)|AUTH <password> called without any password configured/,
    'src/acl.c',
  ]),
  'mongo-login-refused': mongo('The database refuses the login of a client, or what it asks for.', [
    /not authorized on [\w.$-]{1,100} to execute command|\(AuthenticationFailed\) Authentication failed|MongoServerError: Authentication failed|Exception authenticating MongoCredential|UserNotFound: Could not find user/,
    'src/mongo/db/auth',
  ]),
  'mongo-tls-required': mongo('The database takes encrypted connections alone.', [
    /The server is configured to only allow SSL connections/,
    'src/mongo/transport/asio/asio_session_impl.cpp',
  ]),
  'mongo-not-primary': mongo('The member of the replica set takes no writes.', [
    /\(NotWritablePrimary\)|not master and slaveOk=false|MongoServerError: not primary/,
    'src/mongo/base/error_codes.yml',
  ]),
  'mongo-disk-full': mongo('The disk of the database is full.', [
    /WiredTiger error[^\n]{0,500}No space left on device|\(OutOfDiskSpace\)/,
    'src/mongo/db/storage/wiredtiger',
  ]),
  'rabbit-alarm': rabbit('The queue is short of memory or disk, and blocks all publishers.', [
    /(?:memory|disk) resource limit alarm set on node|vm_memory_high_watermark set|\*\*\* Publishers will be blocked until this alarm clears|\bconnection[. _]?(?:is |was )?blocked\b(?!["']?\s{0,2}[:=,]\s{0,2}["']?(?:true|false))[^\n]{0,80}\blow on (?:memory|disk)|Blocked connection timeout expired/i,
    'deps/rabbit/src/rabbit_alarm.erl, rabbit_reader.erl (the reason that clients are told); pika/connection.py',
  ]),
  'rabbit-alarm-cleared': rabbit('The queue is short of memory or disk no more, and lets publishers go on.', [
    /(?:memory|disk) resource limit alarm cleared\b/,
    'deps/rabbit/src/rabbit_alarm.erl',
  ]),
  'rabbit-partitioned': rabbit('The nodes of the queue do not see each other, and part of its queues cannot be used.', [
    /inconsistent_database, ?(?:running_partitioned_network|starting_partitioned_network)|home node '[^']{1,200}' of durable queue '[^']{1,200}' in vhost '[^']{1,200}' is down or inaccessible|Partial partition detected/,
    'deps/rabbit/src/rabbit_node_monitor.erl, rabbit_amqqueue.erl; OTP lib/mnesia/src/mnesia_monitor.erl',
  ]),
  'rabbit-login-refused': rabbit('The queue refuses the login of a client.', [
    /ACCESS_REFUSED - (?:Login was refused|access to)/,
    'deps/rabbit/src/rabbit_reader.erl',
  ]),
  'elastic-read-only': elastic('Its disk is nearly full, and its indexes take no writes.', [
    /flood[- ]stage (?:disk )?watermark \[[^\]]{1,20}\] exceeded|read-only-allow-delete block|index_create_block_exception|cluster_block_exception/,
    'server/src/main/java/org/elasticsearch/cluster/routing/allocation/DiskThresholdMonitor.java',
  ]),
  'elastic-no-master': elastic('No master is elected, or shards have no copy that could answer.', [
    /master_not_discovered_exception|MasterNotDiscoveredException|ClusterBlockException: blocked by: \[SERVICE_UNAVAILABLE\/\d{1,2}\/|no_shard_available_action_exception|NoShardAvailableActionException|search_phase_execution_exception[^\n]{0,80}all shards failed|master not discovered (?:or elected )?yet/,
    'server/src/main/java/org/elasticsearch/discovery/MasterNotDiscoveredException.java, cluster/coordination/ClusterFormationFailureHelper.java, action/NoShardAvailableActionException.java',
  ]),
  'elastic-shards-exhausted': elastic('The cluster has as many shards as it may, and makes no new index.', [
    /this action would add \[\d{1,9}\] (?:total )?shards, but this cluster currently has \[\d{1,9}\]\/\[\d{1,9}\] maximum/,
    'server/src/main/java/org/elasticsearch/indices/ShardLimitValidator.java',
  ]),
  'elastic-memory-full': elastic('It refuses requests that would overfill its heap.', [
    /circuit_breaking_exception|CircuitBreakingException: \[[\w-]{1,40}\] Data too large/,
    'server/src/main/java/org/elasticsearch/indices/breaker',
  ]),
  'kafka-disk-full': kafka('The disk of the broker is full.', [
    /KafkaStorageException[^\n]{0,300}No space left|Error while (?:writing to|appending to|rolling log segment)[^\n]{0,300}No space left on device/,
    'core/src/main/scala/kafka/log',
  ]),
  'kafka-login-refused': kafka('The broker refuses the login of a client.', [
    /SaslAuthenticationException|TopicAuthorizationException|Authentication failed during authentication due to invalid credentials/,
    'clients/src/main/java/org/apache/kafka/common/errors',
  ]),
  'kafka-too-few-replicas': kafka('Too few replicas are in step for a write.', [
    /NotEnoughReplicas(?:AfterAppend)?Exception|NOT_ENOUGH_REPLICAS/,
    'clients/src/main/java/org/apache/kafka/common/errors',
  ]),
  'kafka-consumer-too-slow': kafka('A consumer does not keep up, and is put out of its group.', [
    /Application maximum poll interval \(\d{1,9}ms\) exceeded|consumer poll timeout has expired/,
    'librdkafka rdkafka.c, clients ConsumerCoordinator.java',
  ]),
  'memcached-memory-full': memcached('The cache is at its limit of memory.', [
    /SERVER_ERROR out of memory storing object/,
    'memcached.c',
  ]),
} satisfies Record<string, Message>
