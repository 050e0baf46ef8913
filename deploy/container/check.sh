#!/usr/bin/env bash
# Proves the Dockerfile's layout without a container engine: publishes like its build stage, then runs the result the way its last
# stage does: as an unprivileged user with a passwd entry, without capabilities, on a file system that is read-only everywhere.
#   deploy/container/check.sh        (root; exits 0 or 1)
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || { echo "check.sh: run it as root; it makes a mount namespace and changes user" >&2; exit 1; }
for tool in dotnet ssh curl unshare setpriv; do
  command -v "$tool" >/dev/null || { echo "check.sh: '$tool' is missing" >&2; exit 1; }
done

user=nobody
work=$(mktemp -d /var/tmp/gateway-container.XXXXXX)
gateway=
finish() {
  if [ -n "$gateway" ]; then kill -TERM "$gateway" 2>/dev/null || true; wait "$gateway" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap finish EXIT

chmod 755 "$work"
dotnet publish src/Gateway.Api --configuration Release --output "$work/app" -v quiet -clp:ErrorsOnly
mkdir "$work/config" "$work/secrets"
port=$(( 20000 + RANDOM % 10000 ))
management=$((port + 1))
# A backend whose server is not there: the process must start, say so in /health, and stay alive.
ssh-keygen -q -t ed25519 -N '' -f "$work/config/key"
chown "$user" "$work/config/key"
cat >"$work/config/gateway.json" <<JSON
{ "Gateway": { "Identity": { "Anonymous": true }, "Management": { "Port": $management }, "Backends": { "absent": { "Protocol": "sftp", "Host": "127.0.0.1", "Port": 1,
  "Username": "nobody", "Sftp": { "PrivateKeyFile": "$work/config/key",
  "HostKeyFingerprints": ["SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] } } } } }
JSON

# Every mount becomes read-only in a namespace of its own; then no root, no capability, no way back.
unshare --mount --propagation private sh -euc '
  mount -o remount,bind,ro /
  awk "\$2 != \"/\" && \$2 !~ \"^/(proc|sys|dev)\" { print \$2 }" /proc/mounts | while read -r m; do mount -o remount,bind,ro "$m" 2>/dev/null || true; done
  cd "$1/app"
  exec setpriv --reuid "$2" --regid "$(id -g "$2")" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
    env -i PATH="$PATH" HOME=/nonexistent DOTNET_EnableDiagnostics=0 ASPNETCORE_URLS="http://127.0.0.1:$3" \
      GATEWAY_CONFIG="$1/config/gateway.json" GATEWAY_SECRETS="$1/secrets" ${DOTNET_ROOT:+DOTNET_ROOT="$DOTNET_ROOT"} \
      dotnet Gateway.Api.dll
' sh "$work" "$user" "$port" >"$work/log" 2>&1 &
gateway=$!

fail() { echo "check.sh: $1" >&2; sed 's/^/  gateway: /' "$work/log" >&2; exit 1; }
for _ in $(seq 100); do
  curl --silent --fail --output /dev/null "http://127.0.0.1:$port/health/ready" && break
  kill -0 "$gateway" 2>/dev/null || fail "the gateway has ended"
  sleep 0.2
done
curl --silent --fail --output /dev/null "http://127.0.0.1:$port/health/live" || fail "it is not alive"
curl --silent --fail --output /dev/null "http://127.0.0.1:$port/health/ready" || fail "it does not become ready"
curl --silent --fail --output /dev/null "http://127.0.0.1:$port/metrics" && fail "/metrics answers callers"
curl --silent --fail "http://127.0.0.1:$management/metrics" | grep -q '^gateway_pool_connections' || fail "/metrics does not answer at the management port"
curl --silent "http://127.0.0.1:$management/health" | grep -q '"backend-unreachable"' || fail "/health does not name the absent server"
curl --silent "http://127.0.0.1:$port/v1/backends/absent/directories/" | grep -q 'urn:gateway:problem:backend-unreachable' \
  || fail "ssh does not run as this user on this file system"
owner=$(stat -c %U "/proc/$gateway")
[ "$owner" = "$user" ] || fail "it runs as $owner"
if touch "/proc/$gateway/root$work/app/x" 2>/dev/null; then fail "its tree is not read-only"; fi
kill -TERM "$gateway"
wait "$gateway" || fail "SIGTERM does not end it cleanly"
gateway=
echo "check.sh: published, started as $user on a read-only file system, healthy, and ended on SIGTERM"
