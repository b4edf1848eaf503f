#!/bin/sh
# What a probe reads of its node, the most volatile first, as one tar on stdout: `sh batch.sh SAMPLE GROUP...`.
#
# Plain POSIX sh that busybox understands. It changes nothing outside of its own folder. Each command has five seconds and a
# most of bytes; after forty seconds the rest is left out. Each group leaves commands.tsv: file, exit code (or `skipped`, or `cut` at its most), bytes,
# the node's uptime when it began, and what the command complained of. Several files in one are told apart as head(1) does it,
# by `==> PATH <==`. HOST is where the root of the node is, PROC its /proc.
set -u
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
HOST=${HOST:-/host} PROC=${PROC:-/proc}
export HOST PROC
sample=$1
shift
wanted=" $* "
out=${OUT:-/out}/$sample
cgroups=$HOST/sys/fs/cgroup
most=40

# Processes of ours may wait; those of the patient come first.
renice -n 19 -p 0 >/dev/null 2>&1
umask 077
rm -rf "$out"
mkdir -p "$out" || exit 1
end=$(($(date +%s) + most))

# wants GROUP: whether it was asked for; begins its folder then.
wants() {
  case $wanted in *" $1 "*) ;; *) return 1 ;; esac
  group=$1
  mkdir -p "$out/$group"
  read -r boot <"$PROC/sys/kernel/random/boot_id" || boot=
  printf '# boot_id %s\n' "$boot" >"$out/$group/commands.tsv"
}

# keep FILE BYTES COMMAND...: its stdout becomes a file of the group.
keep() {
  file=$1 bytes=$2
  shift 2
  read -r uptime _ <"$PROC/uptime"
  if [ "$(date +%s)" -ge "$end" ]; then
    printf '%s\tskipped\t0\t%s\t\n' "$file" "$uptime" >>"$out/$group/commands.tsv"
    return
  fi
  {
    timeout 5 "$@" 2>"$out/complaint"
    echo "$?" >"$out/code"
  } | head -c "$bytes" >"$out/$group/$file"
  read -r code <"$out/code" || code=
  size=$(wc -c <"$out/$group/$file")
  [ "$((size))" -lt "$bytes" ] || code='cut'
  printf '%s\t%s\t%s\t%s\t%s\n' "$file" "$code" "$((size))" "$uptime" \
    "$(head -c 200 "$out/complaint" | tr '\t\n' '  ')" >>"$out/$group/commands.tsv"
  [ -s "$out/$group/$file" ] || rm -f "$out/$group/$file"
}

