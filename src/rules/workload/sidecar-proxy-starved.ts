import { atLeastOne, cite } from '../../incident/citation.ts'
import { type Crash, findCrashes } from '../../incident/crash.ts'
import type { Incident } from '../../incident/incident.ts'
import { isMeshProxy } from '../../incident/mesh.ts'
import type { Pod } from '../../incident/pod.ts'
import { sufferersOf } from '../../incident/sufferers.ts'
import { count, earliest } from '../../incident/telling.ts'
import { heldUp, type ThrottledPod, tellThrottling } from '../compute/throttled.ts'
import { groupByWorkload } from '../group.ts'
import { type Finding, type Rule, reject } from '../rule.ts'

/** A proxy beside an application that has too little memory or processor, while the application is idle. */
export const sidecarProxyStarved: Rule<'sidecar-proxy-starved'> = {
  id: 'sidecar-proxy-starved',
  title: 'The proxy beside the application has too little to work with',
  domain: 'workload',
  seeds: ['KIA 3.4.1'],
  needs: ['pods'],
  helps: ['cadvisor', 'logs', 'events'],
  explains: ['crashing', 'not-ready', 'errors', 'slow', 'no-endpoints'],
  explain: {
    mechanism:
      'In a mesh every request goes through a proxy container beside the application, which has small limits by default and pays for each connection and route. Under load the proxy is throttled or killed first: requests queue in it and fail with 503 or time out, while the application itself has nothing to do.',
    proof: [
      'The container of the proxy was OOMKilled, or is throttled, and the application container beside it was not.',
      'The proxy logs overflow of connections or pending requests (flags UO, UF).',
    ],
    lookAlikes: [
      'container-oomkilled, cpu-limit-throttling: of the application itself.',
      'mtls-cert-rotation: the proxies refuse each other.',
    ],
    mitigate: [
      {
        says: 'Give the proxy more, for one workload in Istio.',
        command: `kubectl patch deployment {name} -n {namespace} -p '{"spec":{"template":{"metadata":{"annotations":{"sidecar.istio.io/proxyMemoryLimit":"1Gi","sidecar.istio.io/proxyCPULimit":"2"}}}}}'`,
        changes: true,
      },
    ],
    fix: [
      'Size the proxy by its load, limit the configuration that it gets (Sidecar resources in Istio), and watch its throttling as that of applications.',
    ],
    links: ['https://istio.io/latest/docs/ops/deployment/performance-and-scalability/'],
  },
  *evaluate(incident) {
    for (const { workload, crashes } of findCrashes(incident)) {
      const proxies = crashes.filter((crash) => isMeshProxy(crash.container) && crash.end?.reason === 'OOMKilled')
      if (proxies.length === 0) continue
      if (crashes.some((crash) => !isMeshProxy(crash.container) && proxies.some(({ pod }) => pod === crash.pod)))
        yield reject(workload, 'The application beside the proxy ends as well.')
      else yield describeKilled(incident, proxies)
    }
    for (const { pods, said, workload } of groupByWorkload(incident, 'proxy-overflow')) {
      const lately = said.filter(({ last }) => last === undefined || incident.now - last < 600_000)
      if (lately.length === 0 || !pods.some((pod) => pod.containers.some(isMeshProxy))) continue
      const held = heldProxy(incident, pods)
      yield {
        kind: 'cause',
        subject: workload,
        strength: held ? 'strong' : 'weak',
        from: earliest(lately.map(({ first }) => first)),
        says: `The proxy of ${workload.name} refuses requests because too many wait: ${lately[0]?.words}${held ? `; ${tellThrottling(held.throttling)}` : ''}.`,
        cites: atLeastOne([
          ...lately.slice(0, 3).map(({ citation }) => citation),
          ...(held?.throttling.cites.slice(0, 2) ?? []),
        ]),
        affects: sufferersOf(incident, pods),
        missing: held ? [] : ['cadvisor: whether the proxy is throttled while the application is idle'],
      }
    }
  },
}

/** A proxy that the kernel held up for its CPU limit while the capture ran. */
function heldProxy(incident: Incident, pods: readonly Pod[]): ThrottledPod | undefined {
  const names = [...new Set(pods.flatMap((pod) => pod.containers.filter(isMeshProxy).map(({ name }) => name)))]
  return names
    .map((name) => heldUp(incident, pods, name))
    .find((most) => most !== undefined && !most.throttling.isWholePod)
}

function describeKilled(incident: Incident, proxies: readonly Crash[]): Finding {
  const [{ pod, container }] = proxies as readonly [Crash, ...Crash[]]
  const pods: readonly Pod[] = [...new Set(proxies.map((one) => one.pod))]
  return {
    kind: 'cause',
    subject: pod.workload,
    strength: 'strong',
    from: earliest(proxies.map(({ since }) => since)),
    says: `The proxy ${container.name} in ${count(pods.length, 'pod')} of ${pod.workload.name} is killed for want of memory, and the application beside it is not.`,
    cites: atLeastOne([
      ...proxies.slice(0, 2).map(({ citation }) => citation),
      cite(pod, [...container.specPath, 'resources']),
    ]),
    affects: sufferersOf(incident, pods),
  }
}
