#!/usr/bin/env bash
# The gateway with two backends of its own on loopback: a private OpenSSH server and a private vsftpd that demands TLS session reuse.
# Keys, certificates and files are made in a temporary folder; on Ctrl-C everything stops and nothing is left behind.
#   deploy/demo/run.sh            the gateway on http://localhost:8080 (GATEWAY_PORT chooses another port)
#   deploy/demo/run.sh --check    list, upload, download and compare on both backends; exits 0 or 1
set -euo pipefail
cd "$(dirname "$0")/../.."

check=
case "${1:-}" in
  '') ;;
  --check) check=1 ;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

say() { printf '%s\n' "$*"; }
die() { printf 'demo: %s\n' "$*" >&2; exit 1; }
is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() {
  local port
  for _ in $(seq 100); do
    port=$((20000 + RANDOM % 12000))
    if is_free "$port"; then echo "$port"; return; fi
  done
  die "no free port"
}

command -v dotnet >/dev/null || die "the .NET 10 SDK is missing: dotnet is not in PATH"
port=${GATEWAY_PORT:-8080}
if [ -n "$check" ]; then port=$(free_port); fi
is_free "$port" || die "port $port is taken; choose another with GATEWAY_PORT=8081 $0"
tests/servers.sh sshd vsftpd openssl curl
cache=${GATEWAY_TEST_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/gateway-tests}

# The servers need no root: started by it, they run as nobody.
user=$(id -un)
as_user=()
if [ "$(id -u)" = 0 ]; then
  user=nobody
  as_user=(setpriv --reuid nobody --regid nogroup --clear-groups)
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/gateway-demo.XXXXXX")
chmod 711 "$work"
gateway= sshd= vsftpd=
stop() {
  local pid
  # The gateway first: its connections end, and with them the servers' sessions.
  for pid in $gateway $sshd $vsftpd; do
    kill -TERM "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say "Building …"
dotnet build src/Gateway.Api --configuration Release -v quiet >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; die "the build failed"; }

# --- keys, a certificate, and something to look at
mkdir "$work/servers" "$work/servers/sftp" "$work/servers/ftps"
ssh-keygen -q -t ed25519 -N '' -C demo -f "$work/user_key"
ssh-keygen -q -t ed25519 -N '' -C demo -f "$work/servers/host_key"
cp "$work/user_key.pub" "$work/servers/authorized_keys"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$work/servers/ftps.key" -out "$work/servers/ftps.crt" 2>/dev/null
host_key=$(ssh-keygen -lf "$work/servers/host_key.pub" | cut -d ' ' -f 2)
certificate=$(openssl x509 -noout -fingerprint -sha256 -in "$work/servers/ftps.crt" | cut -d = -f 2)
for folder in sftp ftps; do
  mkdir "$work/servers/$folder/reports"
  echo "Hello from the $folder server." >"$work/servers/$folder/welcome.txt"
done

