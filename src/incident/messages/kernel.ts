import { type Message, speaker } from './message.ts'

const says = speaker('linux')

/** What the kernel of a node writes. */
export const kernel = {
  'conntrack-table-full': says('The table of connections is full and the kernel drops packets.', [
    /(?:ip|nf)_conntrack: (?:nf_conntrack: )?table full, dropping packet/,
    'net/netfilter/nf_conntrack_core.c',
  ]),
  'arp-neighbor-table-overflow': says('The table of neighbours is full: the network is flat and large.', [
    /neigh(?:bou?r)?: (?<table>arp_cache|ndisc_cache): neighbor table overflow!|[Nn]eighbour table overflow/,
    'net/core/neighbour.c',
  ]),
  'container-oom-kill': says('A container reached its memory limit and the kernel killed a process of it.', [
    /[Mm]emory cgroup out of memory: Kill(?:ed)? process (?<pid>\d+) \((?<process>[^)]{1,60})\)/,
    'mm/oom_kill.c',
  ]),
  'kernel-oom-kill': says('The node ran out of memory and the kernel killed a process.', [
    /(?<!cgroup )[Oo]ut of memory: Kill(?:ed)? process (?<pid>\d+) \((?<process>[^)]{1,60})\)/,
    'mm/oom_kill.c',
  ]),
  'oom-killer-invoked': says('A request for memory called the killer; the lines that follow say whom it chose.', [
    /(?<process>[\w.:/-]{1,60}) invoked oom-killer: gfp_mask=/,
    'mm/oom_kill.c',
  ]),
  'oom-kill-constraint': says('Where memory was short, and whom the kernel chose.', [
    /oom-kill:constraint=(?<constraint>\w{1,40})[^\n]{0,600}?(?:oom_memcg=(?<limited>[^\s,]{1,400}),)?task_memcg=(?<cgroup>[^\s,]{1,400}),task=(?<process>[^,]{1,60}),pid=(?<pid>\d+)/,
    'mm/oom_kill.c',
    { since: 'v5.0' },
  ]),
  'soft-lockup': says('A processor did nothing but one task for long.', [
    /(?:watchdog: )?BUG: soft lockup - CPU#(?<cpu>\d+) stuck for (?<time>\d+s)!/,
    'kernel/watchdog.c',
  ]),
  'hard-lockup': says('A processor answered nothing for long.', [
    /(?:NMI watchdog: )?Watchdog detected hard LOCKUP on cpu ?(?<cpu>\d+)/,
    'kernel/watchdog_hld.c',
  ]),
  'rcu-stall': says('A processor did not come to rest for long: the machine is overloaded or its host took it away.', [
    /rcu: INFO: rcu_\w{1,20} (?:self-)?detected (?:expedited )?stalls?/,
    'kernel/rcu/tree_stall.h',
  ]),
  'blocked-task': says(
    'A process waited for long within the kernel, mostly for a disk or a file system over the network.',
    [/task (?<process>[^\s:]{1,60}):(?<pid>\d+) blocked for more than (?<time>\d+) seconds/, 'kernel/hung_task.c'],
  ),
  'kernel-null-pointer': says('The kernel has a fault.', [
    /[Uu]nable to handle kernel (?:NULL pointer dereference|paging request)|BUG: kernel NULL pointer dereference/,
    'arch/x86/mm/fault.c',
  ]),
  'kernel-panic': says('The kernel stopped.', [/Kernel panic - not syncing: (?<cause>[^\n]{1,200})/, 'kernel/panic.c']),
  'kernel-bug': says('The kernel found itself in a state that it should not be in.', [
    /kernel BUG at (?<place>\S{1,200})|BUG: (?:unable to handle|Bad page state|scheduling while atomic|workqueue lockup)[^\n]{0,160}|general protection fault[^\n]{0,80}: \d{4}/,
    'lib/bug.c',
  ]),
  'network-device-stuck': says('A network interface of a dead pod cannot be removed.', [
    /unregister_netdevice: waiting for (?<device>[\w.@-]{1,30}) to become free/,
    'net/core/dev.c',
  ]),
  // A drive for floppies or discs that is empty says so at each look; a file as a disk fails when it goes.
  'block-device-io-error': says(
    'A disk did not do what was asked.',
    [
      /(?:blk_update_request: )?(?:critical medium|critical target|I\/O|protection) error, dev (?!(?:fd|sr|loop)\d)(?<device>[\w-]{1,30})/,
      'block/blk-core.c',
    ],
    [/Buffer I\/O error on (?:device|dev) (?!(?:fd|sr|loop)\d)(?<device>[\w-]{1,30})/, 'fs/buffer.c'],
    [/nvme (?<device>nvme\d+)[^\n]{0,20}: I\/O (?:tag )?\d+[^\n]{0,60}timeout/, 'drivers/nvme/host/pci.c'],
  ),
  'read-only-remount': says('The kernel made a file system read-only to save it.', [
    /Remounting filesystem read-only/i,
    'fs/ext4/super.c',
  ]),
  'xfs-shutdown': says(
    'The kernel closed a damaged file system.',
    [/XFS \((?<device>[\w-]{1,30})\): [^\n]{0,200}?[Ss]hutting down filesystem/, 'fs/xfs/xfs_fsops.c'],
    [/XFS [^\n]{0,120}?Shutting down filesystem/, 'fs/xfs/xfs_fsops.c'],
  ),
  'ext4-error': says('The kernel found a file system damaged.', [
    /EXT4-fs (?:error|warning) \(device (?<device>[\w-]{1,30})\)/,
    'fs/ext4/super.c',
  ]),
  'fork-rejected': says('A container reached its limit of processes.', [
    /cgroup: fork rejected by pids controller in (?<cgroup>\S{1,400})/,
    'kernel/cgroup/pids.c',
  ]),
  'segmentation-fault': says(
    'A process touched memory that it does not have and was killed.',
    [/(?<process>[^\s[]{1,60})\[(?<pid>\d+)\]: segfault at/, 'arch/x86/mm/fault.c'],
    [/traps: (?<process>[^\s[]{1,60})\[(?<pid>\d+)\] (?:general protection|trap)/, 'arch/x86/kernel/traps.c'],
  ),
  'gpu-fault': says('A graphics processor reported a fault; its number says which.', [
    /NVRM: Xid \((?<device>[^)]{1,40})\): (?<xid>\d+)/,
    'NVIDIA driver, XID errors',
  ]),
  'gpu-fault-of-program': says('A program did something that a graphics processor could not do.', [
    /NVRM: Xid \([^)]{1,40}\): (?<xid>13|31|43|45)\b/,
    'NVIDIA driver, XID errors (13, 31, 43, 45)',
  ]),
  'network-link-down': says('A network interface lost its link, or hangs.', [
    /(?:NETDEV WATCHDOG: (?<device>[\w.-]{1,30})[^\n]{0,40}transmit queue \d+ timed out|(?<ena>ena [\w:.]{1,40}) \w{1,20}: (?:Keep alive watchdog timeout|Trigger reset is on|Reset the device))/,
    'net/sched/sch_generic.c',
  ]),
  'tcp-syn-flood': says('A port got more new connections than its program took.', [
    /TCP: request_sock_TCP(?:v6)?: Possible SYN flooding on port (?<port>[\w.:[\]]{0,60}\w)/,
    'net/ipv4/tcp_input.c',
  ]),
  'tcp-out-of-memory': says('The kernel has no memory left for sockets.', [
    /TCP: out of memory -- consider tuning tcp_mem|TCP: too many orphaned sockets/,
    'net/ipv4/tcp.c',
  ]),
  'nfs-not-responding': says('A file server does not answer; processes that use it hang.', [
    /nfs: server (?<server>\S{1,253}) not responding/,
    'net/sunrpc/clnt.c',
  ]),
  'clock-unstable': says('The kernel does not trust its clock any more.', [
    /clocksource: timekeeping watchdog on CPU\d+: Marking clocksource '(?<source>\w{1,20})' as unstable/,
    'kernel/time/clocksource.c',
  ]),
} satisfies Record<string, Message>
