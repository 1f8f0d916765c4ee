# One small image for every role: `serve`, `work`, `migrate`, with the pages inside. scripts/image takes these steps
# without an engine; each writes below its own WORKDIR, so that it can.
FROM node:20-bookworm-slim AS pages
WORKDIR /src
COPY scripts/web scripts/web
COPY api/v1/openapi.json api/v1/openapi.json
COPY web web
RUN scripts/web && test -s web/dist/app.html

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download && go mod verify
COPY . .
COPY --from=pages /src/web/dist web/dist
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o bin/patapay ./cmd/patapay

# No shell, no package manager; runs as uid 65532 and writes nowhere.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/bin/patapay /patapay
USER 65532:65532
# 8080 the webhook door, /v1 and the pages; 9090 the private port
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["/patapay", "health"]
ENTRYPOINT ["/patapay"]
CMD ["serve"]
