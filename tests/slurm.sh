#!/bin/bash
# A Slurm of one node for tests, in a folder of its own, with ports of its own.
#
#   tests/slurm.sh up FOLDER      starts munged, slurmctld and slurmd; prints what to export
#   tests/slurm.sh down FOLDER    stops them and every job
#
# Needs root and Debian's slurm-wlm and munge. Ends with 77 where it cannot run here, and says why.
set -u
skip() { echo "$1"; exit 77; }
[ $# -eq 2 ] || { sed -n 4,5p "$0"; exit 2; }
mkdir -p "$2"
folder=$(cd "$2" && pwd)

stop() { # the process of a file, if it still runs
  [ -f "$1" ] || return 0
  local id
  id=$(cat "$1")
  kill "$id" 2>/dev/null || return 0
  for _ in $(seq 50); do kill -0 "$id" 2>/dev/null || return 0; sleep 0.1; done
  kill -9 "$id" 2>/dev/null
}

down() {
  export SLURM_CONF="$folder/slurm.conf"
  if [ -f "$SLURM_CONF" ]; then
    timeout 5 scancel --full --signal=KILL --state=RUNNING --user=root >/dev/null 2>&1
    timeout 5 scancel --user=root >/dev/null 2>&1
  fi
  stop "$folder/slurmd.pid"
  stop "$folder/slurmctld.pid"
  stop "$folder/munged.pid"
}

if [ "$1" = down ]; then down; exit 0; fi
[ "$(id -u)" = 0 ] || skip "needs root"
for program in munged slurmctld slurmd sbatch scontrol python3; do
  command -v $program >/dev/null || skip "$program is not installed"
done
read -r controller node < <(python3 -c '
import socket
free = [socket.socket() for _ in range(2)]
for one in free: one.bind(("127.0.0.1", 0))
print(*[one.getsockname()[1] for one in free])')
host=$(hostname -s)
mkdir -p "$folder/state" "$folder/spool"
head -c 1024 /dev/urandom > "$folder/munge.key"
chmod 600 "$folder/munge.key"
cat > "$folder/slurm.conf" <<CONF
ClusterName=qsim
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$controller
SlurmdPort=$node
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
CredType=cred/munge
SlurmUser=root
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
KillWait=5
MinJobAge=2
CompleteWait=0
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,bf_interval=1,sched_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
PartitionName=test Nodes=$host Default=YES MaxTime=60 State=UP
CONF
export SLURM_CONF="$folder/slurm.conf"
fail() { down >/dev/null 2>&1; echo "$1"; tail -n 3 "$folder"/*.log; exit 77; }
munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
  --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" --seed-file="$folder/munge.seed" \
  >"$folder/start.log" 2>&1 || fail "munged does not start"
slurmctld -c -f "$SLURM_CONF" >>"$folder/start.log" 2>&1 || fail "slurmctld does not start"
slurmd -c -f "$SLURM_CONF" -N "$host" >>"$folder/start.log" 2>&1 || fail "slurmd does not start"
for _ in $(seq 150); do
  case $(timeout 5 sinfo --noheader --format=%T 2>/dev/null) in idle | mixed) break ;; esac
  sleep 0.1
done
case $(timeout 5 sinfo --noheader --format=%T 2>/dev/null) in
  idle | mixed) echo "SLURM_CONF=$SLURM_CONF" ;;
  *) fail "the node does not come up" ;;
esac
