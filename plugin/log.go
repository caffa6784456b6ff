package main

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"
)

// logging is how the program logs. It may change while the program runs, because a plugin gets its
// configuration from the node, after it has begun.
type logging struct {
	level slog.LevelVar
	json  atomic.Bool
}

// set changes the least level that is logged, and whether a line is a JSON object.
func (l *logging) set(level slog.Level, json bool) {
	l.level.Set(level)
	l.json.Store(json)
}

// logger returns a logger that writes to out.
func (l *logging) logger(out io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: &l.level}
	return slog.New(logHandler{l, slog.NewTextHandler(out, options), slog.NewJSONHandler(out, options)})
}

// logHandler writes in one of two formats.
type logHandler struct {
	*logging
	asText, asJSON slog.Handler
}

// Enabled implements slog.Handler.
func (h logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

// Handle implements slog.Handler.
func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	if h.json.Load() {
		return h.asJSON.Handle(ctx, record)
	}
	return h.asText.Handle(ctx, record)
}

// WithAttrs implements slog.Handler.
func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.logging, h.asText.WithAttrs(attrs), h.asJSON.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{h.logging, h.asText.WithGroup(name), h.asJSON.WithGroup(name)}
}
