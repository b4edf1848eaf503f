import { atLeastOne, type Citation, cite } from '../../incident/citation.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import type { Pod } from '../../incident/pod.ts'
import { keyOf, type Ref } from '../../incident/reference.ts'
import { tellNames } from '../../incident/telling.ts'
import type { Finding, Rule } from '../rule.ts'

/** Passwords and tokens that stand in the definition of a pod, for everyone who may read pods. */
export const secretsInEnvOrLogs: Rule<'secrets-in-env-or-logs'> = {
  id: 'secrets-in-env-or-logs',
  title: 'Credentials stand in the definition of pods',
  domain: 'healing',
  seeds: ['KIA 11.4.4'],
  needs: ['pods'],
  explains: [],
  explain: {
    mechanism:
      'A password as the literal value of a variable is read by everyone who may read pods, by every tool that prints them, and stands in the repository. It is no failure; but whoever hands on evidence hands it on too, unless something takes it out. This bundle has such values redacted.',
    proof: ['A variable with a name such as DB_PASSWORD or API_TOKEN has a value, and not a valueFrom.'],
    lookAlikes: ['A variable that only names a file or a Secret (PASSWORD_FILE, SECRET_NAME).'],
    mitigate: [{ says: 'Rotate what was shared, and read it from a Secret.', changes: true }],
    fix: ['Use secretKeyRef or files of a Secret or CSI driver, and let a policy refuse literals.'],
    links: ['https://kubernetes.io/docs/concepts/configuration/secret/'],
  },
  *evaluate(incident) {
    const found = incident.pods.flatMap(literalsOf)
    for (const [, literals] of Map.groupBy(found, ({ workload }) => keyOf(workload))) yield describe(literals)
  },
}

interface Literal {
  readonly workload: Ref
  readonly name: string
  readonly citation: Citation
}

const SECRET = /(?:^|_)(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|SECRET_?KEY|ACCESS_?KEY)$/i

function literalsOf(pod: Pod): readonly Literal[] {
  return pod.containers.flatMap(({ spec, specPath }) =>
    listAt(spec, 'env').flatMap((variable, index) => {
      const name = textAt(variable, 'name')
      if (!SECRET.test(name) || textAt(variable, 'value') === '') return []
      return [{ workload: pod.workload, name, citation: cite(pod, [...specPath, 'env', index, 'name']) }]
    }),
  )
}

function describe(literals: readonly Literal[]): Finding {
  const [{ workload }] = literals as readonly [Literal, ...Literal[]]
  const names = [...new Set(literals.map(({ name }) => name))]
  return {
    kind: 'risk',
    subject: workload,
    strength: 'strong',
    from: undefined,
    says: `${workload.name} has credentials as literal values of variables: ${tellNames(names)}.`,
    cites: atLeastOne(literals.slice(0, 3).map(({ citation }) => citation)),
    affects: [workload],
  }
}
