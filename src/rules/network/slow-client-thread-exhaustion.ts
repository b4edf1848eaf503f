import type { Rule } from '../rule.ts'

/** Clients that send slowly hold every worker of a server. */
export const slowClientThreadExhaustion: Rule<'slow-client-thread-exhaustion'> = {
  id: 'slow-client-thread-exhaustion',
  title: 'Slow clients hold every worker of a server',
  domain: 'network',
  seeds: ['KIA 3.3.6'],
  needs: ['socket-counters'],
  helps: ['logs', 'cadvisor'],
  explains: ['slow', 'not-ready', 'errors', 'crashing'],
  explain: {
    mechanism:
      'A server with a worker for each request waits until the request has arrived. Mobile clients on bad lines, or an attacker, send it byte by byte. When all workers wait, nobody else is served and probes fail, while the processor idles.',
    proof: [
      'All workers are busy, the processor is idle, and most connections have received a few bytes only (ss -tni).',
    ],
    lookAlikes: [
      'dependency-down: workers wait for something they call.',
      'cpu-limit-throttling: the processor is not idle.',
    ],
    mitigate: [
      {
        says: 'Put a proxy in front that takes the whole request before it passes it on, with timeouts for reading.',
        changes: true,
      },
    ],
    fix: ['Set timeouts for reading headers and bodies, and limits of connections for each client.'],
    links: ['https://nginx.org/en/docs/http/ngx_http_proxy_module.html'],
  },
  evaluate: () => [],
}
