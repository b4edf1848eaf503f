import type { Candidate } from './candidate.ts'
import type { Confidence } from './report.ts'

/**
 * A word for how sure a cause is, by rule. confirmed: proof, it explains something that is broken or logged to fail, nothing speaks against it, and no rival
 * has proof too. probable: proof with one gap, or strong evidence without any. possible: the rest. What nothing explains is
 * `insufficient-evidence`.
 */
export function confidenceOf(candidate: Candidate): Confidence {
  const { finding } = candidate.fact
  if (finding.kind === 'symptom') return 'insufficient-evidence'
  const gaps = countGaps(candidate)
  if (finding.strength === 'proof') return gaps === 0 ? 'confirmed' : gaps === 1 ? 'probable' : 'possible'
  return finding.strength === 'strong' && gaps === 0 ? 'probable' : 'possible'
}

function countGaps({ fact: { finding }, symptoms, rivals, reach, isBroken, isUnfelt, isLate }: Candidate): number {
  return (
    (finding.against?.length ?? 0) +
    (finding.kind === 'mechanism' ? 2 : 0) +
    (isBroken && !isUnfelt ? 0 : 2) +
    (rivals.some((rival) => rival.finding.strength === 'proof' && rival.finding.kind === 'cause') ? 1 : 0) +
    (symptoms[0] && reach.steps.get(symptoms[0])?.how === 'possible' ? 1 : 0) +
    (isLate ? 1 : 0)
  )
}
