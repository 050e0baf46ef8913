#!/usr/bin/env bash
# Runs the gateway for a while under full load, against real servers whose processes, network and configuration fail at random, and
# says what was lost: the answer must be nothing. Ends with 1 if anything was. Needs what tests/run.sh needs.
#   tests/soak.sh [MINUTES]                default 10
#     --seed N                             repeats the faults of an earlier run, which printed it
#     --backend sftp|ftps|both             default both: sshd, vsftpd, ProFTPD
#     --scenario faults                    the default
#                slow-clients              1,000 clients that read slowly over 8 SFTP connections, and small requests among them
#                wrong-password            a minute of load with a password that is wrong: how often is it tried at the server?
#     --log FILE                           where the gateway's log goes at the end
set -euo pipefail
cd "$(dirname "$0")/.."

command -v dotnet >/dev/null || { echo "soak.sh: the .NET 10 SDK is missing: dotnet is not in PATH" >&2; exit 1; }
tests/servers.sh
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# Release, as it is shipped. The build goes on if tests are running: it has folders of its own.
dotnet build tests/Gateway.Soak --configuration Release -v quiet -clp:ErrorsOnly
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -E env "PATH=$PATH" "HOME=$HOME")
exec "${as_root[@]}" dotnet tests/Gateway.Soak/bin/Release/net10.0/Gateway.Soak.dll "$@"
