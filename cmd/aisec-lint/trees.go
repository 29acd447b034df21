package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/pflag"

	"github.com/aisec-lint/aisec-lint/analyzer"
	"github.com/aisec-lint/aisec-lint/loader"
	"github.com/aisec-lint/aisec-lint/report"
)

// treeFlags say which files are read and how: every command that reads trees
// has them.
type treeFlags struct {
	paths       []string
	exclude     []string
	noGitignore bool
	namespace   string
	setRoots    []string
	environment string
	helm        helmFlags
	kustomize   string
}

func (t *treeFlags) register(f *pflag.FlagSet) {
	f.StringArrayVar(&t.exclude, "exclude", nil, "skip files that match this `GLOB` (repeatable)")
	f.BoolVar(&t.noGitignore, "no-gitignore", false, "also read what .gitignore names")
	f.StringVarP(&t.namespace, "namespace", "n", "", "namespace of the objects that name none, as kubectl -n would give them")
	f.StringArrayVar(&t.setRoots, "set-root", nil, "take everything below `DIR` for one environment, whatever overlays or versions lie in it (repeatable)")
	f.StringVar(&t.environment, "environment", "", "audit the environment of this `NAME` alone; aisec-lint environments lists them")
	t.helm.register(f)
	f.StringVar(&t.kustomize, "kustomize", "auto", "build kustomizations in process, without network: auto, off")
}

// read takes the paths, the working directory if there are none, and checks
// the flags.
func (t *treeFlags) read(f *pflag.FlagSet) error {
	t.paths = f.Args()
	if len(t.paths) == 0 {
		t.paths = []string{"."}
	}
	return errors.Join(t.helm.check(), oneOf("--kustomize", t.kustomize, []string{"auto", "off"}))
}

func (t *treeFlags) loaderOptions(stdin io.Reader) loader.Options {
	return t.helm.options(loader.Options{
		Paths: t.paths, Stdin: stdin, Exclude: t.exclude, NoGitignore: t.noGitignore, Namespace: t.namespace,
		NoKustomize: t.kustomize == "off", SetRoots: t.setRoots, Environment: t.environment,
	})
}

// askFlags are those of the commands that answer a question about trees.
type askFlags struct {
	treeFlags

	format, output       string
	color                string
	quiet, verbose, help bool
}

func newAskFlags(name string, a *askFlags, own func(*pflag.FlagSet)) *pflag.FlagSet {
	f := pflag.NewFlagSet(name, pflag.ContinueOnError)
	f.SortFlags = false
	f.SetOutput(io.Discard) // errors are printed once, by run
	own(f)
	f.StringVarP(&a.output, "output", "o", "", "write to `FILE`")
	a.register(f)
	f.StringVar(&a.color, "color", "auto", "colour the text: auto, always, never")
	f.BoolVarP(&a.quiet, "quiet", "q", false, "no notes")
	f.BoolVarP(&a.verbose, "verbose", "v", false, "also what stayed unknown")
	f.BoolVarP(&a.help, "help", "h", false, "print this help")
	return f
}

// parse reads the arguments and checks the flags that every question has.
func (a *askFlags) parse(f *pflag.FlagSet, args, formats []string) error {
	if err := f.Parse(args); err != nil {
		return flagError(err, f)
	}
	return errors.Join(a.read(f), oneOf("--format", a.format, formats), oneOf("--color", a.color, []string{"auto", "always", "never"}))
}

// model reads the trees and derives what they mean, with a word on what the
// answer does not rest on.
func (a *askFlags) model(stdin io.Reader, stderr io.Writer) (*analyzer.Model, error) {
	ctx := context.Background()
	tree, err := loader.Load(ctx, a.loaderOptions(stdin))
	if err != nil {
		return nil, err
	}
	if !a.quiet {
		writeUnread(stderr, tree)
	}
	model := analyzer.Build(ctx, tree)
	if !a.quiet {
		writeNotes(stderr, tree, model, a.verbose)
	}
	if model.Objects == 0 {
		return nil, nothingRead(a.paths, tree)
	}
	return model, nil
}

// reply writes the answer. Whatever it says, it was given: the exit code is
// that of success.
func (a *askFlags) reply(stdout io.Writer, write func(io.Writer, report.Options) error) (int, error) {
	if a.output != "" {
		return exitClean, toFile(a.output, func(w io.Writer) error {
			return write(w, report.Options{Color: a.color == "always"})
		})
	}
	return exitClean, write(stdout, report.Options{Color: useColor(a.color, stdout)})
}
