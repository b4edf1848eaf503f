import type { Incident } from './incident.ts'

/** Works something out once for each incident, when it is asked for first; what is kept goes with the incident. */
export function perIncident<T>(compute: (incident: Incident) => T): (incident: Incident) => T {
  const known = new WeakMap<Incident, { readonly value: T }>()
  return (incident) => {
    const found = known.get(incident) ?? { value: compute(incident) }
    known.set(incident, found)
    return found.value
  }
}
