package rpc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/luxfi/session/refusal"
)

// Config bounds the service. What is zero has its default, apart from the rates: zero
// disables them.
type Config struct {
	// MaxBodyBytes bounds a request's body: 4 MiB. A transaction has at most 1 MiB, twice
	// that in hex.
	MaxBodyBytes int64 `json:"maxBodyBytes"`
	// MaxBatch bounds the calls of a batch: 64.
	MaxBatch int `json:"maxBatch"`
	// MaxTransactions bounds the transactions of one POST /transactions: 1024.
	MaxTransactions int `json:"maxTransactions"`
	// MaxAnswerBytes bounds the results of a batch together (a single call always gets its
	// answer) and an eighth of it a page of messages: 16 MiB.
	MaxAnswerBytes int64 `json:"maxAnswerBytes"`
	// PageSize is the length of a page if a call does not say: 64. MaxPageSize bounds it: 256.
	PageSize    uint64 `json:"pageSize"`
	MaxPageSize uint64 `json:"maxPageSize"`
	// WaitSeconds is how long a call waits for acceptance if it does not say: 10.
	// MaxWaitSeconds bounds it: 20. A node ends an answer 30 s after the request, and a poll
	// may wait another 5 s for signatures.
	WaitSeconds    uint64 `json:"waitSeconds"`
	MaxWaitSeconds uint64 `json:"maxWaitSeconds"`

	// RequestRate bounds the calls of one client per second, RequestBurst those at once.
	RequestRate  float64 `json:"requestRate"`
	RequestBurst int     `json:"requestBurst"`
	// UnsignedRate bounds the transactions of one client per second that nobody signs
	// (RegisterIdentity and LP-42's plain CreateSession) or that carry a registration,
	// UnsignedBurst those at once.
	UnsignedRate  float64 `json:"unsignedRate"`
	UnsignedBurst int     `json:"unsignedBurst"`
	// CertificateRate bounds the certificates and Warp messages of one client per second
	// that have to be collected from the validators, CertificateBurst those at once.
	CertificateRate  float64 `json:"certificateRate"`
	CertificateBurst int     `json:"certificateBurst"`
	// MaxBytesInFlight bounds the bytes of large bodies and of answers that are in memory at a
	// time: 128 MiB. MaxWaiting bounds the calls that wait at a time: 4096. When
	// all are taken, those of the client with most give way.
	MaxBytesInFlight int64 `json:"maxBytesInFlight"`
	MaxWaiting       int   `json:"maxWaiting"`
	// MaxConnections bounds the connections of a chain that runs by itself: 1024. When there are as
	// many, those of the client with most give way.
	MaxConnections int `json:"maxConnections"`
	// TrustedProxies are the addresses, or networks like 10.0.0.0/8, whose X-Forwarded-For is
	// believed. "node" stands for the node that this is a plugin of.
	TrustedProxies []string `json:"trustedProxies"`
	// AllowedHosts are the names in a Host header that a chain that runs by itself answers
	// to, beside the loopback's and the one of --http. "*" is all.
	AllowedHosts []string `json:"allowedHosts"`
	// AllowedOrigins are the web pages, like https://example.org, whose scripts a chain that
	// runs by itself answers. "*" is all.
	AllowedOrigins []string `json:"allowedOrigins"`
	// MaxClients bounds the clients whose rates are remembered: 8192. The one that has been
	// idle longest is forgotten first.
	MaxClients int `json:"maxClients"`
	// OHTTPKey is the file of the key of the gateway of Oblivious HTTP, which is made if there is none.
	// Empty: no gateway.
	OHTTPKey string `json:"ohttpKey"`

	// Version of the software, for GetChainInfo.
	Version string `json:"-"`
}

// DefaultConfig returns the defaults, with rates: 2,000 calls per second and client
// (bursts of 4,000), 20 unsigned transactions (bursts of 200), and 100 certificates
// (bursts of 1,000).
func DefaultConfig() Config {
	return Config{
		MaxBodyBytes:   4 << 20,
		MaxBatch:       64,
		MaxAnswerBytes: 16 << 20,

		MaxTransactions:  1024,
		MaxBytesInFlight: 128 << 20,
		MaxWaiting:       4096,
		MaxConnections:   1024,

		PageSize:       64,
		MaxPageSize:    256,
		WaitSeconds:    10,
		MaxWaitSeconds: 20,
		RequestRate:    2000,
		RequestBurst:   4000,
		UnsignedRate:   20,
		UnsignedBurst:  200,

		CertificateRate:  100,
		CertificateBurst: 1000,
		MaxClients:       8192,
	}
}

