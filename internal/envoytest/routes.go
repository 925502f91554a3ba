package envoytest

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

const routesTimeout = 10 * time.Second

// SetRoutes replaces the dynamic route table of that name and waits until Envoy has it. The table must differ from the old
// one: Envoy takes no notice of an update without a change.
func (p *Proxy) SetRoutes(t testing.TB, table string, hosts []VirtualHost) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), routesTimeout)
	defer cancel()
	old := p.lastUpdated(ctx, t, table)
	p.writeRoutes(t, table, hosts)
	for p.lastUpdated(ctx, t, table) == old {
		time.Sleep(10 * time.Millisecond)
	}
}

// writeRoutes puts a new file in the old one's place in one step: Envoy watches the folder for such moves.
func (p *Proxy) writeRoutes(t testing.TB, table string, hosts []VirtualHost) {
	t.Helper()
	file := filepath.Join(p.layout.dir, fileName(table))
	resource := typed("config.route.v3.RouteConfiguration", routeConfiguration(table, hosts))
	writeJSON(t, file+".new", object{"version_info": time.Now().Format(time.RFC3339Nano), "resources": []object{resource}})
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatalf("replacing the routes: %v", err)
	}
}

func (p *Proxy) lastUpdated(ctx context.Context, t testing.TB, table string) string {
	t.Helper()
	query := url.Values{"resource": {"dynamic_route_configs"}, "name_regex": {regexp.QuoteMeta(table)}}
	body, err := get(ctx, "http://"+p.Admin()+"/config_dump?"+query.Encode())
	if err != nil {
		t.Fatalf("waiting for the routes %q: %v", table, err)
	}
	var dump struct {
		Configs []struct {
			LastUpdated string `json:"last_updated"`
		} `json:"configs"`
	}
	if err := json.Unmarshal(body, &dump); err != nil || len(dump.Configs) != 1 {
		t.Fatalf("waiting for the routes %q: %d tables of that name, error %v", table, len(dump.Configs), err)
	}
	return dump.Configs[0].LastUpdated
}
