import type { Rule } from '../rule.ts'

/** A service of AWS is broken in the region. */
export const awsServiceEvent: Rule<'aws-service-event'> = {
  id: 'aws-service-event',
  title: 'A service of AWS is impaired in the region',
  domain: 'aws',
  seeds: ['KIA 9', 'KIA 11.10.1'],
  needs: ['aws-health'],
  explains: [
    'errors',
    'node-unhealthy',
    'volume-failing',
    'not-scaling',
    'not-starting',
    'control-plane-failing',
    'slow',
  ],
  explain: {
    mechanism:
      'When a service of the region is impaired, launches, attachments, credentials, pulls, load balancers and names may fail at once, in clusters that have nothing to do with each other. Nothing inside the cluster brings it about, and nothing inside repairs it.',
    proof: ['AWS Health has an open event of the region and the service that began when the symptoms did.'],
    lookAlikes: [
      'vpc-endpoint-missing, az-impairment: only this VPC, or one zone.',
      'sts-or-aws-api-throttled: the account asks too much.',
    ],
    mitigate: [
      {
        says: 'Fail over or freeze changes; scale down nothing that still runs.',
        command: 'aws health describe-events --filter eventStatusCodes=open',
        changes: false,
      },
    ],
    fix: ['Keep the data plane independent of calls to AWS: spare capacity, cached images, static stability.'],
    links: ['https://docs.aws.amazon.com/health/latest/ug/what-is-aws-health.html'],
  },
  // Only AWS Health says it; errors of many services at once are the matter of the rules for each.
  *evaluate() {},
}
