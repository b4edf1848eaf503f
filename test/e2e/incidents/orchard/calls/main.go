// Programs of the shop that hold on to a connection, which a shell script cannot: chosen by the first argument.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	programs := map[string]func(){
		"settle": settle, "quotes": serveQuotes, "board": showBoard, "policy": judgePods,
		"receipts": fetchReceipts, "newsletter": checkAddresses,
		"stamps": stampOrders, "desk": bringOrders,
	}
	if len(os.Args) < 2 || programs[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: calls settle|quotes|board|policy|receipts|newsletter|stamps|desk")
		os.Exit(2)
	}
	programs[os.Args[1]]()
}

// log writes a line of logfmt, as the shop's scripts do.
func log(level, format string, values ...any) {
	fmt.Fprintf(os.Stderr, "time=%s level=%s %s\n", time.Now().UTC().Format(time.RFC3339), level, fmt.Sprintf(format, values...))
}

// settle sends a batch to the bank every PAUSE, over a connection that it keeps; one that fails is sent again two seconds later.
func settle() {
	url, pause := os.Getenv("BANK_URL"), seconds("PAUSE")
	// Without keep-alive packets, as most programs are.
	dialer := &net.Dialer{KeepAlive: -1}
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: dialer.DialContext}}
	log("info", `msg="starting" service=%s version=%s bank=%s pause=%s`, os.Getenv("SERVICE"), os.Getenv("VERSION"), url, pause)
	for batch := 1; ; batch++ {
		for attempt := 1; attempt <= 3; attempt++ {
			err := send(client, url, fmt.Sprintf(`{"batch":%d}`, batch))
			if err == nil {
				log("info", `msg="batch settled" batch=%d attempt=%d`, batch, attempt)
				break
			}
			log("error", `msg="batch not settled" batch=%d attempt=%d error=%q`, batch, attempt, err)
			time.Sleep(2 * time.Second)
		}
		time.Sleep(pause)
	}
}

func send(client *http.Client, url, body string) error {
	answer, err := client.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// serveQuotes answers HTTP/2 without TLS, and HTTP/1.1; each quote takes WORK milliseconds of a processor.
func serveQuotes() {
	work := time.Duration(number("WORK")) * time.Millisecond
	var served atomic.Int64
	go func() {
		for range time.Tick(15 * time.Second) {
			log("info", `msg="served" quotes=%d`, served.Load())
		}
	}()
	handler := http.NewServeMux()
	handler.HandleFunc("/healthz", func(answer http.ResponseWriter, _ *http.Request) { fmt.Fprintln(answer, "ok") })
	handler.HandleFunc("/quote", func(answer http.ResponseWriter, _ *http.Request) {
		calculate(work)
		served.Add(1)
		fmt.Fprintln(answer, `{"price":"12.40"}`)
	})
	log("info", `msg="listening" service=%s version=%s port=8080 protocol=h2c`, os.Getenv("SERVICE"), os.Getenv("VERSION"))
	server := &http.Server{Addr: ":8080", Handler: handler, Protocols: protocols(true)}
	log("fatal", `msg="ended" error=%q`, server.ListenAndServe())
	os.Exit(1)
}

// calculate does as much as a processor does in this time when nobody else wants it.
func calculate(work time.Duration) {
	x := uint64(1)
	for range work.Microseconds() * 400 {
		x = x*6364136223846793005 + 1442695040888963407
	}
	sink.Store(x)
}

var sink atomic.Uint64

// showBoard asks for RATE quotes in a second, all of them over one connection.
func showBoard() {
	url, rate := os.Getenv("QUOTES_URL"), number("RATE")
	client := &http.Client{Transport: &http.Transport{Protocols: protocols(false)}}
	log("info", `msg="starting" service=%s version=%s quotes=%s rate=%d`, os.Getenv("SERVICE"), os.Getenv("VERSION"), url, rate)
	var shown, failed atomic.Int64
	go func() {
		for range time.Tick(15 * time.Second) {
			log("info", `msg="shown" quotes=%d failed=%d`, shown.Load(), failed.Load())
		}
	}()
	for range time.Tick(time.Second / time.Duration(rate)) {
		go func() {
			if err := quote(client, url); err == nil {
				shown.Add(1)
			} else if failed.Add(1)%10 == 1 {
				log("error", `msg="no quote" upstream=quotes error=%q`, err)
			}
		}()
	}
}

func quote(client *http.Client, url string) error {
	limited, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(limited, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// judgePods is a webhook that lets every pod pass; with version 2 the port that it listens on by default is another.
func judgePods() {
	port, version := "9443", os.Getenv("VERSION")
	if strings.HasPrefix(version, "1.") {
		port = "8443"
	}
	go func() {
		healthy := http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) { fmt.Fprintln(answer, "ok") })
		log("fatal", `msg="ended" error=%q`, http.ListenAndServe(":8081", healthy))
		os.Exit(1)
	}()
	log("info", `msg="listening" service=%s version=%s port=%s health=8081`, os.Getenv("SERVICE"), version, port)
	err := http.ListenAndServeTLS(":"+port, "/etc/policy/tls.crt", "/etc/policy/tls.key", http.HandlerFunc(judge))
	log("fatal", `msg="ended" error=%q`, err)
	os.Exit(1)
}

func judge(answer http.ResponseWriter, asked *http.Request) {
	var review struct {
		Request struct {
			UID       string `json:"uid"`
			Namespace string `json:"namespace"`
		} `json:"request"`
	}
	if err := json.NewDecoder(asked.Body).Decode(&review); err != nil {
		http.Error(answer, err.Error(), http.StatusBadRequest)
		return
	}
	log("info", `msg="pod allowed" namespace=%s`, review.Request.Namespace)
	answer.Header().Set("Content-Type", "application/json")
	json.NewEncoder(answer).Encode(map[string]any{
		"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
		"response": map[string]any{"uid": review.Request.UID, "allowed": true},
	})
}

// fetchReceipts asks the ledger every PAUSE, each time by name and on a new connection.
func fetchReceipts() {
	url, pause := os.Getenv("LEDGER_URL"), seconds("PAUSE")
	dialer := &net.Dialer{Timeout: 12 * time.Second}
	client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}
	log("info", `msg="starting" service=%s version=%s ledger=%s pause=%s`, os.Getenv("SERVICE"), os.Getenv("VERSION"), url, pause)
	var written, failed atomic.Int64
	go func() {
		for range time.Tick(15 * time.Second) {
			log("info", `msg="receipts written" receipts=%d failed=%d`, written.Load(), failed.Load())
		}
	}()
	for range time.Tick(pause) {
		go func() {
			answer, err := client.Get(url)
			if err != nil {
				failed.Add(1)
				log("error", `msg="no receipt" upstream=ledger error=%q`, err)
				return
			}
			answer.Body.Close()
			written.Add(1)
		}()
	}
}

