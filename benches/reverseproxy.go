// The peer of the proxy's bench: Go's httputil.ReverseProxy as its documentation shows it, with a pool that keeps as
// many connections as the bench has clients (two by default).
package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
)

func main() {
	upstream, err := url.Parse(os.Args[1])
	if err != nil {
		panic(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	proxy := httputil.NewSingleHostReverseProxy(upstream)
	proxy.Transport = transport
	fmt.Printf("listening on %s\n", listener.Addr())
	panic(http.Serve(listener, proxy))
}