# --- the servers
ssh_port=$(free_port)
ftp_port=$(free_port)
cat >"$work/servers/sshd_config" <<CONFIG
ListenAddress 127.0.0.1
Port $ssh_port
HostKey $work/servers/host_key
PidFile none
LogLevel VERBOSE
AuthorizedKeysFile $work/servers/authorized_keys
StrictModes no
# PAM decides whether the account is open; without it and without root sshd takes every account for locked.
UsePAM yes
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
CONFIG
# Anonymous logins only because those need neither root nor an account: the point here is TLS.
cat >"$work/servers/vsftpd.conf" <<CONFIG
listen=YES
listen_address=127.0.0.1
listen_port=$ftp_port
background=NO
run_as_launching_user=YES
seccomp_sandbox=NO
anonymous_enable=YES
ftp_username=$user
anon_root=$work/servers/ftps
no_anon_password=YES
anon_world_readable_only=NO
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_umask=022
write_enable=YES
utf8_filesystem=YES
use_localtime=NO
ssl_enable=YES
allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
require_ssl_reuse=YES
ssl_ciphers=HIGH
rsa_cert_file=$work/servers/ftps.crt
rsa_private_key_file=$work/servers/ftps.key
xferlog_enable=NO
CONFIG
cp -r "$cache/vsftpd" "$work/servers/vsftpd"
libraries=$(find "$work/servers/vsftpd" -name '*.so*' -printf '%h\n' | sort -u | paste -sd :)
if [ ${#as_user[@]} -gt 0 ]; then chown -R nobody:nogroup "$work/servers"; fi
"${as_user[@]}" /usr/sbin/sshd -D -e -f "$work/servers/sshd_config" 2>"$work/sshd.log" &
sshd=$!
"${as_user[@]}" env LD_LIBRARY_PATH="$libraries" "$work/servers/vsftpd/usr/sbin/vsftpd" "$work/servers/vsftpd.conf" >"$work/vsftpd.log" 2>&1 &
vsftpd=$!

# --- the gateway
(umask 077 && openssl rand -base64 32 >"$work/links.key")
cat >"$work/gateway.json" <<JSON
{ "Gateway": {
    "Identity": { "Anonymous": true },
    "Links": { "KeyFile": "$work/links.key" },
    "Backends": {
      "sftp-demo": {
        "Protocol": "sftp", "Host": "127.0.0.1", "Port": $ssh_port, "Username": "$user", "Root": "$work/servers/sftp",
        "Sftp": { "PrivateKeyFile": "$work/user_key", "HostKeyFingerprints": ["$host_key"] } },
      "ftps-demo": {
        "Protocol": "ftps", "Host": "localhost", "Port": $ftp_port, "Username": "anonymous", "Password": "demo", "Root": "$work/servers/ftps",
        "Ftps": { "CertificateFingerprints": ["SHA256:$certificate"] } } } } }
JSON
api=http://localhost:$port
GATEWAY_CONFIG=$work/gateway.json dotnet src/Gateway.Api/bin/Release/net10.0/Gateway.Api.dll --urls "$api" >"$work/gateway.log" 2>&1 &
gateway=$!
show_logs() { tail -n 20 "$work/sshd.log" "$work/vsftpd.log" "$work/gateway.log" >&2; }

for _ in $(seq 150); do
  kill -0 "$gateway" 2>/dev/null || { show_logs; die "the gateway has ended"; }
  if [ "$(curl --silent --output /dev/null --write-out '%{http_code}' "$api/health/ready")" = 200 ]; then break; fi
  sleep 0.2
done
curl --silent "$api/health" | grep -q '^{"status":"pass"' || { curl --silent "$api/health" >&2; show_logs; die "a backend is not well"; }

# --- the check
run_check() {
  local backend=$1 base=$api/v1/backends/$1 status
  expect() {
    status=$(curl --silent --show-error --max-time 60 --output "$work/answer" --write-out '%{http_code}' "${@:2}")
    [ "$status" = "$1" ] || { cat "$work/answer" >&2; die "$backend: ${*:2} answered $status instead of $1"; }
  }
  expect 200 "$base/directories/"
  grep -q '"welcome.txt"' "$work/answer" || die "$backend: the listing lacks welcome.txt"
  head -c 3000001 /dev/urandom >"$work/sent"
  expect 201 --upload-file "$work/sent" "$base/files/reports/check.bin"
  expect 200 "$base/files/reports/check.bin"
  cmp "$work/sent" "$work/answer" || die "$backend: what came back is not what was sent"
  expect 200 "$base/directories/reports"
  grep -q '"size":3000001' "$work/answer" || die "$backend: the listing has another size"
  expect 204 --request DELETE "$base/files/reports/check.bin"
  expect 404 "$base/files/reports/check.bin"
  say "$backend: list, upload, download, compare, delete: ok"
}

if [ -n "$check" ]; then
  run_check sftp-demo
  run_check ftps-demo
  [ "$(curl --silent --location --output /dev/null --write-out '%{http_code}' "$api/swagger")" = 200 ] || die "Swagger UI does not answer"
  say "demo check passed"
  exit 0
fi

cat <<TEXT

The gateway runs. Try:

  curl $api/v1/backends/sftp-demo/directories/
  curl -T README.md $api/v1/backends/ftps-demo/files/reports/README.md
  curl $api/v1/backends/ftps-demo/files/reports/README.md

Swagger UI: $api/swagger        Health: $api/health        Log: $work/gateway.log
Ctrl-C stops everything.
TEXT
wait "$gateway"
