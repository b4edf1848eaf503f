import { callersSaying } from '../callers.ts'
import { type Rule, reject } from '../rule.ts'
import { describeRefused, isWell } from './refused.ts'

/** A key that something is encrypted with is disabled, deleted or not granted any more. */
export const kmsKeyDisabled: Rule<'kms-key-disabled'> = {
  id: 'kms-key-disabled',
  title: 'A key of KMS that is needed cannot be used',
  domain: 'aws',
  needs: [],
  helps: ['logs', 'events', 'aws-eks'],
  explains: [
    'errors',
    'volume-failing',
    'control-plane-failing',
    'crashing',
    'not-starting',
    'unhealthy-condition',
    'unscheduled',
  ],
  explain: {
    mechanism:
      'Secrets of the cluster, volumes and the disks of nodes may be encrypted with a key of your own. When it is disabled, planned for deletion, or its grant revoked, whatever is encrypted with it cannot be read: new volumes do not attach, new nodes end at once, and a cluster whose Secrets hang on it degrades as a whole.',
    proof: [
      'KMSInvalidStateException, InvalidKMSKey or "is pending deletion" in events or logs; the health of the cluster names KMS_KEY_DISABLED.',
    ],
    lookAlikes: ['ebs-kms-denied: the key works, and only the role of the driver may not use it.'],
    mitigate: [
      {
        says: 'Enable the key again at once, and delete nothing that it encrypts.',
        command: 'aws kms enable-key --key-id KEY',
        changes: true,
      },
    ],
    fix: ['Alert on DisableKey and ScheduleKeyDeletion.'],
    links: ['https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html'],
  },
  *evaluate(incident) {
    for (const caller of callersSaying(incident, 'kms-key-unusable')) {
      if (isWell(incident, caller))
        yield reject(caller.ref, 'A key could not be used once, and it does its work all the same.')
      else
        yield describeRefused(incident, caller, {
          strength: 'strong',
          says: `${caller.ref.name} cannot use a key of KMS: ${caller.said[0].words}.`,
          missing: ['the state of the key'],
        })
    }
  },
}
