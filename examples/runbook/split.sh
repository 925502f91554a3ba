#!/bin/sh
# Traffic does not go where the rule says: from the rule to the requests.
set -eu
url=${1:?usage: split.sh URL}
run=${RUN:-kubectl exec deploy/respy -- ./respy}

echo "== 1-3, 5: who calls, Service, endpoints, rule, subsets, TLS: as the API declares them"
$run explain --envoy off "$url"

echo "== 4: routes and clusters of the proxy that handles the request"
$run explain -o wide "$url"

echo "== 6: requests: which cluster each took, which version answered, which failed with what"
$run --no-progress "$url"
