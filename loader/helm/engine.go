//go:build !nohelm

package helm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartloader "helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	"helm.sh/helm/v4/pkg/ignore"
	"helm.sh/helm/v4/pkg/strvals"

	"github.com/aisec-lint/aisec-lint/loader/source"
	"github.com/aisec-lint/aisec-lint/loader/yaml"
)

const embedded = true

// mergeValues merges value files and --set as Helm does: later ones win.
// https://helm.sh/docs/chart_template_guide/values_files/
func mergeValues(files []*yaml.File, sets []string) (map[string]any, error) {
	values := map[string]any{}
	for _, f := range files {
		if bomb := yamlBomb(f.Data); bomb != nil {
			return nil, fmt.Errorf("%s: %s", f.Name, bomb.Message)
		}
		more, err := chartloader.LoadValues(bytes.NewReader(f.Data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		values = chartloader.MergeMaps(values, more)
	}
	for _, set := range sets {
		if err := strvals.ParseInto(set, values); err != nil {
			return nil, fmt.Errorf("--set %s: %w", set, err)
		}
	}
	return values, nil
}

// valuesOver merges values over those of a file.
func valuesOver(values map[string]any, under *yaml.File) (map[string]any, error) {
	below, err := mergeValues([]*yaml.File{under}, nil)
	if err != nil {
		return nil, err
	}
	return chartloader.MergeMaps(below, values), nil
}

// ignoreRulesOf returns what .helmignore leaves out of a chart.
func ignoreRulesOf(dir string) (func(rel string, info fs.FileInfo) bool, error) {
	rules, err := ignore.ParseFile(filepath.Join(dir, ignore.HelmIgnore))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		rules = ignore.Empty()
	case err != nil:
		return nil, fmt.Errorf(".helmignore: %w", err)
	}
	rules.AddDefaults()
	return rules.Ignore, nil
}

// unpack returns the files of a packed chart, which may not hold more than most
// bytes.
func unpack(data []byte, most int64) ([]chartFile, error) {
	inflated, err := inflate(data, most)
	if err != nil {
		return nil, err
	}
	files, err := archive.LoadArchiveFiles(inflated)
	if err != nil {
		return nil, err
	}
	var out []chartFile
	for _, f := range files {
		out = append(out, chartFile{name: f.Name, data: f.Data})
	}
	return out, nil
}

// render renders a chart with Helm's own engine, without cluster, network or
// schema (a schema may refer to others by URL).
func (c *chartSource) render(values map[string]any, namespace string, in cluster, b *budget) (*rendered, error) {
	functions := chartFunctions(b)
	out, err := c.renderWith(values, namespace, in, functions, func(f *chartFile) []byte { return []byte(f.woven) })
	if err == nil || out == nil {
		return out, err
	}
	if b.err != nil {
		return nil, b.err
	}
	// What failed at a finite cost fails again at the same place, and Helm's
	// message then names the lines of the templates as they are written.
	b.left = mostSteps
	if _, plain := c.renderWith(values, namespace, in, functions, func(f *chartFile) []byte { return f.data }); plain != nil {
		err = plain
	}
	return nil, err
}

// renderWith returns nil for a chart that cannot even be loaded.
func (c *chartSource) renderWith(values map[string]any, namespace string, in cluster, functions map[string]any, text func(*chartFile) []byte) (*rendered, error) {
	var files []*archive.BufferedFile
	for i := range c.files {
		f := &c.files[i]
		data := f.data
		if f.template {
			data = text(f)
		}
		files = append(files, &archive.BufferedFile{Name: f.name, Data: data})
	}
	ch, err := chartloader.LoadFiles(files)
	if err != nil {
		return nil, err
	}
	if ch.Metadata.Type == "library" {
		return &rendered{library: true}, nil
	}
	if err := chartutil.ProcessDependencies(ch, values); err != nil {
		return nil, err
	}
	top, err := commonutil.ToRenderValuesWithSchemaValidation(ch, values, common.ReleaseOptions{
		Name: source.ReleaseName, Namespace: namespace, Revision: 1, IsInstall: true,
	}, in.capabilities(), true)
	if err != nil {
		return nil, err
	}
	out := &rendered{missing: missing(ch)}
	out.values, _ = top["Values"].(common.Values)
	e := engine.Engine{CustomTemplateFuncs: functions}
	out.texts, err = e.RenderWithContext(context.Background(), ch, top)
	return out, err
}

// missing names the dependencies that are wanted and not under charts/.
func missing(ch *chart.Chart) []string {
	var out []string
	for _, want := range ch.Metadata.Dependencies {
		if want != nil && !slices.ContainsFunc(ch.Dependencies(), func(have *chart.Chart) bool { return have.Name() == want.Name }) {
			out = append(out, want.Name)
		}
	}
	for _, sub := range ch.Dependencies() {
		for _, name := range missing(sub) {
			out = append(out, path.Join(sub.Name(), name))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// capabilities are those of a cluster of today that has what our rules are
// about. Unlike `helm template`, whose list holds every version that client-go
// has ever known, beta versions that no API server serves any more are left
// out, because charts that look for them would make objects that cannot be
// applied. OpenShift, Cilium and Calico are left out, because charts make other
// objects in their presence, not more.
func (c cluster) capabilities() *common.Capabilities {
	version, err := common.ParseKubeVersion(c.version)
	if err != nil {
		return common.DefaultCapabilities
	}
	return &common.Capabilities{KubeVersion: *version, APIVersions: append(strings.Fields(`
		v1 apps/v1 batch/v1 autoscaling/v1 autoscaling/v2 networking.k8s.io/v1 policy/v1 rbac.authorization.k8s.io/v1
		admissionregistration.k8s.io/v1 apiextensions.k8s.io/v1 apiregistration.k8s.io/v1 authentication.k8s.io/v1
		authorization.k8s.io/v1 certificates.k8s.io/v1 coordination.k8s.io/v1 discovery.k8s.io/v1 events.k8s.io/v1
		flowcontrol.apiserver.k8s.io/v1 node.k8s.io/v1 scheduling.k8s.io/v1 storage.k8s.io/v1 resource.k8s.io/v1
		apps/v1/Deployment batch/v1/CronJob autoscaling/v2/HorizontalPodAutoscaler networking.k8s.io/v1/Ingress
		networking.k8s.io/v1/NetworkPolicy policy/v1/PodDisruptionBudget
		networking.istio.io/v1 networking.istio.io/v1beta1 networking.istio.io/v1alpha3 security.istio.io/v1
		security.istio.io/v1beta1 telemetry.istio.io/v1 telemetry.istio.io/v1alpha1
		gateway.networking.k8s.io/v1 gateway.networking.k8s.io/v1beta1 gateway.networking.k8s.io/v1/HTTPRoute
		gateway.networking.k8s.io/v1/Gateway
		monitoring.coreos.com/v1 monitoring.coreos.com/v1/ServiceMonitor monitoring.coreos.com/v1/PodMonitor
		monitoring.coreos.com/v1/PrometheusRule
		cert-manager.io/v1 cert-manager.io/v1/Certificate`), c.apis...)}
}

// checkVersion refuses what is no version of Kubernetes.
func checkVersion(version string) error {
	if _, err := common.ParseKubeVersion(version); err != nil {
		return fmt.Errorf("--kube-version %s: %w", version, err)
	}
	return nil
}
