FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN make build

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/respy /respy
ENV PATH=/
WORKDIR /
USER 65532:65532
ENTRYPOINT ["/respy"]
