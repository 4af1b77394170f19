// A second, independent reader: Go's encoding/json, which takes names without regard to case and the last of two, as
// skopeo, containerd and registries do. Each line of standard input is a manifest that Waybill calls clean and what
// Waybill read in it; each difference is printed, and the last line counts the manifests.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

type platform struct {
	Architecture string
	OS           string
	OSVersion    string `json:"os.version"`
	Variant      string
}

type descriptor struct {
	MediaType   string
	Digest      string
	Size        int64
	URLs        []string
	Annotations map[string]string
	Platform    *platform
}

type manifest struct {
	SchemaVersion int
	MediaType     string
	ArtifactType  string
	Config        *descriptor
	Layers        []descriptor
	Manifests     []descriptor
	Subject       *descriptor
	Annotations   map[string]string
	FSLayers      []struct{ BlobSum string }
	History       []struct{ V1Compatibility string }
}

func shown(kind string, one *descriptor) []string {
	if one == nil {
		return nil
	}
	text := fmt.Sprintf("%s %s %s %d %d %d", kind, one.MediaType, one.Digest, one.Size, len(one.URLs), len(one.Annotations))
	if p := one.Platform; p != nil {
		text += fmt.Sprintf(" %s/%s/%s/%s", p.OS, p.Architecture, p.Variant, p.OSVersion)
	}
	return []string{text}
}

func read(body []byte) ([]string, error) {
	var all manifest
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	lines := shown("config", all.Config)
	for _, layer := range all.Layers {
		lines = append(lines, shown("layer", &layer)...)
	}
	for _, entry := range all.Manifests {
		lines = append(lines, shown("entry", &entry)...)
	}
	lines = append(lines, shown("subject", all.Subject)...)
	// Schema 1 is newest first.
	for index := len(all.FSLayers) - 1; index >= 0; index-- {
		lines = append(lines, "layer "+all.FSLayers[index].BlobSum)
	}
	if all.SchemaVersion == 1 {
		all.Annotations = nil
	}
	lines = append(lines, fmt.Sprintf("%d annotations", len(all.Annotations)))
	return lines, nil
}

func main() {
	input := bufio.NewReader(os.Stdin)
	compared := 0
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			break
		}
		var asked struct {
			Name string
			Body []byte
			Read []string
		}
		if err := json.Unmarshal(line, &asked); err != nil {
			fmt.Println(err)
			os.Exit(2)
		}
		lines, err := read(asked.Body)
		if err != nil || !slices.Equal(lines, asked.Read) {
			fmt.Printf("%s: %v\n%s\nGo:      %q\nWaybill: %q\n", asked.Name, err, asked.Body, lines, asked.Read)
		}
		compared++
	}
	fmt.Println(compared, "compared")
}
