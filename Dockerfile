# docker build -t respy --build-arg VERSION=$(git describe --tags --always) .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN make build VERSION=$VERSION

FROM scratch
ARG VERSION=unknown
LABEL org.opencontainers.image.title="respy" \
      org.opencontainers.image.description="checks that traffic splits the way a VirtualService or HTTPRoute says" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/respy /respy
ENV PATH=/
WORKDIR /
USER 65532:65532
ENTRYPOINT ["/respy"]
# Without targets it idles, so that kubectl exec finds a pod to run respy in.
CMD ["serve"]
