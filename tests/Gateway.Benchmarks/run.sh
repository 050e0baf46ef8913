#!/usr/bin/env bash
# Measures the gateway beside its peers on the same SFTP server, on loopback, in turn: rclone serve http as the peer, sftp as the
# ceiling. Prints a table of medians and pairwise ratios, and writes the same as JSON. Leave the machine alone meanwhile.
#   tests/Gateway.Benchmarks/run.sh [--rounds N] [--mebibytes N] [--json FILE]      (defaults: 5 rounds, 1024 MiB)
set -euo pipefail
cd "$(dirname "$0")/../.."
tests/servers.sh sshd rclone curl
dotnet build tests/Gateway.Benchmarks --configuration Release -v quiet -clp:ErrorsOnly >&2
exec dotnet tests/Gateway.Benchmarks/bin/Release/net10.0/Gateway.Benchmarks.dll "$@"
