# Runs beside a test process and outlives it, however it ends: kills the servers it started, removes its accounts, PAM
# services and folders, and those of earlier runs that ended without one (a machine switched off).
#
# The parent's death is seen as the end of standard input. PR_SET_PDEATHSIG would not do: it fires when the *thread* that
# started the child ends, which a thread-pool thread may do at any time, and a server that changes its user loses it.
#
# Read from standard input by `bash -s PARENT`; what follows there is for the loop in main: "+PID START" (a server was
# started), "-PID START" (it ended).
exec >/dev/null 2>&1 # a pipe held by what outlives the test run would keep its caller waiting
trap '' INT TERM HUP PIPE
parent=$2
declare -A servers

start_of() { # start time of a process, in clock ticks since boot; empty when there is none
  local line
  { read -r line < "/proc/$1/stat"; } 2>/dev/null || return 0
  set -- ${line##*) }
  echo "${20}"
}

alive() { [ "$(start_of "${1%-*}")" = "${1#*-}" ]; }

kill_tree() { # a process and all that descend from it, parents first so that none is left to start another
  kill -STOP "$1" 2>/dev/null
  local stat line pid
  for stat in /proc/[0-9]*/stat; do
    { read -r line < "$stat"; } 2>/dev/null || continue
    pid=${line%% *}
    set -- "$1" ${line##*) }
    [ "$3" != "$1" ] || kill_tree "$pid"
  done
  kill -KILL "$1" 2>/dev/null
}

sweep() { # whatever is marked with a process that is gone
  local path mark name field
  for path in /tmp/gateway-tests-*-*-* /dev/shm/gateway-tests-*-*-* /var/lib/gateway-tests-*-*-* /etc/pam.d/gateway-tests-*-*; do
    [ -e "$path" ] || continue
    mark=${path##*/gateway-tests-}
    mark=$(cut -d- -f1,2 <<< "$mark")
    [[ $mark =~ ^[0-9]+-[0-9]+$ ]] || continue
    alive "$mark" || rm -rf --one-file-system "$path" 2>/dev/null
  done
  [ "$(id -u)" = 0 ] || return 0
  while IFS=: read -r name _ _ _ field _; do
    [[ $field =~ ^gateway-tests-[0-9]+-[0-9]+$ ]] || continue
    alive "${field#gateway-tests-}" || remove_account "$name"
  done < /etc/passwd
}

kill_account() { # every process of an account, which nobody but the tests ever used; a stopped one dies too
  local status uid user
  user=$(id -u "$1" 2>/dev/null) || return 0
  [ "$user" -ge 1000 ] || return 0
  for status in /proc/[0-9]*/status; do
    uid=$(sed -n 's/^Uid:[[:space:]]*\([0-9]*\).*/\1/p' "$status" 2>/dev/null)
    [ "$uid" != "$user" ] || { status=${status%/status}; kill -KILL "${status#/proc/}" 2>/dev/null; }
  done
}

remove_account() {
  local try
  kill_account "$1"
  for try in {1..50}; do
    userdel --force "$1" >/dev/null 2>&1
    grep -q "^$1:" /etc/passwd || return 0
    sleep 0.1 # another tool holds the lock on /etc/passwd
  done
}

main() {
  sweep
  while read -r line; do
    case $line in
      +*) servers[${line#+}]=1 ;;
      -*) unset "servers[${line#-}]" ;;
    esac
  done

  for server in "${!servers[@]}"; do
    pid=${server% *}
    [ "$(start_of "$pid")" != "${server#* }" ] || kill_tree "$pid"
  done
  for try in {1..100}; do
    alive "$parent" || break
    sleep 0.05
  done
  sweep
}

main; exit
