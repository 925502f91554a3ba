// Package envoy reads what an Envoy proxy has been programmed to do with a request, and which clusters its requests took.
//
// Both come from Envoy's admin interface, which a sidecar of Istio serves on 127.0.0.1:15000: GET /config_dump holds the
// route tables and listeners, GET /clusters?format=json the counters of each cluster and host, GET /server_info the
// identity of the proxy and its uptime. The admin interface has no authentication and can also change things; this package
// only ever sends GETs that read.
//
// Start with New, then Admin.Server, Admin.Dump and Dump.Route for the programmed weights, and Admin.Counters before and
// after the traffic, with Difference of the two, for the clusters chosen. A dump saved to a file is read by ParseDump.
//
// Envoy: https://www.envoyproxy.io/docs/envoy/latest/operations/admin
package envoy
