package k8s

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// service is one of the default namespace; its spec is YAML.
func service(name, spec string) string {
	return "\n---\napiVersion: v1\nkind: Service\nmetadata: {name: " + name + "}\nspec: " + spec + "\n"
}

const twoServices = `
  hosts: [weather-backend]
  http:
  - route:
    - {destination: {host: weather-single}, weight: 90}
    - {destination: {host: weather-multiple}, weight: 10}
`

func TestPortAmbiguous(t *testing.T) {
	const found = "\nerror port-ambiguous VirtualService default/vs spec.http[0].route[1].destination.port"
	called, same := weatherService, service("weather-single", "{ports: [{port: 5000}]}")
	for _, c := range []struct {
		name, text, want string
	}{
		{"the same port", same + service("weather-multiple", "{ports: [{port: 5000}]}"), ""},
		{"another port", same + service("weather-multiple", "{ports: [{port: 8080}]}"), found},
		{"one of several", same + service("weather-multiple", "{ports: [{port: 8080}, {port: 5000}]}"), ""},
		{"none of several", same + service("weather-multiple", "{ports: [{port: 8080}, {port: 9090}]}"), found},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := mustRead(t, called+c.text+virtualService("vs", twoServices))
			const rule = "vs spec.http[0] weather-single=90 weather-multiple=10"
			checkRule(t, o, rule+c.want)
			l, err := o.Lookup(mustRequest(t, versionURL), Caller{Entry: EntryMesh}, "")
			if diff := cmp.Diff(summary(l), rule+c.want); diff != "" || err != nil {
				t.Errorf("with a request: %v\n%s", err, diff)
			}
		})
	}
}

// A gateway takes the only port of a Service, whatever its own is.
func TestPortAtGateway(t *testing.T) {
	const gateway = "\n---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: gw}\nspec: {servers: [{port: {number: 80}, hosts: ['*']}]}\n"
	rule := virtualService("vs", "  gateways: [gw]\n  hosts: ['*']\n  http: [{route: [{destination: {host: web}}]}]")
	checkRule(t, mustRead(t, gateway+service("web", "{ports: [{port: 8080}]}")+rule), "vs spec.http[0] web=100")
	checkRule(t, mustRead(t, gateway+service("web", "{ports: [{port: 8080}, {port: 80}]}")+rule), "vs spec.http[0] web=100")
	checkRule(t, mustRead(t, gateway+service("web", "{ports: [{port: 8080}, {port: 9090}]}")+rule),
		"vs spec.http[0] web=100\nerror port-ambiguous VirtualService default/vs spec.http[0].route[0].destination.port")
	checkRule(t, mustRead(t, service("web", "{ports: [{port: 8080}, {port: 9090}]}")+rule), "vs spec.http[0] web=100\nunseen")
}

func TestHeadless(t *testing.T) {
	const (
		plain    = "{ports: [{port: 5000}]}"
		headless = "{clusterIP: None, ports: [{port: 5000}]}"
		found    = "\nerror headless-service Service default/weather-multiple spec.clusterIP"
		gateway  = "  gateways: [gw]"
		body     = "vs spec.http[0] weather-single=90 weather-multiple=10"
	)
	rule := virtualService("vs", twoServices)
	sound := weatherService + service("weather-single", plain)
	checkRule(t, mustRead(t, sound+service("weather-multiple", plain)+rule), body)
	checkRule(t, mustRead(t, sound+service("weather-multiple", headless)+rule), body+found)
	checkRule(t, mustRead(t, sound+service("weather-multiple", headless)+virtualService("vs", gateway+twoServices)), body+"\nunseen")
	one := virtualService("vs", "  hosts: [weather-single]\n  http: [{route: [{destination: {host: weather-single}}]}]")
	checkRule(t, mustRead(t, service("weather-single", headless)+one), "vs spec.http[0] weather-single=100")

	called := service("weather-backend", "{clusterIP: None, ports: [{port: 5000}], selector: {app: weather-backend}}")
	checkRule(t, mustRead(t, called+weatherSubsets+virtualService("vs", splitRule)),
		"vs spec.http[0] single=90 multiple=10\nerror headless-service Service default/weather-backend spec.clusterIP")
}

func TestPassthrough(t *testing.T) {
	check := func(policy, want string) {
		t.Helper()
		checkRule(t, mustRead(t, weatherService+weatherSubsets+policy+virtualService("vs", splitRule)), "vs spec.http[0] single=90 multiple=10"+want)
	}
	check("  trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}", "")
	check("  trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}",
		"\nerror headless-service DestinationRule default/dr-weather-backend spec.trafficPolicy.loadBalancer.simple")
	check("  trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}, portLevelSettings: [{port: {number: 5000}}]}", "")
}
