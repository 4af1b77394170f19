// Counts images as dive does, by its own package, for the test beside it to compare with. On standard input is for each
// image the number of its layers, then each layer behind its length, all as four bytes with the lowest first. On
// standard output is for each image a line of the score, the wasted bytes, their part of the user's bytes and all bytes,
// the numbers with a point as their bits in hexadecimal; a line for each inefficient file; and a line `end`. An image
// that dive refuses has the line `refused` alone.
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

	"github.com/wagoodman/dive/dive/filetree"
)

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		layers, err := number(in)
		if err != nil {
			return
		}
		image(in, out, layers)
		fmt.Fprintln(out, "end")
	}
}

func number(in io.Reader) (uint32, error) {
	var value uint32
	err := binary.Read(in, binary.LittleEndian, &value)
	return value, err
}

// What dive/image does around its trees, which is not to be had without the rest of it.
func image(in io.Reader, out io.Writer, layers uint32) {
	trees := make([]*filetree.FileTree, 0)
	var all, user uint64
	isRefused := false
	for layer := uint32(0); layer < layers; layer++ {
		length, _ := number(in)
		archive := make([]byte, length)
		io.ReadFull(in, archive)
		tree, size, err := read(archive)
		isRefused = isRefused || err != nil
		trees = append(trees, tree)
		all += size
		if layer > 0 {
			user += size
		}
	}
	if isRefused {
		fmt.Fprintln(out, "refused")
		return
	}
	score, files := filetree.Efficiency(trees)
	var wasted uint64
	for _, file := range files {
		wasted += uint64(file.CumulativeSize)
	}
	part := float64(wasted) / float64(user)
	if math.IsNaN(part) {
		fmt.Fprintf(out, "%016x %d NaN %d\n", math.Float64bits(score), wasted, all)
	} else {
		fmt.Fprintf(out, "%016x %d %016x %d\n", math.Float64bits(score), wasted, math.Float64bits(part), all)
	}
	for _, file := range files {
		fmt.Fprintf(out, "%x %d %d\n", file.Path, len(file.Nodes), uint64(file.CumulativeSize))
	}
}

func read(archive []byte) (*filetree.FileTree, uint64, error) {
	tree, size := filetree.NewFileTree(), uint64(0)
	reader := tar.NewReader(bytes.NewReader(archive))
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return tree, size, nil
		}
		if err != nil {
			return tree, size, err
		}
		name := path.Clean(header.Name)
		if name == "." {
			continue
		}
		if header.Typeflag == tar.TypeXGlobalHeader {
			return tree, size, fmt.Errorf("a global header")
		}
		file := filetree.NewFileInfoFromTarHeader(reader, header, name)
		size += uint64(file.Size)
		if _, _, err := tree.AddPath(name, file); err != nil {
			return tree, size, err
		}
	}
}
