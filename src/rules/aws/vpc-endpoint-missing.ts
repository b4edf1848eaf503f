import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { CLUSTER } from '../../incident/reference.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import { type Caller, callersSaying, citeCallers, isSerious, sufferersOfCallers } from '../callers.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { describeRefused } from './refused.ts'

/** AWS cannot be reached from the subnets of the cluster. */
export const vpcEndpointMissing: Rule<'vpc-endpoint-missing'> = {
  id: 'vpc-endpoint-missing',
  title: 'AWS cannot be reached from private subnets',
  domain: 'aws',
  needs: [],
  helps: ['logs', 'events', 'aws-ec2'],
  explains: [
    'errors',
    'not-starting',
    'volume-failing',
    'not-scaling',
    'crashing',
    'node-unhealthy',
    'slow',
    'not-ready',
    'unhealthy-condition',
  ],
  explain: {
    mechanism:
      'In subnets without a way to the internet each service of AWS needs an endpoint of its own in the VPC, with a security group that lets 443 in and private DNS. Where one is missing, calls to that service run into timeouts, and with them credentials, pulls, volumes and new nodes.',
    proof: [
      'Timeouts, and no answers, of sts, ecr, ec2, elasticloadbalancing or autoscaling; other hosts answer.',
      'The endpoint is not in the VPC, or its security group does not let the nodes in.',
    ],
    lookAlikes: [
      'irsa-denied: STS answers AccessDenied.',
      'coredns-upstream-timeout, coredns-down-or-unschedulable: no name outside resolves.',
      'aws-service-event: AWS itself is broken.',
      'nat-port-allocation-exhausted: it works now and then.',
    ],
    mitigate: [
      {
        says: 'Add the endpoint, its security group rule and private DNS.',
        command: 'aws ec2 describe-vpc-endpoints --filters Name=vpc-id,Values=VPC',
        changes: false,
      },
    ],
    fix: ['Keep the list of endpoints that a private cluster needs in code.'],
    links: ['https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html'],
  },
  *evaluate(incident) {
    const callers = callersSaying(incident, 'sts-unreachable', 'aws-endpoint-unreachable')
    const serious = callers.filter((one) => isSerious(incident, one))
    const [only] = serious
    if (serious.length > 1) yield describe(incident, serious)
    else if (only)
      yield describeRefused(incident, only, {
        strength: 'weak',
        says: `${only.ref.name} cannot reach ${hostsOf([only])}.`,
        missing: MISSING,
      })
    else
      for (const { ref } of callers)
        yield reject(ref, 'It did not reach AWS now and then, and does its work all the same.')
  },
}

const MISSING = ['aws-ec2: routes, endpoints and security groups of the subnets']

function hostsOf(callers: readonly Caller[]): string {
  const hosts = callers.flatMap(({ said }) => said.flatMap(({ values }) => values.host ?? []))
  return tellNames([...new Set(hosts)].sort()) || 'STS'
}

function describe(incident: Incident, callers: readonly Caller[]): Finding {
  return {
    kind: 'cause',
    subject: CLUSTER,
    strength: 'weak',
    from: earliest(callers.flatMap(({ said }) => said.map(({ first }) => first))),
    says: `${count(callers.length, 'client')} (${tellNames(callers.map(({ ref }) => ref.name))}) cannot reach ${hostsOf(callers)}: the way to AWS is missing, or AWS does not answer.`,
    cites: atLeastOne(citeCallers(callers)),
    affects: sufferersOfCallers(incident, callers),
    missing: MISSING,
  }
}
