import type { Incident } from '../../incident/incident.ts'
import { listAt, textAt } from '../../incident/kubernetes.ts'
import type { KubeObject } from '../../incident/object.ts'
import type { Workload } from '../../incident/workload.ts'

/** What runs a storage driver: the part that makes and attaches volumes, and the part that mounts them on each node. */
export interface DriverPart {
  readonly workload: Workload
  readonly role: 'controller' | 'node'
  /** The name of the driver, where the part says it. */
  readonly driver: string
  /** All that its containers are told; provisioners without CSI are told their name in it. */
  readonly words: readonly string[]
}

/** Sidecars of CSI (kubernetes-csi.github.io), by the names of their images; their containers are mostly called the same. */
const OF_CONTROLLER =
  /(?:csi-|external-)?(?:provisioner|attacher)(?:[:@]|$)|nfs-subdir-external-provisioner|local-path-provisioner|^csi-(?:provisioner|attacher)$/
const OF_NODE = /(?:csi-)?node-driver-registrar|^driver-registrar$/

/** `--kubelet-registration-path=/var/lib/kubelet/plugins/ebs.csi.aws.com/csi.sock`. */
const REGISTRATION = /\/plugins\/(?<driver>[\w.-]+)\/[\w.-]+\.sock/

/** The parts of all storage drivers that run in the cluster. */
export function driverParts(incident: Incident): readonly DriverPart[] {
  return incident.workloads.flatMap((workload) => {
    const containers = containersOf(workload)
    const role = containers.some((one) => fits(one, OF_NODE))
      ? 'node'
      : containers.some((one) => fits(one, OF_CONTROLLER))
        ? 'controller'
        : undefined
    const words = wordsOf(containers)
    return role ? [{ workload, role, driver: driverOf(words), words }] : []
  })
}

function fits(container: unknown, pattern: RegExp): boolean {
  const image = textAt(container, 'image').split('/').at(-1) ?? ''
  return pattern.test(image) || pattern.test(textAt(container, 'name'))
}

function containersOf({ object, pods }: Workload): readonly unknown[] {
  const template: KubeObject['json'] | undefined = object?.json
  const own = listAt(template, 'spec', 'template', 'spec', 'containers')
  return own.length > 0 ? own : listAt(pods[0]?.json, 'spec', 'containers')
}

function wordsOf(containers: readonly unknown[]): readonly string[] {
  return containers
    .flatMap((one) => [
      ...listAt(one, 'args'),
      ...listAt(one, 'command'),
      ...listAt(one, 'env').map((each) => textAt(each, 'value')),
    ])
    .map(String)
}

function driverOf(words: readonly string[]): string {
  return words.map((word) => REGISTRATION.exec(word)?.groups?.driver).find((one) => one !== undefined) ?? ''
}

/** `PROVISIONER_NAME=k8s-sigs.io/filer`, `--provisioner-name=…`. */
function isTold({ words }: DriverPart, driver: string): boolean {
  return words.some((word) => word === driver || word.endsWith(`=${driver}`))
}

/** Whether a part is of a driver: by its name, else by the namespace and the beginning of the name of a part that is. */
export function partsOf(parts: readonly DriverPart[], driver: string): readonly DriverPart[] {
  const named = parts.filter((part) => part.driver === driver || isTold(part, driver))
  return parts.filter(
    (part) => named.includes(part) || named.some((one) => isSibling(one, part)) || isNamedAfter(part, driver),
  )
}

function isSibling(one: DriverPart, other: DriverPart): boolean {
  const [a, b] = [one.workload.ref, other.workload.ref]
  return other.driver === '' && a.namespace === b.namespace && stem(a.name) === stem(b.name)
}

/** `ebs-csi-node` and `ebs-csi-controller` are both of `ebs-csi`. */
function stem(name: string): string {
  return name.replace(
    /-(?:node|controller|plugin|provisioner|attacher|driver|daemonset|nodeplugin|controllerplugin).*$/,
    '',
  )
}

/** `ebs.csi.aws.com` and `ebs-csi-controller`, `rancher.io/local-path` and `local-path-provisioner`. */
function isNamedAfter({ workload, driver: own }: DriverPart, driver: string): boolean {
  const last = driver.split('/').at(-1) ?? ''
  const word = last.includes('.') ? (last.split('.')[0] ?? '') : last
  return own === '' && word.length >= 3 && workload.ref.name.startsWith(word)
}