// checkAddresses looks up the hosts of ADDRESSES addresses, RATE in a second and WORKERS at once at most, and then has nothing to do.
func checkAddresses() {
	rate, addresses, workers := number("RATE"), number("ADDRESSES"), number("WORKERS")
	log("info", `msg="checking addresses" service=%s version=%s addresses=%d rate=%d`, os.Getenv("SERVICE"), os.Getenv("VERSION"), addresses, rate)
	var checked, failed atomic.Int64
	go func() {
		for range time.Tick(15 * time.Second) {
			log("info", `msg="checked" addresses=%d failed=%d`, checked.Load(), failed.Load())
		}
	}()
	busy, tick := make(chan struct{}, workers), time.Tick(time.Second/time.Duration(rate))
	for one := range addresses {
		<-tick
		busy <- struct{}{}
		go func() {
			defer func() { <-busy }()
			_, err := net.DefaultResolver.LookupHost(context.Background(), fmt.Sprintf("mail.provider-%02d.example", one%40))
			if err == nil {
				checked.Add(1)
			} else if failed.Add(1)%10 == 1 {
				log("error", `msg="address not checked" error=%q`, err)
			}
		}()
	}
	log("info", `msg="all addresses are checked"`)
	select {}
}

// stampOrders answers one connection after the other, each after WORK milliseconds of waiting for its device; BACKLOG more may wait for it.
func stampOrders() {
	work, backlog := time.Duration(number("WORK"))*time.Millisecond, number("BACKLOG")
	listener, err := listen(8090, backlog)
	if err != nil {
		log("fatal", `msg="cannot listen" error=%q`, err)
		os.Exit(1)
	}
	log("info", `msg="listening" service=%s version=%s port=8090 backlog=%d`, os.Getenv("SERVICE"), os.Getenv("VERSION"), backlog)
	var stamped atomic.Int64
	go func() {
		for range time.Tick(15 * time.Second) {
			log("info", `msg="stamped" orders=%d`, stamped.Load())
		}
	}()
	for {
		connection, err := listener.Accept()
		if err != nil {
			log("error", `msg="not accepted" error=%q`, err)
			continue
		}
		time.Sleep(work)
		fmt.Fprint(connection, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nstamped\n")
		connection.Close()
		stamped.Add(1)
	}
}

// listen is net.Listen with a backlog, which Go always takes from somaxconn.
func listen(port, backlog int) (net.Listener, error) {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	if err := syscall.Bind(socket, &syscall.SockaddrInet4{Port: port}); err != nil {
		return nil, err
	}
	if err := syscall.Listen(socket, backlog); err != nil {
		return nil, err
	}
	return net.FileListener(os.NewFile(uintptr(socket), "stamps"))
}

// bringOrders has RATE orders stamped in a second, each on a connection of its own.
func bringOrders() {
	url, rate := os.Getenv("STAMPS_URL"), number("RATE")
	dialer := &net.Dialer{Timeout: 2 * time.Second}
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}}
	log("info", `msg="starting" service=%s version=%s stamps=%s rate=%d`, os.Getenv("SERVICE"), os.Getenv("VERSION"), url, rate)
	var done, failed atomic.Int64
	go func() {
		for range time.Tick(15 * time.Second) {
			log("info", `msg="orders stamped" orders=%d failed=%d`, done.Load(), failed.Load())
		}
	}()
	for range time.Tick(time.Second / time.Duration(rate)) {
		go func() {
			answer, err := client.Get(url)
			if err == nil {
				answer.Body.Close()
				done.Add(1)
			} else if failed.Add(1)%5 == 1 {
				log("error", `msg="order not stamped" upstream=stamps error=%q`, err)
			}
		}()
	}
}

// protocols is HTTP/2 without TLS, which a client has to choose alone.
func protocols(both bool) *http.Protocols {
	chosen := new(http.Protocols)
	chosen.SetUnencryptedHTTP2(true)
	chosen.SetHTTP1(both)
	return chosen
}

func seconds(name string) time.Duration {
	return time.Duration(number(name)) * time.Second
}

func number(name string) int {
	value, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		log("fatal", `msg="cannot start: invalid setting" setting=%s error=%q`, name, err)
		os.Exit(78)
	}
	return value
}
