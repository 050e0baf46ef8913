#!/usr/bin/env bash
# Gives the gateway's parsers of what strangers send (packets, replies, listings, headers, paths, documents) damaged input, and looks
# whether each keeps its promises: no exception but those that are allowed, bounded time and memory, no path that leads up, and what is
# written again is read as the same. Prints its seed; an input that breaks a promise is saved, and the exit code is 1.
#   tests/fuzz.sh [--seconds N] [--inputs N]      for all targets together; default: --seconds 60
#                 [--seed N]                      repeats an earlier run
#                 [--target NAME]                 only this one; a wrong name lists them
#                 [--crashes DIR]                 where inputs are saved; default: gateway-fuzz in the folder for temporary files
#   tests/fuzz.sh --target NAME --replay FILE     tries a saved input once more
# An input that was found belongs into tests/Gateway.Fuzz/Corpus, as the line that was printed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

command -v dotnet >/dev/null || { echo "fuzz.sh: the .NET 10 SDK is missing: dotnet is not in PATH" >&2; exit 1; }
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build "$here/Gateway.Fuzz" --configuration Release -v quiet -clp:ErrorsOnly
exec dotnet "$here/Gateway.Fuzz/bin/Release/net10.0/Gateway.Fuzz.dll" "$@"
