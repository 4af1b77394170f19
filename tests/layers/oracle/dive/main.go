// Says what dive counts, by its own package, for the test beside it to compare with. On standard input each image comes
// as the number of its layers, and each layer as an archive behind its length, all numbers as four bytes with the
// lowest first. On standard output each image is one line with `error`, or one with the score and the wasted part as
// the bits of their numbers, wasted bytes, size without the first layer and with it; then one line for each path that
// dive lists, in its order by bytes, and a line `end`.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"sort"

	"github.com/wagoodman/dive/dive/filetree"
)

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		count, err := number(in)
		if err != nil {
			return
		}
		layers := make([][]byte, count)
		for place := range layers {
			length, err := number(in)
			if err != nil {
				return
			}
			layers[place] = make([]byte, length)
			if _, err := io.ReadFull(in, layers[place]); err != nil {
				return
			}
		}
		analyze(layers, out)
		fmt.Fprintln(out, "end")
	}
}

func number(in io.Reader) (n uint32, err error) {
	err = binary.Read(in, binary.LittleEndian, &n)
	return n, err
}

func analyze(layers [][]byte, out io.Writer) {
	var trees []*filetree.FileTree
	var all, added uint64
	for place, archive := range layers {
		tree, size, err := read(archive)
		if err != nil {
			fmt.Fprintln(out, "error")
			return
		}
		trees = append(trees, tree)
		all += size
		if place > 0 {
			added += size
		}
	}
	score, paths := filetree.Efficiency(trees)
	var wasted uint64
	for _, data := range paths {
		wasted += uint64(data.CumulativeSize)
	}
	part := float64(wasted) / float64(added)
	if math.IsNaN(part) {
		part = math.NaN()
	}
	fmt.Fprintf(out, "%016x %016x %d %d %d\n", math.Float64bits(score), math.Float64bits(part), wasted, added, all)
	// The order of equal ones is an accident of Go's sort.
	sort.Slice(paths, func(i, j int) bool {
		if paths[i].CumulativeSize != paths[j].CumulativeSize {
			return uint64(paths[i].CumulativeSize) > uint64(paths[j].CumulativeSize)
		}
		return paths[i].Path < paths[j].Path
	})
	for _, data := range paths {
		fmt.Fprintf(out, "%x %d %d\n", data.Path, len(data.Nodes), uint64(data.CumulativeSize))
	}
}

// What dive makes of an archive before it counts.
func read(archive []byte) (*filetree.FileTree, uint64, error) {
	tree, reader := filetree.NewFileTree(), tar.NewReader(bytes.NewReader(archive))
	var size uint64
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return tree, size, nil
		}
		if err != nil {
			return nil, 0, err
		}
		name := path.Clean(header.Name)
		if name == "." {
			continue
		}
		if header.Typeflag == tar.TypeXGlobalHeader {
			return nil, 0, fmt.Errorf("a global header")
		}
		info := filetree.NewFileInfoFromTarHeader(reader, header, name)
		size += uint64(info.Size)
		if _, _, err := tree.AddPath(name, info); err != nil {
			return nil, 0, err
		}
	}
}
