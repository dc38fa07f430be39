# shellcheck shell=bash
# Starts the long-running processes, waits for what they do, and ends the container when one of them ends.

declare -A name_of_process

start() { # NAME COMMAND...
  local name=$1
  shift
  "$@" >>"$logs/$name.log" 2>&1 </dev/null &
  name_of_process[$!]=$name
}

give_up() { # WHY NAME
  say "$1; the last lines of $logs/$2.log:"
  tail -n 30 "$logs/$2.log"
  stop_components
  exit 1
}

wait_until() { # WHAT SECONDS COMMAND...
  local what=$1 deadline=$((SECONDS + $2)) process
  shift 2
  until "$@" >/dev/null 2>&1; do
    for process in "${!name_of_process[@]}"; do
      kill -0 "$process" 2>/dev/null || give_up "${name_of_process[$process]} ended at its start" "${name_of_process[$process]}"
    done
    ((SECONDS < deadline)) || give_up "waited in vain for $what" kubelet
    sleep 0.2
  done
}

supervise() {
  local ended code=0
  wait -n -p ended "${!name_of_process[@]}" || code=$?
  give_up "${name_of_process[$ended]} ended with code $code" "${name_of_process[$ended]}"
}

stop_components() {
  trap - TERM INT
  # The shell tells of every process that it sees killed.
  exec 2>>"$logs/entrypoint.log"
  kill -TERM "${!name_of_process[@]}" 2>/dev/null || true
  local deadline=$((SECONDS + 5))
  while ((SECONDS < deadline)) && kill -0 "${!name_of_process[@]}" 2>/dev/null; do sleep 0.1; done
  # Pods outlive the kubelet; in this process namespace -1 is everything but this shell.
  kill -KILL -1 2>/dev/null || true
  remove_cgroups || true
}
