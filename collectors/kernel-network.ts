import type { Collector } from '../src/collector.ts'
import { askInside } from './ask-inside.ts'

const NEIGHBOURS = '/proc/sys/net/ipv4/neigh/default/gc_thresh'

/** What the kernel counts of a node's network and of each pod's: drops, overflows, retransmits, neighbours, routes. */
export const kernelNetwork: Collector = {
  id: 'kernel-network',
  title: 'Network counters of the kernel',
  volatility: 1,
  scope: 'node',
  sampled: true,
  ways: ['exec', 'probe'],
  reads: [],
  collect: (context) =>
    askInside(context, kernelNetwork, {
      exec: [
        ...['snmp', 'netstat', 'sockstat', 'softnet_stat', 'dev'].map((name) => ({
          file: `${name}.txt`,
          reads: [`/proc/net/${name}`] as const,
        })),
        { file: 'neighbour-cache.txt', reads: ['/proc/net/stat/arp_cache', '/proc/net/stat/ndisc_cache'] },
        { file: 'neighbours.txt', reads: ['/proc/net/arp'] },
        {
          file: 'sysctl.txt',
          reads: [
            `${NEIGHBOURS}1`,
            `${NEIGHBOURS}2`,
            `${NEIGHBOURS}3`,
            '/proc/sys/net/core/somaxconn',
            '/proc/sys/net/ipv4/ip_local_port_range',
            '/proc/sys/net/ipv4/tcp_max_syn_backlog',
          ],
        },
      ],
    }),
}
