import { type Message, signaller, speaker } from './message.ts'

const signals = signaller('node-problem-detector', 'config')

/** What node-problem-detector sets on a node; what it read there is in `kernel.ts`. */
export const nodeProblemDetector = {
  'npd-kernel-deadlock': signals('The kernel of the node hangs.', 'KernelDeadlock', 'DockerHung', 'AUFSUmountHung'),
  'npd-read-only-filesystem': signals(
    'A file system of the node became read-only.',
    'FilesystemIsReadOnly',
    'ReadonlyFilesystem',
  ),
  'npd-corrupt-docker-overlay': signals(
    'The layers of images on the node are damaged.',
    'CorruptDockerOverlay2',
    'CorruptDockerImage',
  ),
  'npd-runtime-unhealthy': signals(
    'The container runtime of the node does not answer.',
    'ContainerRuntimeUnhealthy',
    'ContainerdUnhealthy',
    'DockerUnhealthy',
    'ContainerRuntimeIsDown',
  ),
  'npd-kubelet-unhealthy': signals('The kubelet does not answer its own health check.', 'KubeletUnhealthy'),
  'npd-frequent-restart': signals(
    'A service of the node restarts often.',
    'FrequentKubeletRestart',
    'FrequentDockerRestart',
    'FrequentContainerdRestart',
  ),
  'npd-unregister-netdevice': signals(
    'The node removes network interfaces again and again and fails.',
    'FrequentUnregisterNetDevice',
    'UnregisterNetDevice',
  ),
  'npd-oom-kill': signals('The kernel of the node killed a process for want of memory.', 'OOMKilling'),
  'npd-task-hung': signals('A process of the node hangs in the kernel.', 'TaskHung'),
  'npd-kernel-oops': signals('The kernel of the node has a fault.', 'KernelOops'),
  'npd-io-error': signals(
    'A disk of the node did not do what was asked.',
    'IOError',
    'Ext4Error',
    'Ext4Warning',
    'XfsShutdown',
    'MemoryReadError',
  ),
  'npd-conntrack-full': signals('The table of connections of the node is full.', 'ConntrackFull'),
  'npd-clock-unsynchronized': signals('The clock of the node is not set by another.', 'NTPIsDown', 'NTPProblem'),
  'npd-iptables-mixed': signals('Rules of two kinds of iptables are set at once.', 'IPTablesVersionsMismatch'),
  'vm-event-scheduled': speaker('node-problem-detector of AKS', [
    'VMEventScheduled',
    'PreemptScheduled',
    'RebootScheduled',
    'RedeployScheduled',
    'TerminateScheduled',
    'FreezeScheduled',
  ])('The cloud is going to take, restart, move or freeze the machine.', [
    /(?<kind>Preempt|Reboot|Redeploy|Terminate|Freeze) [Ss]cheduled/,
    'AKS documentation, node-problem-detector',
  ]),
} satisfies Record<string, Message>
