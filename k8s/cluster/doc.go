// Package cluster reads the objects of package k8s from a Kubernetes API server, by plain GETs: [Connect] finds the
// server as kubectl does, [Client.Read] reads the routes and what bears on them, [Client.AddPods] the endpoints and pods
// of the few Services that matter.
//
// Any kind may be forbidden to the user or unknown to the server. A list that is forbidden for the whole cluster is tried
// in the namespaces that matter most; what then is missing is said in one sentence, and is never taken for absent.
package cluster