// Check refuses values that make no sense, with refusal.ErrConfig.
func (c Config) Check() error {
	for _, bound := range []struct {
		name  string
		value float64
		top   float64
	}{
		{"maxBodyBytes", float64(c.MaxBodyBytes), 1 << 30},
		{"maxBatch", float64(c.MaxBatch), 1 << 16},
		{"maxAnswerBytes", float64(c.MaxAnswerBytes), 1 << 34},
		{"pageSize", float64(c.PageSize), float64(c.filled().MaxPageSize)},
		{"maxPageSize", float64(c.MaxPageSize), 1 << 16},
		{"waitSeconds", float64(c.WaitSeconds), float64(c.filled().MaxWaitSeconds)},
		{"maxWaitSeconds", float64(c.MaxWaitSeconds), 24},
		{"maxTransactions", float64(c.MaxTransactions), 1 << 16},
		{"maxBytesInFlight", float64(c.MaxBytesInFlight), 1 << 40},
		{"maxWaiting", float64(c.MaxWaiting), 1 << 24},
		{"maxConnections", float64(c.MaxConnections), 1 << 20},
		{"requestRate", c.RequestRate, 1e9},
		{"requestBurst", float64(c.RequestBurst), 1e9},
		{"unsignedRate", c.UnsignedRate, 1e9},
		{"unsignedBurst", float64(c.UnsignedBurst), 1e9},
		{"certificateRate", c.CertificateRate, 1e9},
		{"certificateBurst", float64(c.CertificateBurst), 1e9},
		{"maxClients", float64(c.MaxClients), 1 << 24},
	} {
		if !(bound.value >= 0 && bound.value <= bound.top) {
			return refusal.New(refusal.ErrConfig, fmt.Sprintf("%s from 0 to %.0f", bound.name, bound.top), bound.value)
		}
	}
	if body, budget := c.filled().MaxBodyBytes, c.filled().MaxBytesInFlight; budget < 2*body {
		return refusal.New(refusal.ErrConfig, fmt.Sprintf("maxBytesInFlight of at least %d, twice maxBodyBytes", 2*body), budget)
	}
	_, err := parseProxies(c.TrustedProxies)
	return err
}

// filled returns the configuration with defaults for what is zero.
func (c Config) filled() Config {
	defaults := DefaultConfig()
	fill(&c.MaxBodyBytes, defaults.MaxBodyBytes)
	fill(&c.MaxBatch, defaults.MaxBatch)
	fill(&c.MaxAnswerBytes, defaults.MaxAnswerBytes)
	fill(&c.MaxTransactions, defaults.MaxTransactions)
	fill(&c.MaxBytesInFlight, defaults.MaxBytesInFlight)
	fill(&c.MaxWaiting, defaults.MaxWaiting)
	fill(&c.MaxConnections, defaults.MaxConnections)
	fill(&c.MaxPageSize, defaults.MaxPageSize)
	fill(&c.PageSize, min(defaults.PageSize, c.MaxPageSize))
	fill(&c.MaxWaitSeconds, defaults.MaxWaitSeconds)
	fill(&c.WaitSeconds, min(defaults.WaitSeconds, c.MaxWaitSeconds))
	fill(&c.MaxClients, defaults.MaxClients)
	return c
}

func fill[T int | int64 | uint64](value *T, standard T) {
	if *value <= 0 {
		*value = standard
	}
}

func (c Config) wait() time.Duration    { return time.Duration(c.WaitSeconds) * time.Second }
func (c Config) maxWait() time.Duration { return time.Duration(c.MaxWaitSeconds) * time.Second }
func (c Config) pageBytes() int         { return int(c.MaxAnswerBytes / 8) }

// ParseConfig decodes the member "rpc" of a node's configuration strictly. What it leaves
// out has its default.
func ParseConfig(encoded json.RawMessage) (Config, error) {
	config := DefaultConfig()
	if len(bytes.TrimSpace(encoded)) == 0 {
		return config, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&config); err != nil {
		return config, refusal.New(refusal.ErrConfig, `a JSON object with the options of "rpc"`, err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return config, refusal.New(refusal.ErrConfig, `nothing after the JSON object of "rpc"`, "more")
	}
	return config, config.Check()
}
