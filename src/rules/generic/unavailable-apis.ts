import { cite } from '../../incident/citation.ts'
import { conditionOf, readConditions } from '../../incident/condition.ts'
import type { Incident } from '../../incident/incident.ts'
import type { Finding, Rule } from '../rule.ts'
import { symptomExplanation } from './symptom.ts'

/** Aggregated APIs that do not answer. */
export const unavailableApis: Rule<'unavailable-apis'> = {
  id: 'unavailable-apis',
  title: 'A part of the Kubernetes API does not answer',
  domain: 'generic',
  needs: [],
  explains: [],
  explain: symptomExplanation(
    'An aggregated API is served by pods of the cluster, and they do not answer.',
    'APIService with condition Available False.',
  ),
  *evaluate(incident) {
    yield* listUnavailable(incident)
  },
}

function* listUnavailable(incident: Incident): Generator<Finding> {
  for (const service of incident.objects('apiservices.apiregistration.k8s.io')) {
    const available = conditionOf(readConditions(service.json), 'Available')
    if (available?.status !== 'False') continue
    yield {
      kind: 'symptom',
      symptom: 'control-plane-failing',
      subject: service.ref,
      strength: 'proof',
      from: available.since,
      says: `The API ${service.ref.name} does not answer (${available.reason}): ${available.message.slice(0, 200)}`,
      cites: [cite(service, [...available.path, 'message'])],
    }
  }
}
