// Applies layers as engines do, by their own packages, for the test beside it to compare with: containerd where it
// unpacks into one directory (naive) and for its overlay, and moby. Needs root, since they set owners and make devices.
// On standard input is for each image the number of its layers, then each layer behind its length, all as four bytes
// with the lowest first. On standard output is for each image a line for each engine: its name, then the paths that are
// there at the end, a directory with a slash, or `refused`; and a line `end`.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	containerd "github.com/containerd/containerd/v2/pkg/archive"
	moby "github.com/moby/go-archive"
	"golang.org/x/sys/unix"
)

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		layers, err := image(in)
		if err != nil {
			return
		}
		for _, engine := range []string{"naive", "overlay", "moby"} {
			fmt.Fprintln(out, engine, applied(engine, layers))
		}
		fmt.Fprintln(out, "end")
	}
}

func image(in io.Reader) ([][]byte, error) {
	count, err := number(in)
	if err != nil {
		return nil, err
	}
	layers := make([][]byte, count)
	for place := range layers {
		length, err := number(in)
		if err != nil {
			return nil, err
		}
		layers[place] = make([]byte, length)
		if _, err := io.ReadFull(in, layers[place]); err != nil {
			return nil, err
		}
	}
	return layers, nil
}

func number(in io.Reader) (uint32, error) {
	var number uint32
	err := binary.Read(in, binary.LittleEndian, &number)
	return number, err
}

// Applies layers in a folder of their own, and lists what is there then.
func applied(engine string, layers [][]byte) string {
	root, err := os.MkdirTemp("", "engines")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(root)
	// The top first.
	folders := []string{}
	for place, layer := range layers {
		folder := filepath.Join(root, "all")
		if engine == "overlay" {
			folder = filepath.Join(root, fmt.Sprint(place))
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			panic(err)
		}
		if err := apply(engine, folder, folders, bytes.NewReader(layer)); err != nil {
			return "refused"
		}
		if engine == "overlay" || place == 0 {
			folders = slices.Insert(folders, 0, folder)
		}
	}
	var paths []string
	merge(folders, "", &paths)
	slices.Sort(paths)
	return strings.Join(paths, " ")
}

func apply(engine, folder string, parents []string, layer io.Reader) error {
	switch engine {
	case "naive":
		_, err := containerd.Apply(context.Background(), folder, layer)
		return err
	case "overlay":
		_, err := containerd.Apply(context.Background(), folder, layer,
			containerd.WithConvertWhiteout(containerd.OverlayConvertWhiteout), containerd.WithParents(parents))
		return err
	default:
		_, err := moby.UnpackLayer(folder, layer, &moby.TarOptions{})
		return err
	}
}

// Lists what an overlay of folders shows, the top first: of one folder that is what is in it.
func merge(folders []string, above string, paths *[]string) {
	seen := map[string]bool{}
	for place, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			panic(err)
		}
		for _, entry := range entries {
			name := entry.Name()
			if seen[name] {
				continue
			}
			seen[name] = true
			if isWhiteout(filepath.Join(folder, name)) {
				continue
			}
			if !entry.IsDir() {
				*paths = append(*paths, above+name)
				continue
			}
			*paths = append(*paths, above+name+"/")
			merge(directories(folders[place:], name), above+name+"/", paths)
		}
	}
}

// The directories of a name that show together, from the top to the first that hides those below.
func directories(folders []string, name string) []string {
	var found []string
	for _, folder := range folders {
		path := filepath.Join(folder, name)
		info, err := os.Lstat(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil || !info.IsDir() {
			break
		}
		found = append(found, path)
		if isOpaque(path) {
			break
		}
	}
	return found
}

func isOpaque(path string) bool {
	value := make([]byte, 1)
	length, err := unix.Lgetxattr(path, "trusted.overlay.opaque", value)
	return err == nil && length == 1 && value[0] == 'y'
}

func isWhiteout(path string) bool {
	info, err := os.Lstat(path)
	if err != nil {
		panic(err)
	}
	status, known := info.Sys().(*syscall.Stat_t)
	return known && info.Mode()&os.ModeCharDevice != 0 && status.Rdev == 0
}
