import { type Message, signaller } from './message.ts'

const signals = signaller('eks-node-monitoring-agent', 'pkg/reasons/reasons.yaml')

/** Conditions that the agent sets, which are well when they are true; those of the kubelet that end in `Pressure` are well when false. */
export const MONITORED_CONDITIONS = [
  'KernelReady',
  'NetworkingReady',
  'StorageReady',
  'ContainerRuntimeReady',
  'AcceleratedHardwareReady',
] as const

/** Reasons that turn a condition to false, and let the node be replaced; every other one is an event only. */
export const FATAL_NODE_REASONS = [
  'ForkFailedOutOfPIDs',
  'PodStuckTerminating',
  'IPAMDNotReady',
  'IPAMDNotRunning',
  'InterfaceNotRunning',
  'InterfaceNotUp',
  'MissingLoopbackInterface',
  'NPANotRunning',
  'DCGMDiagnosticFailure',
  'DCGMError',
  'DCGMHealthCode*',
  'FabricManagerNotRunning',
  'NeuronDMAError',
  'NeuronHBMUncorrectableError',
  'NeuronNCUncorrectableError',
  'NeuronSRAMUncorrectableError',
  'NvidiaDeviceCountMismatch',
  'NvidiaDoubleBitError',
  'NvidiaFabricError',
  'NvidiaNVLinkError',
  'NvidiaXID*Error',
] as const

