package node

import (
	"context"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
)

const (
	// parentPoll is how often the parent process is looked at.
	parentPoll = 250 * time.Millisecond
	// hostTimeout is how long the node may be out of reach before it counts as gone. A
	// process that has ended refuses connections at once; one that is stopped for a while
	// keeps them.
	hostTimeout = 5 * time.Second
)

// watchParent closes gone when the process that started this one has ended: another
// process is the parent then. (PR_SET_PDEATHSIG would tell when the *thread* ends that
// started us, exists on Linux alone, and is the starter's choice.)
func watchParent(ctx context.Context, parent int, gone chan<- struct{}) {
	ticker := time.NewTicker(parentPoll)
	defer ticker.Stop()
	for os.Getppid() == parent {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
	close(gone)
}

// watchHost closes gone when the node's services at an address are no longer there: for a
// plugin that was started through another process, which may outlive the node.
func watchHost(address string, gone chan<- struct{}) {
	connection, err := grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithIdleTimeout(0), // never: the connection is all that it is for
	)
	if err != nil { // the address is no address: the chain got no services either
		return
	}
	defer connection.Close()
	for reached(connection) {
		connection.WaitForStateChange(context.Background(), connectivity.Ready)
	}
	close(gone)
}

// reached reports whether a connection gets ready in time.
func reached(connection *grpc.ClientConn) bool {
	ctx, cancel := context.WithTimeout(context.Background(), hostTimeout)
	defer cancel()
	for {
		connection.Connect()
		state := connection.GetState()
		if state == connectivity.Ready {
			return true
		}
		if !connection.WaitForStateChange(ctx, state) {
			return false
		}
	}
}
