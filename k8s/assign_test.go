package k8s

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAssign(t *testing.T) {
	subsets := []Destination{
		{Host: "reviews.default.svc.cluster.local", Subset: "v1", Port: 9080, Version: "v1", Labels: []string{"one"}},
		{Host: "reviews.default.svc.cluster.local", Subset: "v2", Port: 9080, Version: "v2", Labels: []string{"two"}},
	}
	services := []Destination{
		{Host: "weather-single.default.svc.cluster.local", Version: "weather-single"},
		{Host: "weather-multiple.default.svc.cluster.local", Version: "weather-multiple"},
	}
	for _, c := range []struct {
		name         string
		destinations []Destination
		names        []string
		maps         []string
		want         []string
	}{
		{"no names", subsets, nil, nil, []string{"v1", "v2"}},
		{"no names, mapped", subsets, nil, []string{"v2=blue"}, []string{"v1", "blue"}},
		{"subsets", subsets, []string{"v2", "v1"}, nil, []string{"v1", "v2"}},
		{"host and subset", subsets, []string{"reviews/v1", "reviews.default/v2"}, nil, []string{"reviews/v1", "reviews.default/v2"}},
		{"labels", subsets, []string{"two", "one"}, nil, []string{"one", "two"}},
		{"mapped by subset", subsets, []string{"red", "blue"}, []string{"v1=red", "v2=blue"}, []string{"red", "blue"}},
		{"mapped by host and subset", subsets, []string{"red", "blue"}, []string{"reviews/v1=red", "reviews.default.svc/v2=blue"}, []string{"red", "blue"}},
		{"mapped by cluster", subsets, []string{"red", "blue"},
			[]string{"outbound|9080|v1|reviews.default.svc.cluster.local=red", "inbound-vip|9080|http/v2|reviews.default.svc.cluster.local=blue"}, []string{"red", "blue"}},
		{"a mapping comes before a name", subsets, []string{"v1", "v2"}, []string{"v1=v2", "v2=v1"}, []string{"v2", "v1"}},
		{"two destinations, one version", subsets, []string{"red"}, []string{"v1=red", "v2=red"}, []string{"red", "red"}},
		{"strangers", subsets, []string{"red", "blue"}, nil, []string{"", ""}},
		{"services", services, []string{"weather-single", "weather-multiple"}, nil, []string{"weather-single", "weather-multiple"}},
		{"services by full name", services, []string{"weather-single.default", "weather-multiple.default.svc.cluster.local"}, nil,
			[]string{"weather-single.default", "weather-multiple.default.svc.cluster.local"}},
		{"parts", services, []string{"single", "multiple"}, nil, []string{"single", "multiple"}},
		{"parts of names", services, []string{"app-multiple", "app-single"}, nil, []string{"app-single", "app-multiple"}},
		{"a part that every name has", services, []string{"weather-a", "weather-b"}, nil, []string{"", ""}},
		{"one by name, one by part", services, []string{"weather-single", "multiple"}, nil, []string{"weather-single", "multiple"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var mappings []Mapping
			for _, text := range c.maps {
				m, err := ParseMapping(text)
				if err != nil {
					t.Fatal(err)
				}
				mappings = append(mappings, m)
			}
			if diff := cmp.Diff(Assign(c.destinations, c.names, mappings), c.want); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseMapping(t *testing.T) {
	for _, text := range []string{"", "v1", "=v1", "v1="} {
		if m, err := ParseMapping(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, m)
		}
	}
}