/** What the node monitoring agent of EKS signals: an event, or the reason of a condition. */
export const nodeMonitoringAgent = {
  'nma-process-ids-exhausted': signals(
    'The node could not start a process: no process ids, or no memory.',
    'ForkFailedOutOfPIDs',
  ),
  'nma-process-ids-scarce': signals('The node nears its limit of process ids.', 'ApproachingKernelPidMax'),
  'nma-open-files-scarce': signals('The node nears its limit of open files.', 'ApproachingMaxOpenFiles'),
  'nma-zombie-processes': signals('Ended processes pile up because nobody waits for them.', 'ExcessiveZombieProcesses'),
  'nma-blocked-process': signals('A process hangs in the kernel.', 'AppBlocked'),
  'nma-application-crash': signals('A process of the node crashed.', 'AppCrash'),
  'nma-clock-unsynchronized': signals('The clock of the node is not set by another.', 'ClockUnsynchronized'),
  'nma-conntrack-table-full': signals('The table of connections of the kernel is full.', 'ConntrackExceededKernel'),
  'nma-kernel-bug': signals('The kernel reported a fault of its own.', 'KernelBug'),
  'nma-soft-lockup': signals('A processor stood still for some time.', 'SoftLockup'),
  'nma-large-environment': signals(
    'A process has very many variables, mostly one for every service.',
    'LargeEnvironment',
  ),
  'nma-rapid-cron': signals('A cron job of the node runs very often.', 'RapidCron'),
  'nma-compressed-memory-scarce': signals('The compressed memory of the node is nearly full.', 'ZramHighUsage'),
  'nma-runtime-failed': signals('The container runtime could not make a container.', 'ContainerRuntimeFailed'),
  'nma-runtime-configuration-deprecated': signals(
    'An image in a format was pulled that will not be read much longer.',
    'DeprecatedContainerdConfiguration',
  ),
  'nma-kubelet-failed': signals('The kubelet ended with an error.', 'KubeletFailed'),
  'nma-liveness-failures': signals('A liveness probe failed.', 'LivenessProbeFailures'),
  'nma-readiness-failures': signals('A readiness probe failed.', 'ReadinessProbeFailures'),
  'nma-pod-stuck-terminating': signals(
    'A pod does not end because the runtime does not end it.',
    'PodStuckTerminating',
  ),
  'nma-service-restarts': signals('A service of the node restarts again and again.', '*RepeatedRestart'),
  'nma-service-not-started': signals('A service of the node did not start.', 'ServiceFailedToStart'),
  'nma-ipamd-not-ready': signals('The daemon that gives addresses cannot reach the API server.', 'IPAMDNotReady'),
  'nma-ipamd-not-running': signals('The daemon that gives addresses does not run.', 'IPAMDNotRunning'),
  'nma-ipamd-restarts': signals('The daemon that gives addresses restarts again and again.', 'IPAMDRepeatedlyRestart'),
  'nma-ipamd-inconsistent': signals(
    'What the daemon believes of its addresses is not what containers have.',
    'IPAMDInconsistentState',
  ),
  'nma-ipamd-no-ips': signals('The daemon that gives addresses has none left.', 'IPAMDNoIPs'),
  'nma-network-policy-agent-not-running': signals(
    'The agent that sets network policies does not run.',
    'NPANotRunning',
  ),
  'nma-network-policy-agent-restarts': signals(
    'The agent that sets network policies restarts again and again.',
    'NPARepeatedlyRestart',
  ),
  'nma-network-policy-recovery': signals(
    'The agent that sets network policies could not load its programs again.',
    'NPABPFRecoveryError',
  ),
  'nma-interface-not-running': signals('A network interface of the node does not run.', 'InterfaceNotRunning'),
  'nma-interface-not-up': signals('A network interface of the node is not up.', 'InterfaceNotUp'),
  'nma-loopback-missing': signals('The node has no loopback interface.', 'MissingLoopbackInterface'),
  'nma-bandwidth-in-exceeded': signals('More came in than the machine takes.', 'BandwidthInExceeded'),
  'nma-bandwidth-out-exceeded': signals('More went out than the machine may send.', 'BandwidthOutExceeded'),
  'nma-packets-exceeded': signals('More packets went through than the machine may move.', 'PPSExceeded'),
  'nma-eni-conntrack-exceeded': signals(
    'More connections were tracked than the machine may have.',
    'ConntrackExceeded',
  ),
  'nma-linklocal-exceeded': signals(
    'More questions for names, time or metadata were asked than an interface may.',
    'LinkLocalExceeded',
  ),
  'nma-efa-errors': signals('The interface for fast fabric counts errors.', 'EFAErrorMetric'),
  'nma-kube-proxy-not-ready': signals('The proxy of the node cannot follow services.', 'KubeProxyNotReady'),
  'nma-mac-address-policy': signals(
    'The system of the node changes addresses of interfaces that the plugin set.',
    'MACAddressPolicyMisconfigured',
  ),
  'nma-default-route-missing': signals('The node lacks a default route.', 'MissingDefaultRoutes'),
  'nma-pod-route-missing': signals('The node lacks routes to pods.', 'MissingIPRoutes'),
  'nma-pod-rule-missing': signals('The node lacks routing rules for pods.', 'MissingIPRules'),
  'nma-network-sysctl': signals('A kernel parameter of the network is wrong.', 'NetworkSysctl'),
  'nma-host-port-conflict': signals('The host port of a pod hides a port of the node.', 'PortConflict'),
  'nma-unexpected-reject-rule': signals(
    'Someone added a rule to the firewall of the node that drops or rejects.',
    'UnexpectedRejectRule',
  ),
  'nma-block-device-error': signals('A disk of the node did not do what was asked.', 'BlockDeviceIOError'),
  'nma-ebs-instance-iops': signals(
    'All disks together were asked for more operations than the machine allows.',
    'EBSInstanceIOPSExceeded',
  ),
  'nma-ebs-instance-throughput': signals(
    'All disks together were asked for more bytes than the machine allows.',
    'EBSInstanceThroughputExceeded',
  ),
  'nma-ebs-volume-iops': signals('A disk was asked for more operations than it allows.', 'EBSVolumeIOPSExceeded'),
  'nma-ebs-volume-throughput': signals(
    'A disk was asked for more bytes than it allows.',
    'EBSVolumeThroughputExceeded',
  ),
  'nma-hosts-file-mount': signals('The hosts file of a pod could not be mounted.', 'EtcHostsMountFailed'),
  'nma-io-delays': signals('A process waited for its disk for more than ten seconds.', 'IODelays'),
  'nma-slow-disk-usage': signals('The kubelet needed long to count the files of containers.', 'KubeletDiskUsageSlow'),
  'nma-xfs-fragmented': signals(
    'The free space of a file system is in very small pieces.',
    'XFSSmallAverageClusterSize',
  ),
  'nma-dcgm-diagnostic': signals('A graphics processor failed its test.', 'DCGMDiagnosticFailure'),
  'nma-dcgm-unreachable': signals('The program that watches graphics processors does not answer.', 'DCGMError'),
  'nma-dcgm-field': signals('A value of a graphics processor is out of its range.', 'DCGMFieldError*'),
  'nma-dcgm-health': signals(
    'A graphics processor failed a check of its health; the condition says whether it is fatal.',
    'DCGMHealthCode*',
  ),
  'nma-fabric-manager': signals('The program that joins graphics processors does not run.', 'FabricManagerNotRunning'),
  'nma-gpu-missing': signals('The node has fewer graphics processors than it should.', 'NvidiaDeviceCountMismatch'),
  'nma-gpu-double-bit': signals('The memory of a graphics processor lost data.', 'NvidiaDoubleBitError'),
  'nma-gpu-fabric': signals('Graphics processors are not joined as they should.', 'NvidiaFabricError'),
  'nma-gpu-nvlink': signals('A link between graphics processors fails.', 'NvidiaNVLinkError'),
  'nma-gpu-xid-error': signals('A graphics processor reported a fault that needs a repair.', 'NvidiaXID*Error'),
  'nma-gpu-xid-warning': signals(
    'A graphics processor reported a fault that may be of the application.',
    'NvidiaXID*Warning',
  ),
  'nma-gpu-nccl': signals('The library that joins graphics processors crashed.', 'NvidiaNCCLError'),
  'nma-gpu-pcie': signals('A graphics processor had to repeat transfers.', 'NvidiaPCIeError'),
  'nma-gpu-page-retirement': signals(
    'A page of the memory of a graphics processor is given up.',
    'NvidiaPageRetirement',
  ),
  'nma-gpu-power': signals('A graphics processor took more power than it may.', 'NvidiaPowerError'),
  'nma-gpu-thermal': signals('A graphics processor is too hot.', 'NvidiaThermalError'),
  'nma-neuron-error': signals(
    'An accelerator lost data.',
    'NeuronDMAError',
    'NeuronHBMUncorrectableError',
    'NeuronNCUncorrectableError',
    'NeuronSRAMUncorrectableError',
  ),
} satisfies Record<string, Message>
