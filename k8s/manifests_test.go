package k8s

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLookupManifests(t *testing.T) {
	check := func(path, rawURL string, caller Caller, want string) {
		t.Helper()
		o, err := Load([]string{path}, nil, "")
		if err != nil {
			t.Fatal(err)
		}
		l, err := o.Lookup(mustRequest(t, rawURL), caller, "")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(summary(l), want); diff != "" {
			t.Errorf("%s (-got +want):\n%s\n%+v", rawURL, diff, l)
		}
	}
	check("testdata/weather", versionURL, Caller{}, "vs-weather-backend spec.http[0] single=90 multiple=10")
	check("testdata/weather", versionURL, Caller{Entry: EntryMesh}, "vs-weather-backend spec.http[0] single=90 multiple=10")
	check("testdata/weather", "http://203.0.113.7/", Caller{}, "vs-weather-frontend spec.http[0] weather-frontend=100\nunseen")
	check("testdata/colors/destinationrule.yaml", "http://203.0.113.7:8090/colors", Caller{Entry: EntryGateway, Gateway: "my-gateway"},
		"colors spec.http[0] v1=10 v2=30 v3=60")
	check("testdata/colors/destinationrule.yaml", "http://colors/colors", Caller{Entry: EntryMesh},
		"colors spec.http[0] v1=10 v2=30 v3=60 (not in effect)\nerror not-on-mesh VirtualService default/colors spec.gateways")
	check("testdata/colors", "http://colors.example.com/colors", Caller{}, "colors spec.http[0] colors=100\nunseen")
}

func TestLabelsOfManifests(t *testing.T) {
	text, err := os.ReadFile("testdata/weather/weather-rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	l, err := mustRead(t, string(text)).Lookup(mustRequest(t, versionURL), Caller{}, "")
	if err != nil {
		t.Fatal(err)
	}
	want := []Destination{
		{Host: "weather-backend.default.svc.cluster.local", Subset: "single", Port: 5000, Weight: 90, Version: "single",
			Labels: []string{"single"}, Selector: map[string]string{"version": "single"}},
		{Host: "weather-backend.default.svc.cluster.local", Subset: "multiple", Port: 5000, Weight: 10, Version: "multiple",
			Labels: []string{"multiple"}, Selector: map[string]string{"version": "multiple"}},
	}
	if diff := cmp.Diff(l.Rule.Destinations, want); diff != "" {
		t.Error(diff)
	}
	if got, want := l.Rule.Ref(), "virtualservice/default/vs-weather-backend"; got != want {
		t.Errorf("ref %s, want %s", got, want)
	}
}
