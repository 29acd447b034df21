package helm

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

const (
	// mostSteps bounds the rendering of one chart: a value that is walked is a
	// step, and so are eight bytes; the turn of a loop takes more. The whole takes
	// less than a second, and the largest chart of our corpus (JupyterHub's)
	// a tenth of it. Steps instead of seconds, so that a chart renders everywhere
	// or nowhere.
	mostSteps = 10_000_000
	turnSteps = 8
	// mostDepth bounds templates that include each other. Helm allows 1,000 of
	// each name, and the stack of a program is not without end.
	mostDepth = 1_000
	// valueDepth bounds values that hold each other; a value may hold itself.
	valueDepth = 100
	stepBytes  = 8
	tplSteps   = 2_000 // of a `tpl`, which copies the set of templates
)

// budget is what the rendering of one chart may still cost. A call that goes
// beyond it returns an error, which ends the execution of the template.
type budget struct {
	weaver *weaver
	files  []chartFile
	left   int
	depth  int // of `include`, `tpl` and `template`
	last   int // mark that was met last
	woven  map[string]string
	err    error
}

func (b *budget) fail(text string) error {
	if b.err == nil {
		b.err = errors.New(text)
	}
	return b.err
}

func (b *budget) spend(steps int) error {
	if steps < 0 || steps > b.left {
		b.left = 0
		return b.fail(fmt.Sprintf("rendering takes more than %d steps", mostSteps))
	}
	b.left -= steps
	return b.err
}

func (b *budget) bytes(n int) error { return b.spend(1 + n/stepBytes) }

// functions are what woven templates call.
func (b *budget) functions() map[string]any {
	return map[string]any{
		fnMark: b.mark,
		fnTick: b.tick,
		fnOut:  func(v any) (any, error) { return v, b.weigh(reflect.ValueOf(v), 0) },
		fnIn:   b.in,
		fnEnter: func(v any) (any, error) {
			return v, b.enter()
		},
		fnText: b.text,
		fnLeave: func(v any) (any, error) {
			b.depth--
			return v, b.weigh(reflect.ValueOf(v), 0)
		},
		fnDown:  func() (string, error) { return "", b.enter() },
		fnUp:    func() string { b.depth--; return "" },
		fnFiles: b.methods,
		fnNever: func() (string, error) { return "", b.fail("`.YAML` and `.Encode` of values are not rendered") },
	}
}

func (b *budget) mark(id, size int) (string, error) {
	if err := b.bytes(size + turnSteps*stepBytes); err != nil || id == 0 {
		return "", err
	}
	if b.depth > 0 {
		return "", nil
	}
	b.last = id
	return string(markStart) + strconv.Itoa(id) + string(markEnd), nil
}

// methods accounts for a method of `.Files`: those that read them all, and
// those that read one.
func (b *budget) methods(all bool) (string, error) {
	largest, sum := 0, 0
	for i := range b.files {
		if f := &b.files[i]; !f.template {
			largest = max(largest, len(f.data))
			sum += len(f.data)
		}
	}
	steps := tplSteps + turnSteps*len(b.files) + largest/(stepBytes*stepBytes)
	if all {
		steps += sum / stepBytes
	}
	return "", b.spend(steps)
}

func (b *budget) tick(id int) (string, error) {
	if b.depth == 0 && id > 0 {
		b.last = id
	}
	return "", b.spend(turnSteps)
}

func (b *budget) enter() error {
	if b.depth++; b.depth > mostDepth {
		return b.fail(fmt.Sprintf("templates include each other more than %d deep", mostDepth))
	}
	return b.spend(turnSteps)
}

// in weighs what goes into a function.
func (b *budget) in(name string, v any) (any, error) {
	if err := b.weigh(reflect.ValueOf(v), 0); err != nil {
		return v, err
	}
	text, isText := v.(string)
	if isText && strings.HasPrefix(name, "fromYaml") && strings.ContainsRune(text, '&') {
		if f := yamlBomb([]byte(text)); f != nil {
			return v, b.fail("`" + name + "`: " + f.Message)
		}
	}
	return v, nil
}

// text weaves what goes into `tpl`.
func (b *budget) text(v any) (any, error) {
	if err := b.enter(); err != nil {
		return v, err
	}
	text, ok := v.(string)
	if !ok {
		return v, nil
	}
	if err := b.bytes(len(text) + tplSteps*stepBytes); err != nil {
		return v, err
	}
	woven, ok := b.woven[text]
	if !ok {
		woven = b.weaver.weave(text, nil, nil)
		b.woven[text] = woven
	}
	if b.weaver.err != nil {
		return v, b.fail(b.weaver.err.Error())
	}
	return woven, nil
}
