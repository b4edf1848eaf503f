import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { count, earliest, latest, shorten, tellTime } from '../../incident/telling.ts'
import { type Caller, callersSaying, citeCallers, isSerious, sufferersOfCallers } from '../callers.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A client of gRPC that pings its server more often than the server takes. */
export const grpcPingsRefused: Rule<'grpc-pings-refused'> = {
  id: 'grpc-pings-refused',
  title: 'A gRPC server ends connections because its client pings too often',
  domain: 'workload',
  needs: ['pods', 'logs'],
  helps: ['replicasets.apps'],
  explains: ['errors', 'slow', 'crashing', 'not-ready', 'no-endpoints', 'job-failing'],
  explain: {
    mechanism:
      'A client with keepalive pings its connections. A server takes one ping in five minutes unless it is told otherwise, and none on a connection without calls; after a few more it sends GOAWAY with ENHANCE_YOUR_CALM and closes the connection, with all calls that are on it. The client connects anew and pings again, so calls fail at regular intervals for ever.',
    proof: [
      'The client says GOAWAY, ENHANCE_YOUR_CALM and too_many_pings, until now.',
      'Its keepalive time is below the least that the server permits (MinTime of grpc-go, permitKeepAliveTime of grpc-java, GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS).',
    ],
    lookAlikes: [
      'GOAWAY with NO_ERROR: the server ends old connections on purpose, or goes away itself.',
      'ENHANCE_YOUR_CALM without pings: a limit of requests, or a defence against resets of streams.',
      'nlb-idle-timeout-reset, nat-idle-timeout-reset: connections are cut for want of pings.',
    ],
    mitigate: [
      {
        says: 'Let the client ping no more often than every five minutes, and only while calls run.',
        command: 'kubectl edit {kind}/{name} -n {namespace}',
        changes: true,
      },
      {
        says: 'Or go back to the version before it pinged.',
        command: 'kubectl rollout undo {kind}/{name} -n {namespace}',
        changes: true,
      },
    ],
    fix: [
      'Set the keepalive of clients and the enforcement policy of servers together: the least time that the server permits must be below what clients use.',
    ],
    links: ['https://grpc.io/docs/guides/keepalive/'],
  },
  *evaluate(incident) {
    for (const caller of callersSaying(incident, 'grpc-pings-refused'))
      if (isSerious(incident, caller)) yield describe(incident, caller)
      else yield reject(caller.ref, 'Its pings were refused now and then, and it does its work all the same.')
  },
}

function describe(incident: Incident, caller: Caller): Finding {
  const { ref, said, lines } = caller
  const from = earliest(said.map(({ first }) => first))
  return {
    kind: 'cause',
    subject: ref,
    strength: 'strong',
    from,
    to: latest(said.map(({ last }) => last)),
    says: `The server of ${ref.name} ends its connections because it pings too often: ${count(lines, 'line')} since ${tellTime(from)} ("${shorten(said[0].text, 220)}"). Its keepalive time is below the least that the server permits.`,
    cites: atLeastOne(citeCallers([caller])),
    affects: sufferersOfCallers(incident, [caller]),
  }
}
