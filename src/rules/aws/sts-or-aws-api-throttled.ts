import { atLeastOne } from '../../incident/citation.ts'
import type { Incident } from '../../incident/incident.ts'
import { namesAws } from '../../incident/on-aws.ts'
import { CLUSTER } from '../../incident/reference.ts'
import type { Said } from '../../incident/statement.ts'
import { count, earliest, tellNames } from '../../incident/telling.ts'
import { type Caller, callersSaying, citeCallers, groupCallers, isSerious, sufferersOfCallers } from '../callers.ts'
import { type Finding, type Rule, reject } from '../rule.ts'
import { describeRefused } from './refused.ts'

/** AWS refuses calls because the account makes too many. */
export const stsOrAwsApiThrottled: Rule<'sts-or-aws-api-throttled'> = {
  id: 'sts-or-aws-api-throttled',
  title: 'AWS throttles the calls of the account',
  domain: 'aws',
  needs: [],
  helps: ['logs', 'events', 'aws-cloudtrail'],
  explains: [
    'slow',
    'errors',
    'volume-failing',
    'not-scaling',
    'not-starting',
    'unscheduled',
    'unhealthy-condition',
    'warnings',
    'crashing',
  ],
  explain: {
    mechanism:
      'Each account may make so many calls of a kind in a region, and all clusters and tools share them. A mass of new nodes, volumes or load balancers, or one tool that lists without end, uses them up; then attaching, scaling and giving addresses crawl everywhere.',
    proof: ['RequestLimitExceeded or "Rate exceeded" in events or logs of several controllers, now.'],
    lookAlikes: [
      'apf-throttling-429, registry-rate-limit: another service refuses.',
      'irsa-denied: one call is refused for want of rights.',
      'aws-quota-exceeded: a number of things, not of calls.',
    ],
    mitigate: [{ says: 'Pause the automation that calls most; CloudTrail has its name.', changes: true }],
    fix: ['Use one controller for each job, caches and long intervals, and ask for higher limits.'],
    links: ['https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html'],
  },
  *evaluate(incident) {
    const said = callersSaying(incident, 'sts-or-aws-api-throttled').flatMap((one) => one.said)
    const callers = groupCallers(
      incident,
      said.filter((one) => isOfAws(incident, one)),
    )
    const serious = callers.filter((one) => isSerious(incident, one))
    const [only] = serious
    if (serious.length > 1) yield describe(incident, serious)
    else if (only)
      yield describeRefused(incident, only, {
        strength: 'weak',
        says: `AWS throttles ${only.ref.name} (${count(only.lines, 'time')}).`,
      })
    else for (const { ref } of callers) yield reject(ref, 'It was throttled now and then, and tried again.')
  },
}

/** "Rate exceeded" and "Throttling" other programs say too: of a log, the line must name something of AWS beside it. */
function isOfAws(incident: Incident, { source, about, text, values }: Said): boolean {
  if (source !== 'log' || values.code !== undefined) return true
  const others = incident.saidAbout(about).filter((one) => one.text === text && one.id !== 'sts-or-aws-api-throttled')
  return namesAws(text) || others.length > 0
}

function describe(incident: Incident, callers: readonly Caller[]): Finding {
  return {
    kind: 'cause',
    subject: CLUSTER,
    strength: 'strong',
    from: earliest(callers.flatMap(({ said }) => said.map(({ first }) => first))),
    says: `AWS throttles the calls of ${count(callers.length, 'client')}: ${tellNames(callers.map(({ ref }) => ref.name))}.`,
    cites: atLeastOne(citeCallers(callers)),
    affects: sufferersOfCallers(incident, callers),
    missing: ['aws-cloudtrail: who calls most'],
  }
}
