// Renders a chart as Helm does, with the same template engine and the same functions, where there is no Helm:
//
//	render <chart folder> <values as JSON>
//
// The values are whole: whoever calls has merged the defaults. Prints, as JSON, the text as it comes out and the objects in it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"github.com/ghodss/yaml"
)

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(chart, valuesText string) error {
	var values map[string]interface{}
	if err := json.Unmarshal([]byte(valuesText), &values); err != nil {
		return err
	}
	paths, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	if err != nil {
		return err
	}
	sort.Strings(paths)
	// A name that the values have not is an error here; Helm takes it for nothing, which nobody means.
	root := template.New("chart").Option("missingkey=error")
	root.Funcs(functions(root))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if _, err := root.New(filepath.Base(path)).Parse(string(text)); err != nil {
			return err
		}
	}
	context := map[string]interface{}{
		"Values":  values,
		"Release": map[string]interface{}{"Name": "keys", "Namespace": "mcpstack-keys", "Service": "Helm"},
	}
	var out, notes strings.Builder
	for _, path := range paths {
		// A name with an underscore holds definitions alone, and the notes are for people.
		if name := filepath.Base(path); strings.HasSuffix(name, ".yaml") {
			out.WriteString("---\n")
			if err := root.ExecuteTemplate(&out, name, context); err != nil {
				return err
			}
		} else if name == "NOTES.txt" {
			if err := root.ExecuteTemplate(&notes, name, context); err != nil {
				return err
			}
		}
	}
	objects := []interface{}{}
	for _, document := range strings.Split(out.String(), "\n---\n") {
		var object interface{}
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			return fmt.Errorf("%w in:\n%s", err, document)
		}
		if object != nil {
			objects = append(objects, object)
		}
	}
	answer := map[string]interface{}{"text": out.String(), "notes": notes.String(), "objects": objects}
	return json.NewEncoder(os.Stdout).Encode(answer)
}

// functions are sprig's and those that Helm adds to them, of which the chart may use these.
func functions(root *template.Template) template.FuncMap {
	all := sprig.TxtFuncMap()
	all["toYaml"] = func(value interface{}) (string, error) {
		text, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n"), err
	}
	all["include"] = func(name string, data interface{}) (string, error) {
		var out strings.Builder
		err := root.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	return all
}
