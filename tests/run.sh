#!/usr/bin/env bash
# Runs every test, against real servers: installs the servers that are missing, builds, and ends with the line
# "N passed, N failed, N skipped". Needs the .NET 10 SDK on Debian or Ubuntu, as root or with sudo (the servers change users).
#   tests/run.sh [PROJECT...]       PROJECT: Gateway.UnitTests Gateway.FunctionalTests Gateway.Fuzz (default: all; the last one for a minute)
set -uo pipefail
cd "$(dirname "$0")/.."

die() { echo "run.sh: $*" >&2; exit 1; }
command -v dotnet >/dev/null || die "the .NET 10 SDK is missing: dotnet is not in PATH"
[ $# -gt 0 ] || set -- Gateway.UnitTests Gateway.FunctionalTests Gateway.Fuzz

tests/servers.sh || die "the servers could not be made available"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
dotnet restore Gateway.sln --locked-mode -v quiet || die "the packages could not be restored"
# Debug: the pool checks its sums after every step.
dotnet build Gateway.sln --no-restore --configuration Debug -v quiet -clp:ErrorsOnly || die "the build failed"

as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || die "needs root: run it as root, or install sudo"
  as_root=(sudo -E env "PATH=$PATH" "HOME=$HOME")
fi

results=$(mktemp -d)
trap '"${as_root[@]}" rm -rf "$results"' EXIT
passed=0 failed=0 skipped=0
for project in "$@"; do
  started=$SECONDS
  if [ "$project" = Gateway.Fuzz ]; then
    # One test per target; its last line counts them. Always the same inputs, so that a run that fails is about the change; tests/fuzz.sh
    # draws others each time, and for longer.
    dotnet "tests/$project/bin/Debug/net10.0/$project.dll" --seconds 60 --seed 2026 | tee "$results/fuzz.log"
    read -r now_passed now_failed < <(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$results/fuzz.log" | tail -n 1 | grep . || echo 0 1)
    echo "$project: $now_passed passed, $now_failed failed, 0 skipped in $((SECONDS - started)) s"
    passed=$((passed + now_passed)) failed=$((failed + now_failed))
    continue
  fi

  # A test that hangs is named and ended; ten minutes are far more than any takes.
  "${as_root[@]}" dotnet test "tests/$project" --no-build --configuration Debug -v quiet --results-directory "$results" \
    --logger "trx;LogFileName=$project.trx" --logger "console;verbosity=minimal" --blame-hang --blame-hang-timeout 10m --blame-hang-dump-type none
  status=$?
  counters=$(grep -o '<Counters [^>]*>' "$results/$project.trx" 2>/dev/null | tail -n 1)
  count() { sed -nE "s/.* $1=\"([0-9]+)\".*/\1/p" <<<"$counters"; }
  if [ -z "$counters" ]; then
    echo "run.sh: $project ended without results (exit code $status)" >&2
    failed=$((failed + 1))
    continue
  fi

  now_passed=$(count passed) now_failed=$(count failed) total=$(count total)
  # The runner can fail without a failed test: it crashed, or a test hung.
  if [ "$status" != 0 ] && [ "$now_failed" = 0 ]; then now_failed=1 total=$((total + 1)); fi
  echo "$project: $now_passed passed, $now_failed failed, $((total - now_passed - now_failed)) skipped in $((SECONDS - started)) s"
  passed=$((passed + now_passed)) failed=$((failed + now_failed)) skipped=$((skipped + total - now_passed - now_failed))
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