# keep_files FILE BYTES-OF-EACH PATH...: files of the kernel in one, those that are not there left out.
keep_files() {
  into=$1 each=$2
  shift 2
  for path in "$@"; do
    shift
    [ -r "$path" ] && set -- "$@" "$path"
  done
  [ $# -eq 0 ] || keep "$into" 1048576 head -v -c "$each" "$@"
}

# hosted PROGRAM: sets `program` to its path on the node; by its name alone busybox would run its own. Links lead elsewhere in here.
hosted() {
  for program in "/usr/sbin/$1" "/usr/bin/$1" "/sbin/$1" "/bin/$1" "/usr/local/bin/$1"; do
    if [ -e "$HOST$program" ] || [ -L "$HOST$program" ]; then return 0; fi
  done
  program=$1
  return 1
}

# keep_hosted FILE BYTES PROGRAM ARGUMENT...: a program of the node itself.
keep_hosted() {
  file=$1 bytes=$2
  hosted "$3"
  shift 3
  keep "$file" "$bytes" chroot "$HOST" "$program" "$@"
}

if wants conntrack; then
  keep_files sysctl.txt 64 "$PROC"/sys/net/netfilter/nf_conntrack_*
  keep cpus.txt 262144 cat "$PROC/net/stat/nf_conntrack"
  keep_hosted statistics.txt 262144 conntrack -S
fi

if wants kernel-network; then
  for name in snmp snmp6 netstat sockstat sockstat6 softnet_stat dev; do
    keep "$name.txt" 262144 cat "$PROC/net/$name"
  done
  keep_files neighbour-cache.txt 65536 "$PROC/net/stat/arp_cache" "$PROC/net/stat/ndisc_cache"
  # Each pod has counters of its own: those of the first process of each container, told apart by pods.tsv.
  # shellcheck disable=SC2016 # Expanded by the inner shell.
  keep pods.tsv 262144 sh -c 'root=$1
    for one in memory pids; do [ -d "$root/$one" ] && root=$root/$one && break; done
    find "$root" -path "*kubepods*" -name cgroup.procs 2>/dev/null | sort | while IFS= read -r procs; do
      read -r pid 2>/dev/null <"$procs" && printf "%s\t%s\n" "$pid" "${procs#"$root"}"
    done; :' sh "$cgroups"
  # shellcheck disable=SC2016
  [ -f "$out/$group/pods.tsv" ] && keep pods.txt 2097152 sh -c 'cut -f 1 "$1" | head -n 300 | while read -r pid; do
      echo "$PROC/$pid/net/snmp" "$PROC/$pid/net/netstat" "$PROC/$pid/net/sockstat"
    done | xargs head -v -c 8192' sh "$out/$group/pods.tsv"
  keep neighbours.txt 262144 cat "$PROC/net/arp"
  keep_files sysctl.txt 64 "$PROC"/sys/net/ipv[46]/neigh/default/gc_thresh[123] \
    "$PROC"/sys/net/core/somaxconn "$PROC"/sys/net/core/netdev_max_backlog "$PROC"/sys/net/core/netdev_budget* \
    "$PROC"/sys/net/ipv4/ip_local_port_range "$PROC"/sys/net/ipv4/ip_local_reserved_ports \
    "$PROC"/sys/net/ipv4/tcp_max_syn_backlog "$PROC"/sys/net/ipv4/tcp_syncookies "$PROC"/sys/net/ipv4/tcp_max_tw_buckets \
    "$PROC"/sys/net/ipv4/tcp_tw_reuse "$PROC"/sys/net/ipv4/tcp_fin_timeout "$PROC"/sys/net/ipv4/tcp_max_orphans \
    "$PROC"/sys/net/ipv4/tcp_mem "$PROC"/sys/net/ipv4/ip_forward "$PROC"/sys/net/ipv4/conf/*/rp_filter
  # Rules of Services by kind of chain: their names end in a hash. How many there are, and not which.
  # shellcheck disable=SC2016
  hosted iptables-save && keep iptables-nat.tsv 65536 sh -c 'chroot "$HOST" "$1" -c -t nat | awk "
      \$2 == \"-A\" { chain = \$3; if (chain ~ /^(KUBE-(SVC|SEP|FW|EXT|XLB|SVL)|CNI(-[A-Z]+)?)-/) sub(/-[0-9A-Za-z]+\$/, \"\", chain); rules[chain]++ }
      END { for (chain in rules) print chain \"\\t\" rules[chain] }"' sh "$program"
  if hosted ip; then
    keep_hosted links.txt 524288 ip -s -s -d link
    keep_hosted rules.txt 131072 ip rule
    keep_hosted routes.txt 524288 ip route show table all
  else
    keep links.txt 262144 ip link
    keep rules.txt 131072 ip rule
    keep routes.txt 524288 ip route show table all
  fi
fi

if wants ena; then
  for device in "$HOST"/sys/class/net/*/device; do
    [ -e "$device" ] || continue
    name=${device%/device} name=${name##*/}
    keep_hosted "$name.statistics.txt" 131072 ethtool -S "$name"
    keep_hosted "$name.driver.txt" 4096 ethtool -i "$name"
    keep_hosted "$name.queues.txt" 4096 ethtool -l "$name"
    keep_files "$name.link.txt" 64 "$HOST/sys/class/net/$name"/statistics/* "$HOST/sys/class/net/$name/mtu"
  done
fi

if wants throttling; then
  # cgroup v2 and v1 name their files differently; both are asked for, and one tree has one of them.
  # shellcheck disable=SC2016
  keep cgroups.txt 6291456 sh -c 'find "$1" \( -name cpu.stat -o -name cpu.max -o -name cpu.max.burst -o -name cpu.weight \
      -o -name cpu.pressure -o -name memory.events -o -name memory.events.local -o -name memory.current -o -name memory.max \
      -o -name memory.high -o -name memory.swap.current -o -name memory.pressure -o -name io.pressure -o -name io.stat \
      -o -name pids.current -o -name pids.max -o -name pids.events \
      -o -name cpu.cfs_quota_us -o -name cpu.cfs_period_us -o -name cpu.cfs_burst_us -o -name cpu.shares -o -name cpuacct.usage \
      -o -name memory.usage_in_bytes -o -name memory.limit_in_bytes -o -name memory.max_usage_in_bytes -o -name memory.failcnt \
      -o -name memory.oom_control \) 2>/dev/null | sort | xargs head -v -c 4096' sh "$cgroups"
  keep_files pressure.txt 1024 "$PROC"/pressure/*
  keep loadavg.txt 1024 cat "$PROC/loadavg"
  keep stat.txt 131072 cat "$PROC/stat"
  keep vmstat.txt 65536 cat "$PROC/vmstat"
  keep meminfo.txt 65536 cat "$PROC/meminfo"
fi

if wants disk; then
  keep diskstats.txt 262144 cat "$PROC/diskstats"
  keep mounts.txt 524288 cat "$PROC/1/mounts"
  # A dead server of files would keep df, and whoever waits for it, for ever: only file systems of this machine, each device once.
  # shellcheck disable=SC2016
  places=$(awk '$3 ~ /^(ext[234]|xfs|btrfs|f2fs|zfs|erofs|squashfs|vfat)$/ && !seen[$1]++ { print $2 }' "$PROC/1/mounts" 2>/dev/null |
    head -n 64 | sed "s#^#$HOST#")
  for column in k i; do
    # Words: the kernel writes spaces of paths as \040.
    # shellcheck disable=SC2016,SC2086
    [ -z "$places" ] || keep "df-$column.txt" 131072 sh -c 'column=$1; shift
      df "-${column}P" "$@" | sed "s# $HOST/*# /#"' sh "$column" $places
  done
fi

if wants runtime; then
  keep_hosted version.txt 4096 containerd --version
  keep_hosted containers.json 2097152 crictl --timeout 4s ps -a -o json
  keep_hosted sandboxes.json 2097152 crictl --timeout 4s pods -o json
  keep_hosted info.json 65536 crictl --timeout 4s version
  keep_hosted tasks.txt 262144 ctr --namespace k8s.io tasks ls
fi

if wants journal; then
  # Words of the kernel that name a failure (see docs/collectors.md for whose).
  words='Out of memory|oom-kill|oom_reaper|Killed process|invoked oom-killer|nf_conntrack: |neighbour: |neighbor table overflow'
  words="$words|I/O error|EXT4-fs (error|warning)|XFS .*(error|shutdown|corrupt)|Remounting filesystem read-only|blocked for more than"
  words="$words|soft lockup|hard LOCKUP|rcu.*stall|nfs: server|not responding|NETDEV WATCHDOG|Link is (Up|Down)|nvme|ena |segfault|BUG:|kernel panic"
  export words
  if hosted journalctl &&
    { [ -d "$HOST/var/log/journal" ] || [ -d "$HOST/run/log/journal" ]; }; then
    keep_hosted kernel.txt 1048576 journalctl -k -b --no-pager --utc -o short-iso-precise -n 3000
    keep_hosted kubelet.txt 1048576 journalctl -u kubelet --no-pager --utc -o short-iso-precise -n 3000
    keep_hosted containerd.txt 1048576 journalctl -u containerd --no-pager --utc -o short-iso-precise -n 2000
  fi
  # shellcheck disable=SC2016
  keep kernel-failures.txt 524288 sh -c 'dmesg | grep -E "$words" | tail -n 1000'
  keep dmesg.txt 524288 sh -c 'dmesg | tail -n 2000'
  # shellcheck disable=SC2016
  keep pod-logs.txt 524288 sh -c 'cd "$HOST/var/log/pods" && ls -ld */*/* | tail -n 4000'
  # Logs of pods that have no cgroup any more: they have ended, or were deleted and nobody has tidied up yet.
  # shellcheck disable=SC2016
  keep ended-pods.txt 2097152 sh -c 'cd "$HOST/var/log/pods" || exit
    find "$1" -type d -name "*pod*" 2>/dev/null | tr _ - >"$2"
    for pod in *_*_*; do
      grep -q -- "${pod##*_}" "$2" || ls -t "$pod"/*/*.log
    done 2>/dev/null | head -n 100 | xargs tail -v -c 32768' sh "$cgroups" "$out/alive"
fi

rm -f "$out/code" "$out/complaint" "$out/alive"
pack='cat'
command -v gzip >/dev/null 2>&1 && pack='gzip -1'
cd "$out" && tar cf - . | $pack
cd / && rm -rf "$out"
