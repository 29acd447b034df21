package calls

import (
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/aisec-lint/aisec-lint/analyzer/fact"
	"github.com/aisec-lint/aisec-lint/analyzer/inventory"
	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

// configReader reads the ConfigMaps of a set, each once.
type configReader struct {
	objects map[string]*source.Object
	users   map[string]int           // how many workloads use a ConfigMap whole
	files   map[*yaml.Node][]mention // a cache: each file is scanned once
}

func newConfigReader(d *inventory.NameIndex, workloads []*inventory.Workload) *configReader {
	c := &configReader{objects: d.ConfigMaps, users: map[string]int{}, files: map[*yaml.Node][]mention{}}
	for _, w := range workloads {
		if w.Pod == nil {
			continue
		}
		for name := range wholeConfigs(w) {
			if key := w.Namespace + "/" + name; c.objects[key] != nil {
				c.users[key]++
			}
		}
	}
	return c
}

// wholeConfigs names the ConfigMaps that a workload uses whole.
func wholeConfigs(w *inventory.Workload) map[string]bool {
	var names map[string]bool
	use := func(name string) {
		if names == nil {
			names = map[string]bool{}
		}
		names[name] = true
	}
	for _, list := range [][]corev1.Container{w.Pod.InitContainers, w.Pod.Containers} {
		for i := range list {
			for _, from := range list[i].EnvFrom {
				if from.ConfigMapRef != nil {
					use(from.ConfigMapRef.Name)
				}
			}
		}
	}
	for i := range w.Pod.Volumes {
		for _, source := range configSources(&w.Pod.Volumes[i]) {
			use(source.name)
		}
	}
	return names
}

// confidence is that a ConfigMap's content is meant for the workload: where
// several workloads use it whole, each may need a part of it only.
func (c *configReader) confidence(key string) Confidence {
	if c.users[key] > 1 {
		return Low
	}
	return Medium
}

// variables returns the content of a ConfigMap that envFrom names.
func (c *configReader) variables(namespace, name string) []variable {
	key := namespace + "/" + name
	o := c.objects[key]
	if o == nil {
		return nil
	}
	var out []variable
	if data := o.Root.Get("data"); data != nil {
		for i := range data.Fields {
			f := &data.Fields[i]
			if text, ok := f.Value.Str(); ok {
				out = append(out, variable{
					name: f.Key.Text, value: text, known: true, via: viaConfigEnv, confidence: c.confidence(key),
					from: fact.Source{Object: o, Path: yaml.Path{"data", f.Key.Text}},
				})
			}
		}
	}
	return out
}

// value returns one key of a ConfigMap.
func (c *configReader) value(namespace, name, key string) (string, fact.Source, bool) {
	o := c.objects[namespace+"/"+name]
	if o == nil {
		return "", fact.Source{}, false
	}
	text, ok := o.Root.Get("data").Get(key).Str()
	return text, fact.Source{Object: o, Path: yaml.Path{"data", key}}, ok
}

// configSource is a ConfigMap in a volume.
type configSource struct {
	name  string
	items []corev1.KeyToPath
}

func configSources(v *corev1.Volume) []configSource {
	var out []configSource
	if v.ConfigMap != nil {
		out = append(out, configSource{v.ConfigMap.Name, v.ConfigMap.Items})
	}
	if v.Projected != nil {
		for i := range v.Projected.Sources {
			if m := v.Projected.Sources[i].ConfigMap; m != nil {
				out = append(out, configSource{m.Name, m.Items})
			}
		}
	}
	return out
}

// volumes reads the ConfigMaps that some container mounts.
func (r *referenceReader) volumes() {
	for i := range r.w.Pod.Volumes {
		v := &r.w.Pod.Volumes[i]
		sources := configSources(v)
		if len(sources) == 0 {
			continue
		}
		paths, mounted := r.mounts(v.Name)
		if !mounted {
			continue
		}
		for _, source := range sources {
			r.files(source, paths)
		}
	}
}

// mounts returns the paths below a volume that its mounts show, none for all.
func (r *referenceReader) mounts(volume string) (paths []string, mounted bool) {
	whole := false
	for _, list := range [][]corev1.Container{r.w.Pod.InitContainers, r.w.Pod.Containers} {
		for i := range list {
			for _, m := range list[i].VolumeMounts {
				if m.Name != volume {
					continue
				}
				mounted = true
				whole = whole || m.SubPath == ""
				paths = append(paths, m.SubPath)
			}
		}
	}
	if whole {
		paths = nil
	}
	return paths, mounted
}

// files reads the keys of a ConfigMap that appear as files at the paths.
func (r *referenceReader) files(source configSource, paths []string) {
	key := r.w.Namespace + "/" + source.name
	o := r.configs.objects[key]
	data := (*yaml.Node)(nil)
	if o != nil {
		data = o.Root.Get("data")
	}
	if data == nil {
		return
	}
	for i := range data.Fields {
		f := &data.Fields[i]
		if !notConfiguration(f.Key.Text) && source.shows(f.Key.Text, paths) {
			for _, m := range r.configs.file(f) {
				r.add(m, f.Key.Text, viaConfigFile, r.configs.confidence(key), fact.Source{Object: o, Path: yaml.Path{"data", f.Key.Text}})
			}
		}
	}
}

// shows reports whether a key of the ConfigMap appears at one of the paths.
func (c configSource) shows(key string, paths []string) bool {
	at := key
	if len(c.items) > 0 {
		i := slices.IndexFunc(c.items, func(item corev1.KeyToPath) bool { return item.Key == key })
		if i < 0 {
			return false
		}
		at = c.items[i].Path
	}
	return len(paths) == 0 || slices.ContainsFunc(paths, func(p string) bool {
		p = path.Clean(p)
		return at == p || strings.HasPrefix(at, p+"/")
	})
}

// file scans a file once, however many workloads mount it.
func (c *configReader) file(f *yaml.Field) []mention {
	text, ok := f.Value.Str()
	if !ok {
		return nil
	}
	found, known := c.files[f.Value]
	if !known {
		if !containsManifest(text) {
			found = scanHosts(text, "")
		}
		c.files[f.Value] = found
	}
	return found
}

// notConfiguration recognises files whose hosts are for people or browsers:
// documents, pages, certificates, and Knative's examples of its own options.
func notConfiguration(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".rst", ".txt", ".html", ".css", ".js", ".svg", ".pem", ".crt", ".cer", ".ipynb", ".sql", ".csv":
		return true
	}
	return name == "_example" || name == "hosts"
}

// containsManifest recognises objects, and templates of objects, that the
// workload creates: the hosts in them are called by other pods.
func containsManifest(text string) bool {
	return strings.Contains(text, "apiVersion") && strings.Contains(text, "kind")
}
