//go:build !nohelm

package helm

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	sprig "github.com/Masterminds/sprig/v3"
)

// opaque stands for what differs from run to run. It is written as one of the
// placeholders that match nothing, and as a name, because templates
// put it anywhere.
const opaque = "replaced-by-random"

// certificate has the fields of what sprig's genCA and its kin return.
type certificate struct{ Cert, Key string }

// chartFunctions replace functions of Helm's: those whose result is another in
// every run or on every machine, and those whose result can be much larger than
// their arguments. Helm itself leaves out `env` and `expandenv`, and without a
// cluster `lookup` finds nothing; EnableDNS off does the same to
// `getHostByName`.
// https://helm.sh/docs/chart_template_guide/function_list/
func chartFunctions(b *budget) map[string]any {
	lib := sprig.TxtFuncMap()
	out := b.functions()
	for name, cost := range growing() {
		if fn, ok := lib[name]; ok {
			out[name] = b.guarded(fn, cost)
		}
	}
	for _, name := range []string{
		"randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes", "uuidv4", "genPrivateKey",
		"bcrypt", "htpasswd", "derivePassword", "encryptAES", "ago",
	} {
		out[name] = func(...any) string { return opaque }
	}
	for _, name := range []string{
		"genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert",
		"genSignedCertWithKey", "buildCustomCert",
	} {
		out[name] = func(...any) certificate { return certificate{opaque, opaque} }
	}
	out["randInt"] = func(least, _ int) int { return least }
	out["shuffle"] = func(s string) string { return s }
	out["keys"], out["values"] = sortedMapKeys, sortedMapValues
	maps.Copy(out, dateFunctions(lib))
	out["printf"] = b.printf
	return out
}

// dateFunctions know one moment and one time zone.
func dateFunctions(lib map[string]any) map[string]any {
	moment := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	inZone, _ := lib["dateInZone"].(func(string, any, string) string)
	date := func(layout string, when any, zone string) string {
		switch when.(type) {
		case time.Time, *time.Time, int, int32, int64:
		default:
			when = moment
		}
		return inZone(layout, when, zone)
	}
	return map[string]any{
		"now":            func() time.Time { return moment },
		"date":           func(layout string, when any) string { return date(layout, when, "UTC") },
		"dateInZone":     date,
		"date_in_zone":   date,
		"htmlDate":       func(when any) string { return date(time.DateOnly, when, "UTC") },
		"htmlDateInZone": func(when any, zone string) string { return date(time.DateOnly, when, zone) },
	}
}

func sortedMapKeys(dicts ...map[string]any) []string {
	out := []string{}
	for _, d := range dicts {
		out = append(out, slices.Sorted(maps.Keys(d))...)
	}
	return out
}

func sortedMapValues(dict map[string]any) []any {
	out := []any{}
	for _, key := range slices.Sorted(maps.Keys(dict)) {
		out = append(out, dict[key])
	}
	return out
}

// growing are functions whose result or work can be much larger than what goes
// in, with the steps that they take.
func growing() map[string]func([]reflect.Value) int {
	product := func(of ...int) func([]reflect.Value) int {
		return func(args []reflect.Value) int {
			n := 1.0 / stepBytes
			for _, i := range of {
				n *= size(args[i]) + 1
			}
			return int(min(n, mostSteps+1))
		}
	}
	square := func(args []reflect.Value) int {
		n := 1.0
		for _, a := range args {
			n *= size(a) + 1
		}
		return int(min(n*size(args[0]), mostSteps+1))
	}
	out := map[string]func([]reflect.Value) int{
		"repeat": product(0, 1), "indent": indenting, "nindent": indenting, "join": product(0, 1),
		"wrapWith": product(1, 2), "until": func(args []reflect.Value) int { return int(min(size(args[0]), mostSteps+1)) },
		"replace": func(args []reflect.Value) int {
			old, text := args[0].String(), args[2].String()
			return len(text)/stepBytes + int(float64(strings.Count(text, old))*(size(args[1])+1)/stepBytes)
		},
		"untilStep": rangeSteps, "seq": func(args []reflect.Value) int { return sequence(args[0]) },
		"uniq": square, "mustUniq": square, "without": square, "mustWithout": square,
	}
	out["split"], out["regexSplit"], out["mustRegexSplit"] = characters, characters, characters
	out["splitList"], out["regexFindAll"], out["mustRegexFindAll"] = characters, characters, characters
	for _, name := range []string{"regexReplaceAll", "regexReplaceAllLiteral"} {
		out[name] = product(1, 2)
		out["mustR"+name[1:]] = product(1, 2)
	}
	return out
}

// indenting is what indenting costs: spaces for each line.
func indenting(args []reflect.Value) int {
	lines := float64(strings.Count(args[1].String(), "\n") + 1)
	return args[1].Len()/stepBytes + int(min(lines*size(args[0])/stepBytes, mostSteps+1))
}

// characters are what splitting a text may cost.
func characters(args []reflect.Value) int {
	n := 0
	for _, a := range args {
		if a.Kind() == reflect.String {
			n += a.Len()
		}
	}
	return n
}

// rangeSteps are those of a range from start to stop.
func rangeSteps(args []reflect.Value) int {
	by := size(args[2])
	if by == 0 {
		return 1
	}
	way := float64(args[1].Int()) - float64(args[0].Int())
	return int(min(max(way, -way)/by, mostSteps+1))
}

func sequence(params reflect.Value) int {
	n := 0.0
	for i := range params.Len() {
		n += size(params.Index(i))
	}
	return int(min(n, mostSteps+1))
}

// size is the length of what has one, and the absolute value of a number.
func size(v reflect.Value) float64 {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String, reflect.Slice, reflect.Array, reflect.Map:
		return float64(v.Len())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return max(float64(v.Int()), -float64(v.Int()))
	default:
		return 1
	}
}

// guarded is fn, refused where it costs more than is left.
func (b *budget) guarded(fn any, cost func([]reflect.Value) int) any {
	f := reflect.ValueOf(fn)
	t := f.Type()
	errorType := reflect.TypeFor[error]()
	var in []reflect.Type
	for typ := range t.Ins() {
		in = append(in, typ)
	}
	typ := reflect.FuncOf(in, []reflect.Type{t.Out(0), errorType}, t.IsVariadic())
	return reflect.MakeFunc(typ, func(args []reflect.Value) []reflect.Value {
		if err := b.spend(cost(args)); err != nil {
			return []reflect.Value{reflect.Zero(t.Out(0)), reflect.ValueOf(&err).Elem()}
		}
		call := f.Call
		if t.IsVariadic() {
			call = f.CallSlice
		}
		out := call(args)
		if len(out) == 1 {
			out = append(out, reflect.Zero(errorType))
		}
		return out
	}).Interface()
}

var wideVerb = regexp.MustCompile(`%[^a-zA-Z%]*(\d{4}|\*)`)

// printf is Go's without widths that print gigabytes.
func (b *budget) printf(format string, args ...any) (string, error) {
	if wideVerb.MatchString(format) {
		return "", b.fail("`printf` with a width of thousands")
	}
	return fmt.Sprintf(format, args...), nil
}
