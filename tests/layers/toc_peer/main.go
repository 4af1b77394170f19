// Makes layers with tables of contents, and reads them, by the libraries that engines use: containerd's estargz, and
// podman's storage. For the tests beside it.
//
//	toc-peer sample              writes an archive to standard output
//	toc-peer make KIND           reads an archive; writes a line of JSON with the annotations, then the layer
//	toc-peer read KIND DIGEST    reads a layer; writes a line for each file that stargz opens, or an error
//
// A kind is estargz, estargz-build, estargz-lossless, estargz-chunks, estargz-shared, external, zstd-stargz or zstd-chunked.
package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/containerd/stargz-snapshotter/estargz"
	"github.com/containerd/stargz-snapshotter/estargz/externaltoc"
	"github.com/containerd/stargz-snapshotter/estargz/zstdchunked"
	"github.com/containers/storage/pkg/chunked/compressor"
	"github.com/klauspost/compress/zstd"
	"github.com/opencontainers/go-digest"
)

func main() {
	var err error
	switch os.Args[1] {
	case "sample":
		err = sample(os.Stdout)
	case "make":
		err = write(os.Args[2])
	case "read":
		err = read(os.Args[2], digest.Digest(os.Args[3]))
	}
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
}

// noise is content that does not compress, with a hole of zeros in it.
func noise(size int, seed uint32) []byte {
	content := make([]byte, size)
	for i := range content {
		seed = seed*1664525 + 1013904223
		content[i] = byte(seed >> 24)
	}
	for i := size / 2; i < size/2+size/8; i++ {
		content[i] = 0
	}
	return content
}

func sample(out io.Writer) error {
	w := tar.NewWriter(out)
	at := time.Unix(1700000000, 123456789)
	long := "usr/share/" + string(bytes.Repeat([]byte("long/"), 40)) + "name"
	for _, entry := range []struct {
		header  tar.Header
		content []byte
	}{
		{tar.Header{Typeflag: tar.TypeDir, Name: "bin/", Mode: 0o755, ModTime: at}, nil},
		{tar.Header{Typeflag: tar.TypeReg, Name: "bin/su", Mode: 0o4755, ModTime: at}, noise(3000, 1)},
		{tar.Header{Typeflag: tar.TypeReg, Name: "empty", Mode: 0o600, ModTime: time.Unix(0, 0)}, nil},
		{tar.Header{Typeflag: tar.TypeReg, Name: "bin/ping", Mode: 0o755, Uid: 1000, Gid: 100, Uname: "me", Gname: "users",
			ModTime: time.Unix(1700000000, 999999999),
			PAXRecords: map[string]string{"SCHILY.xattr.security.capability": "\x01\x00\x00\x02\x00 \x00\x00\x00\x00",
				"SCHILY.xattr.user.note": "text"}}, noise(100, 2)},
		{tar.Header{Typeflag: tar.TypeReg, Name: "bin/arping", Mode: 0o755, Uid: 1000, Gid: 100, Uname: "me", Gname: "users",
			ModTime: time.Unix(-5, 0)}, noise(7, 3)},
		{tar.Header{Typeflag: tar.TypeSymlink, Name: "sh", Linkname: "bin/su", Mode: 0o777, ModTime: at}, nil},
		{tar.Header{Typeflag: tar.TypeLink, Name: "bin/su2", Linkname: "bin/su", Mode: 0o4755, ModTime: at}, nil},
		{tar.Header{Typeflag: tar.TypeChar, Name: "dev/null", Mode: 0o666, Devmajor: 1, Devminor: 3, ModTime: at}, nil},
		{tar.Header{Typeflag: tar.TypeBlock, Name: "dev/sda", Mode: 0o660, Devmajor: 8, Devminor: 16, ModTime: at}, nil},
		{tar.Header{Typeflag: tar.TypeFifo, Name: "run/pipe", Mode: 0o644, ModTime: at}, nil},
		{tar.Header{Typeflag: tar.TypeReg, Name: "lib/large", Mode: 0o644, ModTime: at}, noise(600000, 4)},
		{tar.Header{Typeflag: tar.TypeReg, Name: long, Mode: 0o644, Uid: 3000000, ModTime: at}, []byte("x")},
		{tar.Header{Typeflag: tar.TypeReg, Name: "etc/grüße", Mode: 0o640, ModTime: at}, []byte("hello\n")},
	} {
		header := entry.header
		header.Size = int64(len(entry.content))
		header.Format = tar.FormatPAX
		if err := w.WriteHeader(&header); err != nil {
			return err
		}
		if _, err := w.Write(entry.content); err != nil {
			return err
		}
	}
	return w.Close()
}

