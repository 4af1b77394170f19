// Reads archives as Go's archive/tar does, for the test beside it to compare with. On standard input each archive comes
// behind its length, as four bytes with the lowest first; on standard output is one line for each entry, a line `error`
// where reading ended with one, and a line `end` behind each archive.
package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"sort"
)

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		var length uint32
		if err := binary.Read(in, binary.LittleEndian, &length); err != nil {
			return
		}
		archive := make([]byte, length)
		if _, err := io.ReadFull(in, archive); err != nil {
			return
		}
		list(archive, out)
		fmt.Fprintln(out, "end")
	}
}

func list(archive []byte, out io.Writer) {
	reader := tar.NewReader(bytes.NewReader(archive))
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			fmt.Fprintln(out, "error")
			return
		}
		if header.Typeflag == tar.TypeXGlobalHeader {
			fmt.Fprintf(out, "%x global\n", header.Name)
			continue
		}
		xattrs := make([]string, 0)
		for name, value := range header.Xattrs {
			xattrs = append(xattrs, fmt.Sprintf("%x=%x", name, value))
		}
		sort.Strings(xattrs)
		sum := "-"
		// What a sparse file unpacks to may have any size.
		if header.Size < 1<<16 {
			hash := crc32.NewIEEE()
			if n, err := io.Copy(hash, reader); err != nil {
				sum = "cut"
			} else {
				sum = fmt.Sprintf("%d:%08x", n, hash.Sum32())
			}
		}
		fmt.Fprintf(out, "%x %d %x %d %o %d %d %x %x %d.%09d %d,%d %v %s\n", header.Name, header.Typeflag,
			header.Linkname, header.Size, header.Mode, header.Uid, header.Gid, header.Uname, header.Gname,
			header.ModTime.Unix(), header.ModTime.Nanosecond(), header.Devmajor, header.Devminor, xattrs, sum)
	}
}
