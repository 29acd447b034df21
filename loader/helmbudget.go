package loader

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

const (
	// helmSteps bounds the rendering of one chart: a value that is walked is a
	// step, and so are eight bytes; the turn of a loop takes more. The whole takes
	// less than a second, and the largest chart of our corpus (JupyterHub's)
	// a tenth of it. Steps instead of seconds, so that a chart renders everywhere
	// or nowhere.
	helmSteps = 10_000_000
	turnSteps = 8
	// helmDepth bounds templates that include each other. Helm allows 1,000 of
	// each name, and the stack of a program is not without end.
	helmDepth = 1_000
	// valueDepth bounds values that hold each other; a value may hold itself.
	valueDepth = 100
	stepBytes  = 8
	tplSteps   = 2_000 // of a `tpl`, which copies the set of templates
)

// budget is what the rendering of one chart may still cost. A call that goes
// beyond it returns an error, which ends the execution of the template.
type budget struct {
	weaver *weaver
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
		return b.fail(fmt.Sprintf("rendering takes more than %d steps", helmSteps))
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
		fnDown: func() (string, error) { return "", b.enter() },
		fnUp:   func() string { b.depth--; return "" },
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

func (b *budget) tick(id int) (string, error) {
	if b.depth == 0 && id > 0 {
		b.last = id
	}
	return "", b.spend(turnSteps)
}

func (b *budget) enter() error {
	if b.depth++; b.depth > helmDepth {
		return b.fail(fmt.Sprintf("templates include each other more than %d deep", helmDepth))
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
			return v, b.fail("`" + name + "`: " + f.message)
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

// weigh walks a value as a function that prints it would.
func (b *budget) weigh(v reflect.Value, depth int) error {
	if depth > valueDepth {
		return b.fail(fmt.Sprintf("a value is nested more than %d deep", valueDepth))
	}
	if err := b.spend(1); err != nil {
		return err
	}
	switch v.Kind() {
	case reflect.String:
		return b.bytes(v.Len())
	case reflect.Interface, reflect.Pointer:
		return b.weigh(v.Elem(), depth+1)
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if err := errors.Join(b.weigh(it.Key(), depth+1), b.weigh(it.Value(), depth+1)); err != nil {
				return err
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return b.bytes(v.Len())
		}
		for i := range v.Len() {
			if err := b.weigh(v.Index(i), depth+1); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		for i := range v.NumField() {
			if err := b.weigh(v.Field(i), depth+1); err != nil {
				return err
			}
		}
	default: // a number or nothing
	}
	return nil
}

// yamlBomb refuses YAML whose aliases expand it beyond all measure, which the
// parser underneath Helm counts in values and not in bytes. What is no YAML at
// all is for Helm to refuse.
func yamlBomb(data []byte) *fault {
	const most = 8 << 20
	for _, p := range split(data) {
		root, _, f := parse(p.data, p.at)
		if f != nil && (f.cause == CauseAliasBomb || f.cause == CauseTooDeep || f.cause == CauseTooLarge) {
			return f
		}
		if f == nil && root != nil && expandedBytes(root, most) > most {
			return &fault{cause: CauseAliasBomb, pos: root.Pos, message: fmt.Sprintf("aliases expand this document to more than %d bytes", most)}
		}
	}
	return nil
}

// expandedBytes is the size of a value with every alias followed, or anything
// above most.
func expandedBytes(n *Node, most int) int {
	size := len(n.Text) + 1
	for i := range n.Fields {
		if size > most {
			return size
		}
		size += len(n.Fields[i].Key.Text) + expandedBytes(n.Fields[i].Value, most-size)
	}
	for _, item := range n.Items {
		if size > most {
			return size
		}
		size += expandedBytes(item, most-size)
	}
	return size
}
