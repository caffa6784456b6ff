package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	vmpb "github.com/luxfi/node/proto/pb/vm"
	runtimepb "github.com/luxfi/node/proto/pb/vm/runtime"
	"github.com/luxfi/node/vms/rpcchainvm/grpcutils"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// Protocol is the number of the plugin protocol that luxd v1.22 and AvalancheGo v1.13.3
// speak. Later numbers of AvalancheGo's only add to it, so that a plugin may claim them.
const Protocol = 42

const (
	handshakeTimeout = 5 * time.Second
	// stopTimeout bounds the wait for calls of the node that are under way.
	stopTimeout = 3 * time.Second
)

// engineAddressVariables are where a node puts its address: luxd and AvalancheGo.
var engineAddressVariables = []string{"LUX_VM_RUNTIME_ENGINE_ADDR", "AVALANCHE_VM_RUNTIME_ENGINE_ADDR"}

// EngineAddress returns the address of the node that started this process as a plugin; ""
// if none did.
func EngineAddress() string {
	for _, name := range engineAddressVariables {
		if address := os.Getenv(name); address != "" {
			return address
		}
	}
	return ""
}

// Options are what the plugin tells its node.
type Options struct {
	Version  string // of the software
	Protocol uint   // of the plugin: the node refuses any number but its own
	Log      *slog.Logger
	SetLog   func(level slog.Level, json bool) // see vm.Host
}

// Serve runs the plugin for the node at an engine address until the node ends it or is
// gone, and closes the chain.
func Serve(ctx context.Context, engine string, options Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parent, orphaned := os.Getppid(), make(chan struct{})
	go watchParent(ctx, parent, orphaned)
	// The log goes to a pipe that ends in the node. When the node is gone, a line of it must
	// not end this process before the database is closed.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)

	served := newServer(NewChainVM(options.Version, options.Log, options.SetLog))
	listener, err := grpcutils.NewListener()
	if err != nil {
		return err
	}
	// Messages have any size; no call runs on when the chain is closed.
	server := grpc.NewServer(slices.Concat(grpcutils.DefaultServerOptions, []grpc.ServerOption{grpc.WaitForHandlers(true)})...)
	vmpb.RegisterVMServer(server, served)
	alive := health.NewServer()
	alive.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
	healthpb.RegisterHealthServer(server, alive)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	if err := handshake(ctx, engine, options.Protocol, listener.Addr().String()); err != nil {
		server.Stop()
		return fmt.Errorf("handshake with the node at %s, plugin protocol %d: %w", engine, options.Protocol, err)
	}
	reason, err := served.wait(ctx, signals, orphaned, failed)
	options.Log.Info("plugin stops", "reason", reason)
	stop(server)
	_, shutdownErr := served.Shutdown(context.Background(), nil)
	return errors.Join(err, shutdownErr)
}

// handshake tells the node where the plugin serves.
func handshake(ctx context.Context, engine string, protocol uint, address string) error {
	connection, err := grpcutils.Dial(engine)
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	_, err = runtimepb.NewRuntimeClient(connection).Initialize(ctx, &runtimepb.InitializeRequest{
		ProtocolVersion: uint32(protocol),
		Addr:            address,
	})
	return err
}

// wait returns why the plugin must end.
func (s *server) wait(ctx context.Context, signals <-chan os.Signal, orphaned <-chan struct{}, failed <-chan error) (string, error) {
	for {
		select {
		case received := <-signals:
			if received == syscall.SIGTERM && s.allowShutdown.Get() {
				return "the node has shut it down", nil
			}
		case <-orphaned:
			return "the process that started it is gone", nil
		case <-s.hostGone:
			return "the connection to the node is lost", nil
		case err := <-failed:
			return "its server has failed", err
		case <-ctx.Done():
			return "cancelled", nil
		}
	}
}

// stop lets calls of the node finish, for a bounded time.
func stop(server *grpc.Server) {
	finished := make(chan struct{})
	go func() {
		server.GracefulStop()
		close(finished)
	}()
	select {
	case <-finished:
	case <-time.After(stopTimeout):
		go server.Stop()
		select {
		case <-finished:
		case <-time.After(stopTimeout):
		}
	}
}
