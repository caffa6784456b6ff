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
	// MaxAnswerBytes bounds the results of a batch together (a single call always gets its
	// answer) and an eighth of it a page of messages: 32 MiB.
	MaxAnswerBytes int64 `json:"maxAnswerBytes"`
	// PageSize is the length of a page if a call does not say: 64. MaxPageSize bounds it: 256.
	PageSize    uint64 `json:"pageSize"`
	MaxPageSize uint64 `json:"maxPageSize"`
	// WaitSeconds is how long a call waits for acceptance if it does not say: 10.
	// MaxWaitSeconds bounds it: 60.
	WaitSeconds    uint64 `json:"waitSeconds"`
	MaxWaitSeconds uint64 `json:"maxWaitSeconds"`

	// RequestRate bounds the calls of one client per second, RequestBurst those at once.
	RequestRate  float64 `json:"requestRate"`
	RequestBurst int     `json:"requestBurst"`
	// UnsignedRate bounds the transactions of one client per second that nobody signs
	// (RegisterIdentity and LP-42's plain CreateSession), UnsignedBurst those at once.
	UnsignedRate  float64 `json:"unsignedRate"`
	UnsignedBurst int     `json:"unsignedBurst"`
	// CertificateRate bounds the certificates and Warp messages of one client per second
	// that have to be collected from the validators, CertificateBurst those at once.
	CertificateRate  float64 `json:"certificateRate"`
	CertificateBurst int     `json:"certificateBurst"`
	// MaxClients bounds the clients whose rates are remembered: 8192. The one that has been
	// idle longest is forgotten first.
	MaxClients int `json:"maxClients"`

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
		MaxAnswerBytes: 32 << 20,
		PageSize:       64,
		MaxPageSize:    256,
		WaitSeconds:    10,
		MaxWaitSeconds: 60,
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
		{"maxWaitSeconds", float64(c.MaxWaitSeconds), 3600},
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
	return nil
}

// filled returns the configuration with defaults for what is zero.
func (c Config) filled() Config {
	defaults := DefaultConfig()
	fill(&c.MaxBodyBytes, defaults.MaxBodyBytes)
	fill(&c.MaxBatch, defaults.MaxBatch)
	fill(&c.MaxAnswerBytes, defaults.MaxAnswerBytes)
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
