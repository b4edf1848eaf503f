import type { Example } from './example.ts'

export const examples: readonly Example[] = [
  ['npd-kernel-deadlock', 'DockerHung', 'task docker:7 blocked for more than 300 seconds.', {}],
  [
    'npd-read-only-filesystem',
    'FilesystemIsReadOnly',
    'Node condition ReadonlyFilesystem is now: True, reason: FilesystemIsReadOnly',
    {},
  ],
  [
    'npd-corrupt-docker-overlay',
    'CorruptDockerOverlay2',
    'returned error: readlink /var/lib/docker/overlay2: invalid argument',
    {},
  ],
  ['npd-runtime-unhealthy', 'ContainerdUnhealthy', 'containerd is unhealthy', {}],
  ['npd-kubelet-unhealthy', 'KubeletUnhealthy', 'kubelet is unhealthy', {}],
  ['npd-frequent-restart', 'FrequentContainerdRestart', 'containerd restarted 5 times', {}],
  ['npd-unregister-netdevice', 'UnregisterNetDevice', 'waiting for eth0', {}],
  ['npd-oom-kill', 'OOMKilling', 'Memory cgroup out of memory: Killed process 1 (app)', {}],
  ['npd-task-hung', 'TaskHung', 'task blocked', {}],
  ['npd-kernel-oops', 'KernelOops', 'BUG: unable to handle kernel NULL pointer dereference', {}],
  ['npd-io-error', 'IOError', 'Buffer I/O error on device', {}],
  ['npd-conntrack-full', 'ConntrackFull', 'conntrack table full', {}],
  ['npd-clock-unsynchronized', 'NTPIsDown', 'NTP service is down', {}],
  ['npd-iptables-mixed', 'IPTablesVersionsMismatch', 'both legacy and nft rules', {}],
  ['npd-runtime-unhealthy', 'ContainerRuntimeIsDown', 'containerd service is not running', {}],
  ['vm-event-scheduled', 'VMEventScheduled', 'Preempt Scheduled: Sun, 01 Feb 2026 12:05:00 GMT', { kind: 'Preempt' }],
  ['vm-event-scheduled', 'FreezeScheduled', 'Freeze Scheduled: Sun, 01 Feb 2026 12:05:00 GMT', { kind: 'Freeze' }],
]
