# One small image for every role: `serve`, `work`, `migrate`. Build the pages first
# (`make web`) to have them inside; without, the image carries the page that says so.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download && go mod verify
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /patapay ./cmd/patapay

# No shell, no package manager; runs as uid 65532 and writes nowhere.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /patapay /patapay
USER 65532:65532
# 8080 the webhook door, /v1 and the pages; 9090 the private port
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["/patapay", "health"]
ENTRYPOINT ["/patapay"]
CMD ["serve"]
