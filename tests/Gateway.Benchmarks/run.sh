#!/usr/bin/env bash
# Measures the gateway beside its peers, on loopback, in turn: rclone serve as the peer; sftp, lftp and curl without a gateway as the
# ceiling. Prints tables of medians, spreads and ratios round by round, and what was aimed at. Leave the machine alone meanwhile: all of
# it takes about 17 minutes. Needs what tests/run.sh needs.
#   tests/Gateway.Benchmarks/run.sh
#     --list                  names the scenarios and ends
#     --scenario NAME...      only these
#     --rounds N              default 5, and one before them that does not count
#     --quick                 small sizes, one round: does everything work?
#     --json FILE             everything, with every sample
#     --markdown FILE         the tables, besides standard output
#     --gateway FOLDER        another build of the gateway than the one published from this working copy
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

command -v dotnet >/dev/null || { echo "run.sh: the .NET 10 SDK is missing: dotnet is not in PATH" >&2; exit 1; }
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
case " $* " in *' --list '*) ;; *) "$root/tests/servers.sh" sshd vsftpd rclone lftp curl ;; esac
dotnet build "$root/tests/Gateway.Benchmarks" --configuration Release -v quiet -clp:ErrorsOnly >&2
program=("$root/tests/Gateway.Benchmarks/bin/Release/net10.0/Gateway.Benchmarks.dll")
case " $* " in
  *' --list '* | *' --gateway '*) ;;
  *)
    # The program that users run, as the Dockerfile makes it.
    published=$(mktemp -d)
    trap 'rm -rf "$published"' EXIT
    chmod 755 "$published"
    dotnet publish "$root/src/Gateway.Api" --configuration Release --output "$published" -v quiet -clp:ErrorsOnly >&2
    program+=(--gateway "$published")
    ;;
esac

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -E env "PATH=$PATH" "HOME=$HOME")
"${as_root[@]}" dotnet "${program[@]}" "$@"