func write(kind string) error {
	archive, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	var layer bytes.Buffer
	annotations := map[string]string{}
	if kind == "zstd-chunked" {
		w, err := compressor.ZstdCompressor(&layer, annotations, nil)
		if err != nil {
			return err
		}
		if _, err := w.Write(archive); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
	} else if kind == "estargz-build" {
		section := io.NewSectionReader(bytes.NewReader(archive), 0, int64(len(archive)))
		blob, err := estargz.Build(section)
		if err != nil {
			return err
		}
		if _, err := io.Copy(&layer, blob); err != nil {
			return err
		}
		annotations[estargz.TOCJSONDigestAnnotation] = blob.TOCDigest().String()
	} else {
		var w *estargz.Writer
		switch kind {
		case "external":
			w = estargz.NewWriterWithCompressor(&layer, externaltoc.NewGzipCompressorWithLevel(9))
		case "zstd-stargz":
			w = estargz.NewWriterWithCompressor(&layer,
				&zstdchunked.Compressor{CompressionLevel: zstd.SpeedDefault, Metadata: annotations})
		default:
			w = estargz.NewWriter(&layer)
		}
		switch kind {
		case "estargz-chunks", "zstd-stargz":
			w.ChunkSize = 50000
		case "estargz-shared":
			w.ChunkSize, w.MinChunkSize = 100000, 4000
		}
		if kind == "estargz-lossless" {
			err = w.AppendTarLossLess(bytes.NewReader(archive))
		} else {
			err = w.AppendTar(bytes.NewReader(archive))
		}
		if err != nil {
			return err
		}
		table, err := w.Close()
		if err != nil {
			return err
		}
		annotations[estargz.TOCJSONDigestAnnotation] = table.String()
	}
	if err := json.NewEncoder(os.Stdout).Encode(annotations); err != nil {
		return err
	}
	_, err = os.Stdout.Write(layer.Bytes())
	return err
}

func read(kind string, table digest.Digest) error {
	layer, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	options := []estargz.OpenOption{}
	if kind == "zstd-stargz" {
		options = append(options, estargz.WithDecompressors(new(zstdchunked.Decompressor)))
	}
	section := io.NewSectionReader(bytes.NewReader(layer), 0, int64(len(layer)))
	reader, err := estargz.Open(section, options...)
	if err != nil {
		return err
	}
	if table != "" {
		if _, err := reader.VerifyTOC(table); err != nil {
			return err
		}
	}
	return walk(reader, "")
}

func walk(reader *estargz.Reader, path string) error {
	entry, ok := reader.Lookup(path)
	if !ok {
		return fmt.Errorf("no %q", path)
	}
	var err error
	if entry.Type == "reg" {
		file, err := reader.OpenFile(path)
		if err != nil {
			return err
		}
		content, err := io.ReadAll(file)
		if err != nil {
			return err
		}
		fmt.Printf("%s %d %x\n", path, len(content), sha256.Sum256(content))
	}
	entry.ForeachChild(func(name string, _ *estargz.TOCEntry) bool {
		if path != "" {
			name = path + "/" + name
		}
		err = walk(reader, name)
		return err == nil
	})
	return err
}
