# syntax=docker/dockerfile:1
# The gateway as a container: no root, a read-only file system, an init that reaps, and the ssh client that SFTP runs over.
#   docker build -t gateway .
#   docker run --rm --read-only --cap-drop ALL -p 8080:8080 -v ./gateway.json:/config/gateway.json:ro gateway
# With Management:Port 9090 in gateway.json, -p 127.0.0.1:9090:9090 is for operators.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# Projects and lock files first: the restored packages stay cached until one of them changes.
COPY src/Directory.Build.props src/Directory.Packages.props src/
COPY src/Gateway.Api/Gateway.Api.csproj src/Gateway.Api/packages.lock.json src/Gateway.Api/
COPY src/Gateway.Broker/Gateway.Broker.csproj src/Gateway.Broker/packages.lock.json src/Gateway.Broker/
COPY src/Gateway.Ftps/Gateway.Ftps.csproj src/Gateway.Ftps/packages.lock.json src/Gateway.Ftps/
COPY src/Gateway.Sftp/Gateway.Sftp.csproj src/Gateway.Sftp/packages.lock.json src/Gateway.Sftp/
RUN dotnet restore src/Gateway.Api --locked-mode -p:PublishReadyToRun=true

COPY .editorconfig ./
COPY src/ src/
RUN dotnet publish src/Gateway.Api --configuration Release --no-restore --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl openssh-client tini \
    && rm -rf /var/lib/apt/lists/*

# ssh refuses to run for a user id without a passwd entry. A Kubernetes runAsUser must be this id, or one with an entry.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin gateway
WORKDIR /app
COPY --from=build /app ./
USER 10001:10001

# Nothing is written anywhere. The diagnostics pipe of .NET would want /tmp.
ENV ASPNETCORE_HTTP_PORTS=8080 \
    DOTNET_EnableDiagnostics=0 \
    GATEWAY_CONFIG=/config/gateway.json \
    GATEWAY_SECRETS=/secrets
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/health/live"]

# tini reaps what ssh's own children leave behind and passes SIGTERM on, which drains the gateway.
ENTRYPOINT ["/usr/bin/tini", "--", "dotnet", "Gateway.Api.dll"]
